package dev.recado.testkit.junit;

/**
 * Which way bytes go.
 *
 * @since 0.1.0
 */
public enum Direction {
    /** What clients send. */
    TO_BROKER,
    /** What clients get. */
    TO_CLIENT
}
