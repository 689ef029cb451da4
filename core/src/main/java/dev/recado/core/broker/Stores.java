package dev.recado.core.broker;

import dev.recado.Limits;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** How much is stored, of each kind. Thread-safe. */
final class Stores {

    final StorageBudget lastValues;
    final StorageBudget history;

    /** Messages that the history of their topic would have had, but for the limit of bytes. */
    final LongAdder historyDropped = new LongAdder();

    private final AtomicLong lastSequence = new AtomicLong();

    Stores(Limits limits) {
        lastValues = new StorageBudget(limits.maxRetainedMessages(), limits.maxRetainedBytes());
        history = new StorageBudget(Long.MAX_VALUE, limits.maxHistoryBytes());
    }

    /**
     * The number of the next message that is stored, from 1. Whoever asks holds the lock of the topic's store: then a topic's
     * messages have their numbers in the order in which they are kept, and in one order with those of all other topics.
     */
    long nextSequence() {
        return lastSequence.incrementAndGet();
    }

    /** The number of the message that was stored last; it may not be found yet while its topic's lock is held. */
    long lastSequence() {
        return lastSequence.get();
    }
}
