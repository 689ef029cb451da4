package dev.recado.core.broker;

import dev.recado.QoS;
import dev.recado.core.codec.PublishView;
import java.nio.ByteBuffer;

/**
 * A topic's last value: one slot, whose memory is used again by the next message. Thread-safe by its own lock, which is the
 * innermost there is: nothing else is locked while it is held.
 */
final class LastValue {

    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    /** A smaller message reuses the memory of a larger one, unless that would hold on to more than this for nothing. */
    private static final int MOST_SLACK = 4096;

    private boolean present;

    /** Properties, then the payload, from index 0. */
    private ByteBuffer bytes = NO_BYTES;

    private int propertiesLength;
    private int length;
    private QoS qos;
    private long expiresAt;
    private boolean expires;
    private boolean closed;

    /** The number of the message in the slot, and of the batch that stored it. */
    private long storedAs;

    private long storedBy;

    /** What {@link #store} returns instead of a sequence number. */
    static final long NO_ROOM = -1;

    /**
     * Keeps a message; an empty one clears the slot (MQTT-3.3.1-6, -7).
     *
     * @param batch the number of the batch that it came with
     * @return its {@linkplain Stores#nextSequence number}; or {@link #NO_ROOM}
     */
    synchronized long store(PublishView message, Stores stores, long now, long batch) {
        StorageBudget budget = stores.lastValues;
        if (closed || message.payloadLength() == 0) {
            clear(budget);
            return stores.nextSequence();
        }
        int newLength = message.forwardableLength() + message.payloadLength();
        if (!budget.change(present ? 0 : 1, newLength - (present ? length : 0))) {
            return NO_ROOM;
        }
        if (bytes.capacity() < newLength || bytes.capacity() > newLength + MOST_SLACK) {
            bytes = ByteBuffer.allocate(newLength);
        }
        message.copyForwardable(bytes.clear());
        propertiesLength = bytes.position();
        bytes.put(propertiesLength, message.buffer(), message.payloadStart(), message.payloadLength());
        length = newLength;
        qos = message.qos();
        expires = message.messageExpiry() >= 0;
        expiresAt = expires ? now + message.messageExpiry() * 1_000_000_000L : 0;
        present = true;
        storedBy = batch;
        storedAs = stores.nextSequence();
        return storedAs;
    }

    /** The number of the message in the slot; 0 when there is none. */
    synchronized long sequence() {
        return present ? storedAs : 0;
    }

    /** Clears the slot for good: what is stored from now on came too late to be found. */
    synchronized void close(StorageBudget budget) {
        clear(budget);
        closed = true;
    }

    private void clear(StorageBudget budget) {
        if (present) {
            budget.change(-1, -length);
            present = false;
            bytes = NO_BYTES;
        }
    }

    /** A copy to be sent; null when there is none, or it has expired. */
    synchronized StoredMessage read(Topic topic, StorageBudget budget, long now) {
        if (!present) {
            return null;
        }
        if (expires && expiresAt - now <= 0) {
            clear(budget);
            return null;
        }
        byte[] copy = new byte[length];
        bytes.get(0, copy);
        return new StoredMessage(
                topic.utf8,
                qos,
                true,
                copy,
                propertiesLength,
                expires,
                expiresAt,
                new StoredMessage.Stamp(storedAs, storedBy));
    }
}
