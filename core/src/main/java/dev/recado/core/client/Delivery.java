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

    /** Encoded, from position to limit; {@code null} for none. */
    final ByteBuffer properties;

    /** Seconds; -1: none. */
    final long expiry;

    /** Bytes of the whole PUBLISH. */
    final int size;

    /** On the client's clock: when its caller stops waiting. */
    final long deadline;

    // What follows is guarded by the client's lock.

    /** Its place among all deliveries, from 1. */
    long sequence;

    /** Not 0: sent at QoS 1 on the current connection. */
    int packetId;

    /** Sent on an earlier connection. */
    boolean again;

    /** How {@link #finish} completes it. */
    RuntimeException failure;

    /** In whichever {@link DeliveryQueue} it is. */
    Delivery previous;

    Delivery next;

    Delivery(
            byte[] topicUtf8,
            ByteBuffer payload,
            QoS qos,
            ByteBuffer properties,
            long expiry,
            int size,
            long deadline) {
        this.topicUtf8 = topicUtf8;
        this.payload = payload;
        this.qos = qos;
        this.properties = properties;
        this.expiry = expiry;
        this.size = size;
        this.deadline = deadline;
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
