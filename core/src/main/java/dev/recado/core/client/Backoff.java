package dev.recado.core.client;

import dev.recado.Reconnect;
import java.util.random.RandomGenerator;

/** How long a client waits before it tries again: {@link Reconnect}'s rule. */
final class Backoff {

    /** Enough doublings to pass any maximum; more would overflow. */
    private static final int MAX_DOUBLINGS = 62;

    private Backoff() {}

    /**
     * The pause before an attempt.
     *
     * @param attempt 1 for the first
     * @return nanoseconds: {@code initialDelay * 2^(attempt-1)}, at most {@code maxDelay}, less up to half of it
     */
    static long pauseNanos(Reconnect policy, int attempt, RandomGenerator random) {
        long initial = Nanos.of(policy.initialDelay());
        long max = Nanos.of(policy.maxDelay());
        int doublings = Math.min(attempt - 1, MAX_DOUBLINGS);
        long full = initial > max >> doublings ? max : initial << doublings;
        return full - random.nextLong(full / 2 + 1);
    }
}
