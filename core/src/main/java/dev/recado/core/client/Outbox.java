package dev.recado.core.client;

import dev.recado.QoS;
import dev.recado.core.session.InFlight;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a publisher has accepted and not finished, in the order accepted. A cursor divides it on each connection: what lies
 * before it was written there, what lies behind is to be written. A new connection sets it to the beginning, so that what the
 * session still knows is sent again under its old identifier, oldest first, before anything new (MQTT-4.4.0-1,
 * MQTT-4.6.0-1). Not thread-safe; without I/O.
 */
final class Outbox {

    private static final int ALL_IDENTIFIERS = 0xFFFF;

    private final int window;
    private final DeliveryQueue deliveries = new DeliveryQueue();
    private long lastSequence;
    private long lastRelease;

    /** The first one that has not been dealt with on this connection. */
    private Delivery cursor;

    /** Of the session, which may outlive its connection. */
    private InFlight<Delivery> inFlight = new InFlight<>(ALL_IDENTIFIERS);

    /**
     * Identifiers of which this session may have been left in the middle of an exchange by an earlier process; {@code null}
     * when there was none.
     */
    private BitSet unknown;

    /** Of this connection: how many may be unacknowledged, and are. */
    private int receiveMaximum = 1;

    private int unacknowledged;

    /** Empty. */
    Outbox(int window) {
        this.window = window;
    }

    boolean hasRoom() {
        return deliveries.size() < window;
    }

    boolean isEmpty() {
        return deliveries.size() == 0;
    }

    int size() {
        return deliveries.size();
    }

    /** Accepts one, behind all others. */
    void add(Delivery delivery) {
        delivery.sequence = ++lastSequence;
        deliveries.addLast(delivery);
        if (cursor == null) {
            cursor = delivery;
        }
    }

    /** The sequence of the one accepted last. */
    long lastSequence() {
        return lastSequence;
    }

    /** Whether all up to this sequence are finished. */
    boolean isFinished(long sequence) {
        return isEmpty() || deliveries.first().sequence > sequence;
    }

    // ---- connections and sessions

    /**
     * A new connection. What is to be sent again will come from {@link #next}, but for what is {@link #released}.
     *
     * @param max the broker's Receive Maximum, which starts anew with each connection (MQTT 5, section 4.9)
     */
    void connected(int max) {
        receiveMaximum = max;
        unacknowledged = (int) released().count();
        cursor = deliveries.first();
    }

    /** The session of the first connection is one that an earlier process has left. */
    void inherited() {
        unknown = new BitSet();
        unknown.set(1, ALL_IDENTIFIERS + 1);
    }

    /** Whose PUBREL is to be sent again, in the order of the first time (MQTT-4.6.0-4). */
    Stream<Delivery> released() {
        return Stream.iterate(deliveries.first(), delivery -> delivery != null, delivery -> delivery.next)
                .filter(delivery -> delivery.state == DeliveryState.RELEASED)
                .sorted(Comparator.comparingLong(delivery -> delivery.release));
    }

    /**
     * The broker has forgotten the session. What was sent at QoS 1 becomes new (MQTT-3.2.2-5), unless nobody waits for it.
     *
     * @param undecided receives what was on its way at QoS 2: it may have arrived, and must not arrive twice
     */
    void sessionLost(DeliveryQueue undecided) {
        inFlight = new InFlight<>(ALL_IDENTIFIERS);
        unknown = null;
        Delivery next;
        for (Delivery delivery = deliveries.first(); delivery != null; delivery = next) {
            next = delivery.next;
            if (delivery.state == DeliveryState.UNSENT) {
                continue;
            }
            delivery.packetId = 0;
            delivery.again = false;
            delivery.state = delivery.state.after(DeliveryState.Event.SESSION_LOST);
            if (delivery.qos == QoS.EXACTLY_ONCE) {
                deliveries.remove(delivery);
                undecided.addLast(delivery);
            } else if (delivery.isDone()) {
                deliveries.remove(delivery);
            }
        }
        cursor = deliveries.first();
    }

