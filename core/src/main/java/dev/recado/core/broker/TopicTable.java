package dev.recado.core.broker;

import dev.recado.core.codec.NameBytes;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/**
 * Topics by their names' bytes: a hash table with open addressing. Among many topics, each message's is found in memory that no
 * message has touched for long, and a map of the JDK would have it go through two or three more objects.
 *
 * <p>Finding takes no lock and allocates nothing. It finds each topic that is there throughout, and may or may not find one that
 * comes or goes meanwhile. Changes are for the caller to keep apart.
 */
final class TopicTable {

    private static final int FIRST_SLOTS = 16;

    /** Where a topic was that has gone: those that had to make way for it are still behind. Is never found. */
    private static final Topic GONE = new Topic("", 0);

    /** Odd, and secret: see {@link NameBytes#hash}. */
    private final long secret = ThreadLocalRandom.current().nextLong() | 1;

    /** A power of two of them, at least half of them null. */
    private volatile AtomicReferenceArray<Topic> slots = new AtomicReferenceArray<>(FIRST_SLOTS);

    /** Those that are not null. */
    private int used;

    private volatile int size;

    int size() {
        return size;
    }

    /** How much memory it takes, in references. */
    int slots() {
        return slots.length();
    }

    /** The topic with this name; null when there is none. */
    Topic find(ByteBuffer buffer, int start, int length) {
        AtomicReferenceArray<Topic> current = slots;
        int mask = current.length() - 1;
        int i = NameBytes.hash(buffer, start, length, secret) & mask;
        for (Topic topic; (topic = current.get(i)) != null; i = i + 1 & mask) {
            if (topic != GONE && topic.isCalled(buffer, start, length)) {
                return topic;
            }
        }
        return null;
    }

    Topic find(byte[] name) {
        return find(ByteBuffer.wrap(name), 0, name.length);
    }

    /** Adds a topic whose name is not there. */
    void add(Topic topic) {
        if (used >= slots.length() / 2) {
            // Those that have gone may have been so many that it need not grow. At least an eighth of the slots is left
            // for those that come, or each of them would have the table built anew.
            rebuild(Math.max(FIRST_SLOTS, Integer.highestOneBit(size + size / 3) * 4));
        }
        put(slots, topic);
        used++;
        size++;
    }

    void remove(Topic topic) {
        AtomicReferenceArray<Topic> current = slots;
        int mask = current.length() - 1;
        int i = firstSlot(topic, mask);
        for (Topic found; (found = current.get(i)) != null; i = i + 1 & mask) {
            if (found == topic) {
                current.set(i, GONE);
                size--;
                return;
            }
        }
    }

    void forEach(Consumer<? super Topic> visitor) {
        AtomicReferenceArray<Topic> current = slots;
        for (int i = 0; i < current.length(); i++) {
            Topic topic = current.get(i);
            if (topic != null && topic != GONE) {
                visitor.accept(topic);
            }
        }
    }

    private void rebuild(int newSlots) {
        AtomicReferenceArray<Topic> rebuilt = new AtomicReferenceArray<>(newSlots);
        forEach(topic -> put(rebuilt, topic));
        used = size;
        slots = rebuilt;
    }

    private void put(AtomicReferenceArray<Topic> into, Topic topic) {
        int mask = into.length() - 1;
        int i = firstSlot(topic, mask);
        while (into.get(i) != null) {
            i = i + 1 & mask;
        }
        into.set(i, topic);
    }

    private int firstSlot(Topic topic, int mask) {
        return NameBytes.hash(ByteBuffer.wrap(topic.utf8), 0, topic.utf8.length, secret) & mask;
    }
}
