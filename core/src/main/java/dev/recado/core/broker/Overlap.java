package dev.recado.core.broker;

import dev.recado.QoS;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Messages that can come to a session twice, from the store (as last value, as history) and live: a replay reads a topic when
 * its turn comes, and by then messages may have been stored that the subscription matches already. Each is to come once, and
 * none may be missing. Remembered only as long as there is such a message. Guarded by the session's lock.
 */
final class Overlap {

    /** Where a stored message goes. */
    enum Place {
        /** Before everything that waits. */
        HERE,
        /** Behind it: a message that was stored earlier waits there, perhaps of the same publisher. */
        BEHIND_LIVE,
        /** Nowhere, for it waits itself. */
        NOWHERE
    }

    /** By the number with which they were stored, as below. */
    private final Map<Long, QoS> replayed = new HashMap<>();

    private final TreeMap<Long, QoS> waiting = new TreeMap<>();

    /** The first that waits of each topic, by the bytes of its name, of which there is one array for each topic. */
    private final Map<byte[], Long> firstWaiting = new IdentityHashMap<>();

    private long lastBatch = Long.MAX_VALUE;

    /** A live message begins to wait behind replays. */
    void waits(byte[] topic, long sequence, QoS qos) {
        waiting.merge(sequence, qos, Overlap::higher);
        firstWaiting.merge(topic, sequence, Math::min);
    }

    /**
     * Where a stored message goes that may come live, too.
     *
     * @param isOrdered whether the replay is oldest first over all topics; otherwise only each topic's messages must stay in
     *     order
     */
    Place placeOf(StoredMessage stored, QoS qos, boolean isOrdered) {
        long sequence = stored.stored().sequence();
        Long first = isOrdered ? waiting.isEmpty() ? null : waiting.firstKey() : firstWaiting.get(stored.topic());
        if (first == null || first > sequence) {
            return Place.HERE;
        }
        QoS waits = waiting.get(sequence);
        return waits != null && waits.value() >= qos.value() ? Place.NOWHERE : Place.BEHIND_LIVE;
    }

    /** A stored message has been sent that may still come live. */
    void sent(StoredMessage stored, QoS qos) {
        replayed.merge(stored.stored().sequence(), qos, Overlap::higher);
    }

    /** Whether this live message has been sent from the store, with at least this QoS; 0 stands for one that is not stored. */
    boolean covers(long sequence, QoS qos) {
        QoS sentWith = sequence == 0 ? null : replayed.get(sequence);
        return sentWith != null && qos.value() <= sentWith.value();
    }

    private static QoS higher(QoS one, QoS other) {
        return one.value() >= other.value() ? one : other;
    }

    /** All replays are through; what can come live is with the batches up to now. */
    void finish(Batches batches) {
        waiting.clear();
        firstWaiting.clear();
        lastBatch = batches.lastNumber();
    }

    boolean isOver(Batches batches) {
        return batches.finishedUpTo() >= lastBatch;
    }
}
