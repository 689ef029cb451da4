package dev.recado.core.client;

import dev.recado.Message;

/** A message that has arrived, and what acknowledging it takes. */
final class Received {

    private final Message message;

    /** {@code null} at QoS 0. */
    private final AckQueue acks;

    private final int packetId;

    /** Guarded by the queue's lock. */
    private boolean acknowledged;

    Received(Message message, AckQueue acks, int packetId) {
        this.message = message;
        this.acks = acks;
        this.packetId = packetId;
    }

    Message message() {
        return message;
    }

    int packetId() {
        return packetId;
    }

    boolean isAcknowledged() {
        return acknowledged;
    }

    void markAcknowledged() {
        acknowledged = true;
    }

    /** Returns the connection to flush; {@code null} when nothing was written. */
    ClientConnection acknowledge() {
        return acks == null ? null : acks.acknowledge(this);
    }
}
