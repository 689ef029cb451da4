package dev.recado.core.broker;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.LongFunction;

/**
 * The histories of several topics as one, oldest first over all of them, up to the message that was stored last when it was made:
 * what comes later comes live to a subscription that was there by then.
 *
 * <p>A topic waits as a number, and is read when its turn comes. From then on it holds its messages until they have been sent:
 * read one by one, they would have a gap where newer ones had pushed some out of the history. While more is held than there is
 * room for, no further topic is begun: then, and only then, messages of one topic come after newer ones of others.
 *
 * <p>Made by one thread, used by one at a time.
 */
final class HistoryMerge implements Iterator<LongFunction<StoredMessage>> {

    private final Stores stores;
    private final long mostHeld;
    private final long last;
    private final PriorityQueue<Ahead> ahead;
    private final PriorityQueue<Begun> begun = new PriorityQueue<>();
    private long held;

    /** A topic that is to be read from the message with this number on. */
    private record Ahead(long first, Topic topic) implements Comparable<Ahead> {
        @Override
        public int compareTo(Ahead other) {
            return Long.compare(first, other.first);
        }
    }

    /** What a topic has still to send; never empty while it is in the heap. */
    private record Begun(ArrayDeque<StoredMessage> messages) implements Comparable<Begun> {
        @Override
        public int compareTo(Begun other) {
            return Long.compare(first(), other.first());
        }

        long first() {
            return messages.getFirst().stored().sequence();
        }
    }

    /**
     * Looks at where each topic begins.
     *
     * @param depth how many messages of each topic, 1 or more
     * @param mostHeld bytes beyond which no further topic is begun
     */
    HistoryMerge(List<Topic> topics, int depth, Stores stores, long mostHeld) {
        this.stores = stores;
        this.mostHeld = mostHeld;
        this.last = stores.lastSequence();
        // From a list, not one by one: that takes time in proportion to the number of topics.
        this.ahead = new PriorityQueue<>(topics.stream()
                .map(topic -> new Ahead(topic.oldestStored(depth, last), topic))
                .filter(topic -> topic.first() != 0)
                .toList());
    }

    @Override
    public boolean hasNext() {
        return !ahead.isEmpty() || !begun.isEmpty();
    }

    /** Gives null when a topic has been begun instead, or the message has expired. */
    @Override
    public LongFunction<StoredMessage> next() {
        return this::take;
    }

    private StoredMessage take(long now) {
        if (isTurnOfAnother()) {
            begin(ahead.remove(), now);
            return null;
        }
        Begun topic = begun.remove();
        StoredMessage taken = topic.messages().removeFirst();
        held -= taken.size();
        if (!topic.messages().isEmpty()) {
            begun.add(topic);
        }
        return taken.isExpired(now) ? null : taken;
    }

    private boolean isTurnOfAnother() {
        if (begun.isEmpty()) {
            return true;
        }
        return held <= mostHeld
                && !ahead.isEmpty()
                && ahead.element().first() < begun.element().first();
    }

    private void begin(Ahead next, long now) {
        ArrayDeque<StoredMessage> messages = new ArrayDeque<>(next.topic().stored(next.first(), last, stores, now));
        if (!messages.isEmpty()) {
            messages.forEach(message -> held += message.size());
            begun.add(new Begun(messages));
        }
    }
}
