package dev.recado.core.client;

import java.time.Duration;

/** Durations as nanoseconds. */
final class Nanos {

    /** Over 100 years, and far enough from overflow to be added to a clock's time. */
    private static final long FOREVER = Long.MAX_VALUE / 2;

    private static final long MAX_SECONDS = 0xFFFF_FFFFL;

    private Nanos() {}

    /** Nanoseconds; what is longer than a century counts as one. */
    static long of(Duration duration) {
        return duration.getSeconds() >= FOREVER / 1_000_000_000L ? FOREVER : duration.toNanos();
    }

    /** Rounded up to what a property in seconds can say. */
    static Duration wholeSeconds(long nanos) {
        long seconds = nanos / 1_000_000_000L + (nanos % 1_000_000_000L == 0 ? 0 : 1);
        return Duration.ofSeconds(Math.min(seconds, MAX_SECONDS));
    }

    /** Refuses what is no time limit. */
    static long ofLimit(String name, Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException(name + " must be positive, but is " + limit);
        }
        return of(limit);
    }
}
