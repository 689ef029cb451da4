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

    // By the bytes of the topic's name, of which there is one array for each topic; then by sequence number.

    private final Map<byte[], Map<Long, QoS>> replayed = new IdentityHashMap<>();
    private final Map<byte[], TreeMap<Long, QoS>> waiting = new IdentityHashMap<>();

    private long lastBatch = Long.MAX_VALUE;

    /** A live message begins to wait behind replays. */
    void waits(byte[] topic, long sequence, QoS qos) {
        waiting.computeIfAbsent(topic, any -> new TreeMap<>()).merge(sequence, qos, Overlap::higher);
    }

    /** Where a stored message goes that may come live, too. */
    Place placeOf(StoredMessage stored, QoS qos) {
        TreeMap<Long, QoS> live = waiting.get(stored.topic());
        long sequence = stored.stored().sequence();
        if (live == null || live.firstKey() > sequence) {
            return Place.HERE;
        }
        QoS waits = live.get(sequence);
        return waits != null && waits.value() >= qos.value() ? Place.NOWHERE : Place.BEHIND_LIVE;
    }

    /** A stored message has been sent that may still come live. */
    void sent(StoredMessage stored, QoS qos) {
        replayed.computeIfAbsent(stored.topic(), any -> new HashMap<>())
                .merge(stored.stored().sequence(), qos, Overlap::higher);
    }

    /** Whether this live message has been sent from the store, with at least this QoS. */
    boolean covers(byte[] topic, long sequence, QoS qos) {
        Map<Long, QoS> sent = sequence == 0 ? null : replayed.get(topic);
        QoS sentWith = sent == null ? null : sent.get(sequence);
        return sentWith != null && qos.value() <= sentWith.value();
    }

    private static QoS higher(QoS one, QoS other) {
        return one.value() >= other.value() ? one : other;
    }

    /** All replays are through; what can come live is with the batches up to now. */
    void finish(Batches batches) {
        waiting.clear();
        lastBatch = batches.lastNumber();
    }

    boolean isOver(Batches batches) {
        return batches.finishedUpTo() >= lastBatch;
    }
}
