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

    private static final int ABSENT = -1;

    /** Properties, then the payload, from index 0. */
    private ByteBuffer bytes = NO_BYTES;

    private int propertiesLength;
    private int length;
    private QoS qos;
    private long expiresAt;
    private boolean expires;
    private boolean closed;

    /** What {@link #bytes} can hold, in bytes; {@link #ABSENT} when there is no message. Written under the lock. */
    private volatile int room = ABSENT;

    /** The number of the message in the slot, and of the batch that stored it. */
    private long storedAs;

    private long storedBy;

    /** What {@link #store(PublishView, Stores, long, long)} returns instead of a sequence number. */
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
        if (!takesInto(room, newLength)) {
            if (!budget.change(isPresent() ? 0 : 1, newLength - bytes.capacity())) {
                return NO_ROOM;
            }
            bytes = ByteBuffer.allocate(newLength);
            room = newLength;
        }
        message.copyForwardable(bytes.clear());
        propertiesLength = bytes.position();
        bytes.put(propertiesLength, message.buffer(), message.payloadStart(), message.payloadLength());
        expires = message.messageExpiry() >= 0;
        expiresAt = expires ? now + message.messageExpiry() * 1_000_000_000L : 0;
        return stored(message.qos(), newLength, stores, batch);
    }

    /**
     * Whether a message would need no more memory than the slot has already, so that it is sure to find room. It still is when
     * others change the slot meanwhile: see {@link #store(Run, int, Stores, long)}.
     *
     * @param newLength of its properties and payload, in bytes
     */
    boolean takes(int newLength) {
        return takesInto(room, newLength);
    }

    private static boolean takesInto(int room, int newLength) {
        return newLength <= room && room <= newLength + MOST_SLACK;
    }

    /**
     * Keeps a message of a run, for which there {@linkplain #takes was} room when it came. When there is none any more, somebody
     * else has published to this topic, or cleared it, or had it forgotten: then that counts as what came later.
     *
     * @param batch the number of the batch that it came with
     * @return its {@linkplain Stores#nextSequence number}; 0 when it is not kept
     */
    synchronized long store(Run run, int i, Stores stores, long batch) {
        int start = run.propertiesStart(i);
        int newLength = run.payloadEnd(i) - start;
        if (!takesInto(room, newLength)) {
            return 0;
        }
        bytes.put(0, run.buffer(), start, newLength);
        propertiesLength = run.payloadStart(i) - start;
        expires = false;
        return stored(QoS.AT_MOST_ONCE, newLength, stores, batch);
    }

    private long stored(QoS itsQoS, int newLength, Stores stores, long batch) {
        length = newLength;
        qos = itsQoS;
        storedBy = batch;
        storedAs = stores.nextSequence();
        return storedAs;
    }

    /** The number of the message in the slot; 0 when there is none. */
    synchronized long sequence() {
        return isPresent() ? storedAs : 0;
    }

    private boolean isPresent() {
        return room != ABSENT;
    }

    /** Clears the slot for good: what is stored from now on came too late to be found. */
    synchronized void close(StorageBudget budget) {
        clear(budget);
        closed = true;
    }

    private void clear(StorageBudget budget) {
        if (isPresent()) {
            budget.change(-1, -bytes.capacity());
            bytes = NO_BYTES;
            room = ABSENT;
        }
    }

    /** A copy to be sent; null when there is none, or it has expired. */
    synchronized StoredMessage read(Topic topic, StorageBudget budget, long now) {
        if (!isPresent()) {
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
