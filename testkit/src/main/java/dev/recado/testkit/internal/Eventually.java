package dev.recado.testkit.internal;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition, bounded in time. */
public final class Eventually {

    private static final long POLL_NANOS = 500_000;

    private Eventually() {}

    /** Whether the condition became true in time. An interrupt (the test has run out of time) ends the wait. */
    public static boolean holds(Duration bound, BooleanSupplier condition) {
        long deadline = System.nanoTime() + bound.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) {
                return condition.getAsBoolean();
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }
}