    // ---- sending

    /** The next one to be published; {@code null} when there is none, or the broker's Receive Maximum is reached. */
    Delivery next() {
        while (cursor != null && cursor.state == DeliveryState.RELEASED) {
            cursor = cursor.next;
        }
        return cursor != null && cursor.isAcknowledged() && unacknowledged >= receiveMaximum ? null : cursor;
    }

    /** {@link #next} is being published: it gets its packet identifier, or, at QoS 0, is finished. */
    void sendNext() {
        Delivery delivery = cursor;
        cursor = delivery.next;
        if (!delivery.isAcknowledged()) {
            deliveries.remove(delivery);
            return;
        }
        unacknowledged++;
        if (delivery.state == DeliveryState.UNSENT) {
            delivery.packetId = inFlight.add(delivery);
            delivery.state = delivery.state.after(DeliveryState.Event.PUBLISHED);
        } else {
            delivery.again = true;
        }
    }

    /**
     * Whether the broker could take this one, with its identifier, for a repetition of what an earlier process sent. Asked
     * once for each identifier.
     */
    boolean mayBeMistaken(Delivery delivery) {
        if (unknown == null || delivery.qos != QoS.EXACTLY_ONCE || !unknown.get(delivery.packetId)) {
            return false;
        }
        unknown.clear(delivery.packetId);
        return true;
    }

    // ---- acknowledgements

    /** What an identifier stands for; {@code null} when nothing of that identifier is in flight. */
    Delivery inFlight(int packetId) {
        return inFlight.get(packetId);
    }

    /** PUBREC came; its PUBREL is being written. */
    void received(Delivery delivery) {
        if (delivery.state == DeliveryState.SENT) {
            if (!isPast(delivery)) {
                unacknowledged++;
            }
            delivery.release = ++lastRelease;
        }
        delivery.state = delivery.state.after(DeliveryState.Event.RECEIVED);
    }

    /** The acknowledgement came that ends it. */
    void finished(Delivery delivery) {
        inFlight.remove(delivery.packetId);
        if (delivery.state == DeliveryState.RELEASED || isPast(delivery)) {
            unacknowledged--;
        }
        remove(delivery);
    }

    /** Whether it was dealt with on this connection. */
    private boolean isPast(Delivery delivery) {
        return cursor == null || delivery.sequence < cursor.sequence;
    }

    private void remove(Delivery delivery) {
        if (delivery == cursor) {
            cursor = delivery.next;
        }
        deliveries.remove(delivery);
    }

    // ---- giving up

    /** {@link #next} cannot be sent. */
    void giveUpNext() {
        inFlight.remove(cursor.packetId);
        remove(cursor);
    }

    /** Takes one back if it was not sent in this session; what was sent stays until its acknowledgement. */
    void withdraw(Delivery delivery) {
        if (delivery.state == DeliveryState.UNSENT) {
            remove(delivery);
        }
    }

    /**
     * Finds those whose callers have waited long enough. At most one pass over the window each time that a limit is
     * reached.
     *
     * @param expired receives them; those not sent are withdrawn
     * @return the earliest deadline of the rest; {@code now} when there is none
     */
    long expire(long now, List<Delivery> expired) {
        long soonest = Long.MAX_VALUE;
        Delivery next;
        for (Delivery delivery = deliveries.first(); delivery != null; delivery = next) {
            next = delivery.next;
            if (delivery.isDone()) {
                continue;
            }
            long left = delivery.deadline - now;
            if (left <= 0) {
                expired.add(delivery);
                withdraw(delivery);
            } else {
                soonest = Math.min(soonest, left);
            }
        }
        return soonest == Long.MAX_VALUE ? now : now + soonest;
    }

    /** Gives up on all. */
    void moveAllTo(DeliveryQueue target) {
        deliveries.moveTo(target);
        cursor = null;
    }
}
