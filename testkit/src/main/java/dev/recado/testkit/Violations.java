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
        add(new AssertionError(rule + ": " + message, cause));
    }

    /** Adds a failure whose message cites its rule already. */
    void add(AssertionError failure) {
        if (seen.size() < MOST) {
            seen.add(failure);
        }
    }

    /** Throws the first, with the others suppressed, if there is any. */
    void rethrow() {
        if (!seen.isEmpty()) {
            AssertionError first = seen.get(0);
            seen.stream().filter(other -> other != first).forEach(first::addSuppressed);
            throw first;
        }
    }
}
