package dev.recado.core.broker;

import dev.recado.core.codec.PublishView;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;

/**
 * The last messages of one topic, in the order in which they were stored, at most so many. Thread-safe by its own lock, under
 * which only that of the topic's last value is taken.
 */
final class History {

    private final int depth;
    private final ArrayDeque<StoredMessage> messages = new ArrayDeque<>(0);
    private boolean closed;

    History(int depth) {
        this.depth = depth;
    }

    /**
     * Keeps a message, also as last value if it is to be one, and makes it the one that {@code batch.outbound} goes on with.
     * An empty one that clears the last value clears everything.
     *
     * @return {@code false}, and nothing has been done, when there is no room for it as last value
     */
    synchronized boolean store(Batch batch, PublishView message, Topic topic, Stores stores, long now) {
        long sequence =
                message.retain() ? topic.lastValue().store(message, stores, now, batch.number) : stores.nextSequence();
        if (sequence == LastValue.NO_ROOM) {
            return false;
        }
        batch.outbound.begin(message, topic, sequence, batch.number, now);
        if (message.retain() && message.payloadLength() == 0) {
            clear(stores.history);
        } else if (!closed) {
            add(batch, topic, stores);
        }
        return true;
    }

    private void add(Batch batch, Topic topic, Stores stores) {
        StoredMessage message = batch.outbound.stored();
        if (messages.size() == depth) {
            removeOldest(stores.history);
        }
        // Older ones of this topic go first: whatever is kept is without a gap.
        while (!stores.history.change(1, message.size())) {
            stores.historyDropped.increment();
            batch.losses.ofHistory(topic);
            if (messages.isEmpty()) {
                return;
            }
            removeOldest(stores.history);
        }
        messages.addLast(message);
    }

    private void removeOldest(StorageBudget budget) {
        budget.change(-1, -messages.removeFirst().size());
    }

    private void clear(StorageBudget budget) {
        while (!messages.isEmpty()) {
            removeOldest(budget);
        }
    }

    /** Clears it for good: what is stored from now on came too late to be found. */
    synchronized void close(StorageBudget budget) {
        clear(budget);
        closed = true;
    }

    /** Those that were stored with these numbers or between them, oldest first. */
    synchronized List<StoredMessage> between(long first, long last) {
        return messages.stream()
                .dropWhile(message -> message.stored().sequence() < first)
                .takeWhile(message -> message.stored().sequence() <= last)
                .toList();
    }

    /** The number of the oldest of the last ones among those that were stored with this number or before; 0 for none. */
    synchronized long oldestOf(int count, long last) {
        long oldest = 0;
        int found = 0;
        for (Iterator<StoredMessage> newestFirst = messages.descendingIterator();
                newestFirst.hasNext() && found < count; ) {
            long sequence = newestFirst.next().stored().sequence();
            if (sequence <= last) {
                oldest = sequence;
                found++;
            }
        }
        return oldest;
    }
}
