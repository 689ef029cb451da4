package dev.recado.testkit;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Breaches seen on threads where an assertion would vanish; they fail the test when it ends. Thread-safe. */
final class Violations {

    private static final int MOST = 20;

    private final List<AssertionError> seen = new CopyOnWriteArrayList<>();

    void add(String rule, String message) {
        add(rule, message, null);
    }

    void add(String rule, String message, Throwable cause) {
        if (seen.size() < MOST) {
            seen.add(new AssertionError(rule + ": " + message, cause));
        }
    }

    boolean none() {
        return seen.isEmpty();
    }

    /** Throws the first, with the others suppressed, if there is any. */
    void rethrow() {
        if (!seen.isEmpty()) {
            AssertionError first = seen.get(0);
            seen.subList(1, seen.size()).stream().distinct().forEach(first::addSuppressed);
            throw first;
        }
    }
}
