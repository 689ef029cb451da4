package dev.recado.testkit.junit;

/** Which way bytes go. */
public enum Direction {
    /** What clients send. */
    TO_BROKER,
    /** What clients get. */
    TO_CLIENT
}
