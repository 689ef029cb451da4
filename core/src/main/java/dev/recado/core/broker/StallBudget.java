package dev.recado.core.broker;

import java.time.Duration;

/** For how long one publishing connection may still be paused in the current second. Not thread-safe. */
final class StallBudget {

    private static final long WINDOW = Duration.ofSeconds(1).toNanos();

    private final long limit;
    private long windowStart;
    private long used;

    StallBudget(Duration limit, long now) {
        this.limit = limit.toNanos();
        this.windowStart = now;
    }

    /** Nanoseconds left. */
    long remaining(long now) {
        if (now - windowStart >= WINDOW) {
            windowStart = now;
            used = 0;
        }
        return Math.max(0, limit - used);
    }

    /** Takes off what a pause took. */
    void use(long nanos) {
        used += nanos;
    }
}
