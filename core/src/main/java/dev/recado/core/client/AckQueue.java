package dev.recado.core.client;

import dev.recado.Message;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketType;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The messages that a subscriber has received and whose exchange is not over. In whatever order they are handled, PUBACKs and
 * PUBRECs go out in the order in which the messages came (MQTT-4.6.0-2, MQTT-4.6.0-3): one waits for those before it.
 *
 * <p>With a connection, what came at QoS 1 is forgotten: the broker sends it again if it keeps the session. What came at
 * QoS 2 is remembered by its identifier until its PUBREL comes (MQTT-4.3.3-10), for as long as the broker keeps the session:
 * when it comes again, it is answered and not handed out again.
 *
 * <p>Thread-safe; bounded by the Receive Maximum that was announced.
 */
final class AckQueue {

    private static final int MAX_ACK_SIZE = 5;

    private final int receiveMaximum;
    private final ReentrantLock lock = new ReentrantLock();

    /** Of the current connection, in the order of their arrival; what came twice stands there twice. */
    private final ArrayDeque<Received> waiting = new ArrayDeque<>();

    /** Of the session: what came at QoS 2, by packet identifier. */
    private final Map<Integer, Received> exactlyOnce = new HashMap<>();

    /** Those to be acknowledged by hand; {@code null} when that is not done. */
    private final Map<Message, Received> byMessage;

    private final ByteBuffer packet = ByteBuffer.allocate(MAX_ACK_SIZE);

    private ClientConnection connection;

    /** How many the broker counts against the Receive Maximum. */
    private int unfinished;

    // Of the current connection.
    private long received;
    private long finished;

    AckQueue(int receiveMaximum, boolean manual) {
        this.receiveMaximum = receiveMaximum;
        this.byMessage = manual ? new IdentityHashMap<>() : null;
    }

    /** Acknowledgements go to this connection from now on. */
    void connected(ClientConnection next, boolean sessionPresent) {
        lock.lock();
        try {
            connection = next;
            waiting.clear();
            if (!sessionPresent) {
                exactlyOnce.clear();
            }
            if (byMessage != null) {
                byMessage.values().removeIf(each -> exactlyOnce.get(each.packetId()) != each);
            }
            unfinished = exactlyOnce.size();
            received = 0;
            finished = 0;
        } finally {
            lock.unlock();
        }
    }

    // ---- arrival

    /**
     * Whether this is a message at QoS 2 that has come before. Then it is answered again, when it is its turn.
     *
     * @return {@code false}: it is new
     */
    boolean isRepeated(int packetId) {
        lock.lock();
        try {
            Received before = exactlyOnce.get(packetId);
            if (before == null) {
                return false;
            }
            waiting.addLast(before);
            answerThoseDue();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * A new message came at QoS 1 or 2.
     *
     * @return {@code null} when the broker sent more than it may (MQTT-3.3.4-9)
     */
    Received add(Message message, QoS qos, int packetId) {
        lock.lock();
        try {
            if (unfinished == receiveMaximum) {
                return null;
            }
            unfinished++;
            received++;
            Received arrived = new Received(message, qos, packetId);
            waiting.addLast(arrived);
            if (qos == QoS.EXACTLY_ONCE) {
                exactlyOnce.put(packetId, arrived);
            }
            if (byMessage != null) {
                byMessage.put(message, arrived);
            }
            return arrived;
        } finally {
            lock.unlock();
        }
    }

    /**
     * PUBREL came: answers it with PUBCOMP, and forgets the identifier.
     *
     * @return {@code false} when it is too early: its message has not been answered yet
     */
    boolean release(int packetId) {
        lock.lock();
        try {
            Received released = exactlyOnce.get(packetId);
            if (released != null && released.state != Received.State.ANSWERED) {
                return false;
            }
            if (released != null) {
                exactlyOnce.remove(packetId);
                finish();
            }
            write(
                    PacketType.PUBCOMP,
                    packetId,
                    released != null ? ReasonCode.SUCCESS : ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
            return true;
        } finally {
            lock.unlock();
        }
    }

    // ---- acknowledging

    /** By hand. Returns the connection to flush; {@code null} when nothing was written. */
    ClientConnection acknowledge(Message message) {
        lock.lock();
        try {
            Received arrived = byMessage.remove(message);
            return arrived == null ? null : acknowledge(arrived);
        } finally {
            lock.unlock();
        }
    }

    /** It was handled. Returns the connection to flush; {@code null} when nothing was written. */
    ClientConnection acknowledge(Received arrived) {
        if (arrived.qos() == QoS.AT_MOST_ONCE) {
            return null;
        }
        lock.lock();
        try {
            arrived.state = arrived.state.after(Received.State.Event.HANDLED);
            return answerThoseDue() ? connection : null;
        } finally {
            lock.unlock();
        }
    }

    private boolean answerThoseDue() {
        boolean wrote = false;
        while (!waiting.isEmpty() && waiting.peekFirst().state != Received.State.WAITING) {
            Received due = waiting.pollFirst();
            if (due.qos() == QoS.EXACTLY_ONCE) {
                write(PacketType.PUBREC, due.packetId(), ReasonCode.SUCCESS);
            } else {
                write(PacketType.PUBACK, due.packetId(), ReasonCode.SUCCESS);
                finish();
            }
            due.state = due.state.after(Received.State.Event.ANSWERED);
            wrote = true;
        }
        return wrote;
    }

    private void finish() {
        unfinished--;
        finished++;
    }

    private void write(PacketType type, int packetId, ReasonCode code) {
        PacketEncoder.encodeAck(packet.clear(), connection.version(), type, packetId, code);
        connection.write(packet.flip());
    }

    // ---- the barrier

    /** How many exchanges have ended on this connection. */
    long finished() {
        lock.lock();
        try {
            return finished;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether the broker may have held messages back for its Receive Maximum when it answered a PINGREQ. Both directions keep
     * their order: what came before the answer was sent before it, and what was acknowledged before the question was known.
     *
     * @param finishedBefore {@link #finished} when the PINGREQ was written
     */
    boolean wasFull(long finishedBefore) {
        lock.lock();
        try {
            return received - finishedBefore >= receiveMaximum;
        } finally {
            lock.unlock();
        }
    }
}
