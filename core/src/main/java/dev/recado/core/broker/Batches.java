package dev.recado.core.broker;

import java.util.ArrayDeque;

/** Lends {@link Batch}es, as many as threads work at a time, and counts what was done with them. Thread-safe. */
final class Batches {

    private static final int MOST_IDLE = 64;

    private final Counters counters;
    private final ArrayDeque<Batch> idle = new ArrayDeque<>();

    Batches(Counters counters) {
        this.counters = counters;
    }

    Batch take() {
        synchronized (idle) {
            Batch batch = idle.pollLast();
            if (batch != null) {
                return batch;
            }
        }
        return new Batch();
    }

    /** Flushes a batch and takes it back. */
    void finish(Batch batch) {
        // Counted first: whoever sees an acknowledgement finds its message in the statistics.
        counters.add(batch);
        batch.flush();
        synchronized (idle) {
            if (idle.size() < MOST_IDLE) {
                idle.addLast(batch);
            }
        }
    }
}
