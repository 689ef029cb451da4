package dev.recado.core.broker;

import dev.recado.Limits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Lends {@link Batch}es, as many as threads work at a time, and counts what was done with them. Numbers them in the order in
 * which they were lent, so that somebody can know that whatever was under way at some moment is over. Thread-safe.
 */
final class Batches {

    private static final int MOST_IDLE = 64;

    private final Counters counters;
    private final WarnLog warnings;
    private final Limits limits;
    private final ArrayDeque<Batch> idle = new ArrayDeque<>();

    /** Those that are lent; few, as threads are. */
    private final List<Batch> lent = new ArrayList<>();

    private long lastNumber;

    Batches(Counters counters, WarnLog warnings, Limits limits) {
        this.counters = counters;
        this.warnings = warnings;
        this.limits = limits;
    }

    Batch take() {
        synchronized (idle) {
            Batch batch = idle.pollLast();
            if (batch == null) {
                batch = new Batch();
            }
            batch.number = ++lastNumber;
            lent.add(batch);
            return batch;
        }
    }

    /** Flushes a batch and takes it back. */
    void finish(Batch batch) {
        // Counted first: whoever sees an acknowledgement finds its message in the statistics.
        counters.add(batch);
        batch.flush();
        batch.losses.tell(warnings, limits);
        synchronized (idle) {
            lent.remove(batch);
            if (idle.size() < MOST_IDLE) {
                idle.addLast(batch);
            }
        }
    }

    /** The number of the batch that was lent last. */
    long lastNumber() {
        synchronized (idle) {
            return lastNumber;
        }
    }

    /** The highest number such that no batch up to it is still at work. */
    long finishedUpTo() {
        synchronized (idle) {
            long finished = lastNumber;
            for (int i = 0; i < lent.size(); i++) {
                finished = Math.min(finished, lent.get(i).number - 1);
            }
            return finished;
        }
    }
}
