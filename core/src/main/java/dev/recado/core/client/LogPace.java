package dev.recado.core.client;

import java.util.concurrent.atomic.AtomicLong;

/** Lets one log line a second through. Thread-safe. */
final class LogPace {

    private static final long INTERVAL_NANOS = 1_000_000_000;

    private final AtomicLong last;

    /** The first one is due. */
    LogPace(long now) {
        last = new AtomicLong(now - INTERVAL_NANOS);
    }

    boolean isDue(long now) {
        long before = last.get();
        return now - before >= INTERVAL_NANOS && last.compareAndSet(before, now);
    }
}
