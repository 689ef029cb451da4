package dev.recado.core.broker;

import dev.recado.QoS;
import dev.recado.core.codec.PacketType;
import dev.recado.core.session.InFlight;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The messages of one session that were sent with a packet identifier and are not finished: holds to the Receive Maximum of the
 * client's current connection (MQTT-3.3.4-9), and knows what that connection is owed of what earlier ones left (MQTT-4.4.0-1).
 * Guarded by the session's lock.
 */
final class Unfinished {

    private static final int MOST_IDENTIFIERS = 0xFFFF;

    private final InFlight<Unacknowledged> inFlight = new InFlight<>(MOST_IDENTIFIERS);
    private long sequence;
    private int receiveMaximum;

    /** How many were sent on this connection. */
    private int sentHere;

    /** Those that are to be sent again, in their order. */
    private final ArrayDeque<Unacknowledged> owed = new ArrayDeque<>(0);

    Unfinished(int receiveMaximum) {
        this.receiveMaximum = receiveMaximum;
    }

    /** A new connection has taken the place of the last. */
    void connected(int itsReceiveMaximum) {
        receiveMaximum = itsReceiveMaximum;
        sentHere = 0;
        owed.clear();
        inOrder().forEach(message -> {
            message.sent = false;
            owed.addLast(message);
        });
    }

    private List<Unacknowledged> inOrder() {
        List<Unacknowledged> messages = new ArrayList<>(inFlight.size());
        inFlight.forEach(messages::add);
        messages.sort(Comparator.comparingLong(message -> message.sequence));
        return messages;
    }

    boolean isWindowFull() {
        return sentHere >= receiveMaximum || inFlight.isFull();
    }

    boolean isEmpty() {
        return inFlight.size() == 0;
    }

    /**
     * Gives a message that is sent its packet identifier.
     *
     * @param kept what would have to be sent again; null when no other connection will follow
     */
    int add(QoS qos, Waiting kept) {
        Unacknowledged message =
                kept == null ? Unacknowledged.forgetful(qos) : Unacknowledged.keeping(kept, ++sequence);
        int packetId = inFlight.add(message);
        if (kept != null) {
            // The others share one object, which nobody must write.
            message.packetId = packetId;
        }
        sentHere++;
        return packetId;
    }

    // ---- What is owed to the connection ----

    boolean owesNothing() {
        return owed.isEmpty();
    }

    /** What is to be sent next; null when nothing is. Acknowledgements for earlier connections may have finished some. */
    Unacknowledged nextOwed() {
        Unacknowledged next = owed.peekFirst();
        while (next != null && inFlight.get(next.packetId) != next) {
            owed.removeFirst();
            next = owed.peekFirst();
        }
        return next;
    }

    /** The next one has been sent. */
    void sentNextOwed() {
        owed.removeFirst().sent = true;
        sentHere++;
    }

    /** The next one is given up. */
    void dropNextOwed() {
        inFlight.remove(owed.removeFirst().packetId);
    }

    // ---- Answers of the client ----

    /** Returns the stage that the message is at now; null when the answer belongs to none. */
    DeliveryStage acknowledged(PacketType answer, int packetId, boolean error) {
        Unacknowledged message = inFlight.get(packetId);
        DeliveryStage next = message == null ? null : message.stage().after(answer, error);
        if (next == DeliveryStage.DONE) {
            inFlight.remove(packetId);
            if (message.sent) {
                sentHere--;
            }
        } else if (next != null) {
            inFlight.replace(packetId, message.at(next));
        }
        return next;
    }

    // ---- The end ----

    /** Those of a shared subscription that another member may get: not QoS 2, which may be taken already (MQTT-4.8.2-5). */
    List<Waiting> forOthers() {
        return inOrder().stream()
                .map(Unacknowledged::delivery)
                .filter(delivery -> delivery != null && delivery.group() != null)
                .filter(delivery -> delivery.qos() == QoS.AT_LEAST_ONCE)
                .toList();
    }
}
