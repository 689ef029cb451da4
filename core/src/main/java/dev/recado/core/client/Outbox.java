package dev.recado.core.client;

import dev.recado.core.session.InFlight;

/**
 * What a publisher has accepted and not finished, in the order accepted: first those sent at QoS 1 and not acknowledged,
 * then those to be sent. When the connection is lost the former become the latter, so that they are sent again, oldest
 * first, before anything new. Not thread-safe; without I/O.
 */
final class Outbox {

    private final int window;
    private final DeliveryQueue deliveries = new DeliveryQueue();
    private long lastSequence;

    /** The first one that has not been sent on this connection. */
    private Delivery unsent;

    /** Replaced with each connection. */
    private InFlight<Delivery> inFlight = new InFlight<>(1);

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
        if (unsent == null) {
            unsent = delivery;
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

    /** All will be sent on a new connection. */
    void connected(int receiveMaximum) {
        inFlight = new InFlight<>(receiveMaximum);
    }

    /** Nothing is on its way any more; what nobody waits for is not sent again. */
    void disconnected() {
        Delivery next;
        for (Delivery delivery = deliveries.first(); delivery != unsent; delivery = next) {
            next = delivery.next;
            delivery.packetId = 0;
            delivery.again = true;
            if (delivery.isDone()) {
                deliveries.remove(delivery);
            }
        }
        unsent = deliveries.first();
    }

    /** The next one to be sent; {@code null} when there is none, or the broker's Receive Maximum is reached. */
    Delivery next() {
        return unsent != null && unsent.isAcknowledged() && inFlight.isFull() ? null : unsent;
    }

    /** {@link #next} is being sent: it gets its packet identifier, or, at QoS 0, is finished. */
    void sendNext() {
        Delivery delivery = unsent;
        unsent = delivery.next;
        if (delivery.isAcknowledged()) {
            delivery.packetId = inFlight.add(delivery);
        } else {
            deliveries.remove(delivery);
        }
    }

    /**
     * A PUBACK came.
     *
     * @return what it finished; {@code null} when nothing of that identifier is in flight
     */
    Delivery acknowledged(int packetId) {
        Delivery delivery = inFlight.remove(packetId);
        if (delivery != null) {
            deliveries.remove(delivery);
        }
        return delivery;
    }

    /** Takes one back if it was not sent on this connection; what was sent stays until its acknowledgement. */
    void withdraw(Delivery delivery) {
        if (delivery.packetId != 0) {
            return;
        }
        if (delivery == unsent) {
            unsent = delivery.next;
        }
        deliveries.remove(delivery);
    }

    /**
     * Finds those whose callers have waited long enough. At most one pass over the window each time that a limit is
     * reached.
     *
     * @param expired receives them; those not sent are withdrawn
     * @return the earliest deadline of the rest; {@code now} when there is none
     */
    long expire(long now, java.util.List<Delivery> expired) {
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
        unsent = null;
    }
}
