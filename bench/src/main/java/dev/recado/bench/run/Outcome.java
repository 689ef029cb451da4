package dev.recado.bench.run;

import java.util.EnumMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What one broker did in one round.
 *
 * @param latency in nanoseconds; null where none was measured
 * @param voidBecause why the figures do not count; null when they do
 */
record Outcome(Map<Metric, Double> figures, Histogram latency, String voidBecause) {

    static Outcome of(Metric metric, double value) {
        return new Outcome(new EnumMap<>(Map.of(metric, value)), null, null);
    }

    static Outcome spoilt(String why) {
        return new Outcome(Map.of(), null, why);
    }

    Outcome and(Metric metric, double value) {
        Map<Metric, Double> more = new EnumMap<>(Metric.class);
        more.putAll(figures);
        more.put(metric, value);
        return new Outcome(more, latency, voidBecause);
    }

    /** Whoever has lost a message has not done what the figures say. */
    Outcome unlessLost(long lost, long due) {
        return lost == 0 ? this : spoilt("%,d of %,d messages lost".formatted(lost, due));
    }
}
