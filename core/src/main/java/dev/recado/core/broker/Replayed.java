package dev.recado.core.broker;

import dev.recado.QoS;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * What a session got as last values while the same messages may still come to it live: those are left out then, or a
 * subscriber would get them twice. Remembered only as long as that can happen. Guarded by the session's lock.
 */
final class Replayed {

    private record Entry(long sequence, QoS qos) {}

    /** By the bytes of the topic's name, of which there is one array for each topic. */
    private final Map<byte[], Entry> byTopic = new IdentityHashMap<>();

    private long lastBatch = Long.MAX_VALUE;

    void add(StoredMessage sent, QoS qos) {
        byTopic.put(sent.topic(), new Entry(sent.stored().sequence(), qos));
    }

    /** Whether this message, or a later one of its topic, has been sent with at least this QoS. */
    boolean covers(byte[] topic, long sequence, QoS qos) {
        if (sequence == 0) {
            return false;
        }
        Entry entry = byTopic.get(topic);
        return entry != null && sequence <= entry.sequence && qos.value() <= entry.qos.value();
    }

    /** Everything has been sent; what can come live is with the batches up to now. */
    void finish(Batches batches) {
        lastBatch = batches.lastNumber();
    }

    boolean isOver(Batches batches) {
        return batches.finishedUpTo() >= lastBatch;
    }
}
