package dev.recado.core.client;

import dev.recado.QoS;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * A message on its way to the broker, and the caller's future of it in the same object. The future may be completed early,
 * by its owner or by a time limit: that ends the waiting, not the delivery.
 */
final class Delivery extends CompletableFuture<Void> {

    final byte[] topicUtf8;
    final ByteBuffer payload;
    final QoS qos;

    /** Whether it becomes its topic's last value. */
    final boolean retain;

    /** Encoded, from position to limit; {@code null} for none. */
    final ByteBuffer properties;

    /** Seconds; -1: none. */
    final long expiry;

    /** Bytes of the whole PUBLISH, its topic written out. */
    final int size;

    /** On the client's clock: when it was accepted. */
    final long accepted;

    /** On the client's clock: when its caller stops waiting. */
    final long deadline;

    // What follows is guarded by the client's lock.

    /** Its place among all deliveries, from 1. */
    long sequence;

    DeliveryState state = DeliveryState.UNSENT;

    /** In the session; 0 before it is sent, and at QoS 0. */
    int packetId;

    /** Sent on an earlier connection of the session. */
    boolean again;

    /** Its place among all that were released. */
    long release;

    /** The broker took it and had nobody to give it to. Set before it is completed. */
    boolean unmatched;

    /** How {@link #finish} completes it. */
    RuntimeException failure;

    /** In whichever {@link DeliveryQueue} it is. */
    Delivery previous;

    Delivery next;

    Delivery(
            byte[] topicUtf8,
            ByteBuffer payload,
            QoS qos,
            boolean retain,
            ByteBuffer properties,
            long expiry,
            int size,
            long accepted,
            long deadline) {
        this.topicUtf8 = topicUtf8;
        this.payload = payload;
        this.qos = qos;
        this.retain = retain;
        this.properties = properties;
        this.expiry = expiry;
        this.size = size;
        this.accepted = accepted;
        this.deadline = deadline;
    }

    /**
     * What is left of its expiry.
     *
     * @return whole seconds, 0 when it is over; -1 when it has none
     */
    long expiryLeft(long now) {
        return expiry < 0 ? -1 : Math.max(0, expiry - secondsWaited(now));
    }

    /** Whether it expired while it waited here. One that nobody need wait for, with an expiry of 0, has its chance. */
    boolean hasExpired(long now) {
        long waited = secondsWaited(now);
        return expiry >= 0 && waited > 0 && waited >= expiry;
    }

    private long secondsWaited(long now) {
        return (now - accepted) / 1_000_000_000L;
    }

    boolean isAcknowledged() {
        return qos != QoS.AT_MOST_ONCE;
    }

    /** Completes the future; runs what the caller attached to it, so never under a lock. */
    void finish() {
        if (failure == null) {
            complete(null);
        } else {
            completeExceptionally(failure);
        }
    }
}
