package dev.recado.testkit.internal;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * How long the kit waits. What must arrive and what must stay away are different matters: the first bound is long and costs
 * nothing when all is well; the second is waited out every time.
 *
 * @param arrival for what must happen
 * @param silence for what must not happen
 * @param test for one test method altogether
 */
public record Timeouts(Duration arrival, Duration silence, Duration test) {

    public static final String ARRIVAL = "recado.testkit.arrivalTimeoutMillis";
    public static final String SILENCE = "recado.testkit.silenceMillis";
    public static final String TEST = "recado.testkit.testTimeoutMillis";

    /** Reads the settings; {@code lookup} knows JUnit's configuration parameters, which include system properties. */
    public static Timeouts from(Function<String, Optional<String>> lookup) {
        return new Timeouts(
                millis(lookup, ARRIVAL, 10_000), millis(lookup, SILENCE, 150), millis(lookup, TEST, 50_000));
    }

    private static Duration millis(Function<String, Optional<String>> lookup, String name, long otherwise) {
        Optional<String> text = lookup.apply(name);
        if (text.isEmpty()) {
            return Duration.ofMillis(otherwise);
        }
        try {
            long millis = Long.parseLong(text.get());
            if (millis > 0) {
                return Duration.ofMillis(millis);
            }
        } catch (NumberFormatException e) {
            // refused below, like a number that is too small
        }
        throw new IllegalArgumentException(
                name + " must be a positive number of milliseconds, but is '" + text.get() + "'");
    }
}
