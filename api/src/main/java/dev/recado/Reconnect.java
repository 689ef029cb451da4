package dev.recado;

import java.time.Duration;

/**
 * When a client that lost its connection tries again. Before attempt n it waits {@code initialDelay * 2^(n-1)}, at most
 * {@code maxDelay}, shortened at random by up to half so that a thousand clients do not come back at the same moment.
 *
 * @param initialDelay before the first attempt; positive
 * @param maxDelay not under {@code initialDelay}
 * @param maxAttempts attempts for each lost connection, after which the client is closed; 0 for never reconnecting
 * @since 0.1.0
 */
public record Reconnect(Duration initialDelay, Duration maxDelay, int maxAttempts) {

    private static final Reconnect DEFAULTS =
            new Reconnect(Duration.ofMillis(100), Duration.ofSeconds(30), Integer.MAX_VALUE);
    private static final Reconnect NEVER = new Reconnect(Duration.ofMillis(1), Duration.ofMillis(1), 0);

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException when they are not as described
     */
    public Reconnect {
        if (initialDelay.isNegative() || initialDelay.isZero() || maxDelay.compareTo(initialDelay) < 0) {
            throw new IllegalArgumentException(
                    "delays must satisfy 0 < initialDelay <= maxDelay, but are " + initialDelay + " and " + maxDelay);
        }
        if (maxAttempts < 0) {
            throw new IllegalArgumentException("maxAttempts must not be negative, but is " + maxAttempts);
        }
    }

    /**
     * Tries for as long as the client is open.
     *
     * @return 100 milliseconds at first, at most 30 seconds
     */
    public static Reconnect defaults() {
        return DEFAULTS;
    }

    /**
     * Does not try: a lost connection closes the client.
     *
     * @return no attempts
     */
    public static Reconnect never() {
        return NEVER;
    }

    /**
     * The same delays, with an end.
     *
     * @param attempts attempts for each lost connection
     * @return a changed copy
     */
    public Reconnect withMaxAttempts(int attempts) {
        return new Reconnect(initialDelay, maxDelay, attempts);
    }
}
