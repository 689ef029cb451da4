package dev.recado.core.broker;

import dev.recado.Limits;
import java.util.concurrent.atomic.LongAdder;

/** How much is stored, of each kind. Thread-safe. */
final class Stores {

    final StorageBudget lastValues;
    final StorageBudget history;

    /** Messages that the history of their topic would have had, but for the limit of bytes. */
    final LongAdder historyDropped = new LongAdder();

    Stores(Limits limits) {
        lastValues = new StorageBudget(limits.maxRetainedMessages(), limits.maxRetainedBytes());
        history = new StorageBudget(Long.MAX_VALUE, limits.maxHistoryBytes());
    }
}
