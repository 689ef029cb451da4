package dev.recado.bench.run;

import dev.recado.bench.broker.BrokerKind;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/** Goes through scenarios, rounds and brokers: every broker has its first round before any has its second. */
final class Run {

    /** Of a curve, in percent: dense where latencies part. */
    private static final List<Double> PERCENTILES = List.of(
            0.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 97.5, 99.0, 99.5, 99.75, 99.9, 99.95, 99.975, 99.99, 99.999);

    private static final double NANOS_A_MICRO = 1_000;

    private final Pace pace;
    private final Set<BrokerKind> brokers;
    private final List<Scenario> scenarios;
    private final PrintStream progress;
    private final int all;
    private final long start = System.nanoTime();
    private int done;

    Run(Pace pace, Set<BrokerKind> brokers, List<Scenario> scenarios, PrintStream progress) {
        this.pace = pace;
        this.brokers = brokers;
        this.scenarios = scenarios;
        this.progress = progress;
        this.all = pace.rounds()
                * scenarios.stream()
                        .mapToInt(scenario -> takingPart(scenario).size())
                        .sum();
    }

    private List<BrokerKind> takingPart(Scenario scenario) {
        return scenario.brokers().stream().filter(brokers::contains).sorted().toList();
    }

    Results go(String name) throws IOException {
        Results results = Results.empty(Machine.here(brokers), name);
        try (Brokers processes = new Brokers()) {
            for (Scenario scenario : scenarios) {
                measure(scenario, processes, results);
            }
        }
        return results;
    }

    private void measure(Scenario scenario, Brokers processes, Results results) {
        Map<BrokerKind, Histogram> latencies = new EnumMap<>(BrokerKind.class);
        for (int round = 0; round < pace.rounds(); round++) {
            for (BrokerKind kind : takingPart(scenario)) {
                Outcome outcome = round(scenario, processes, kind, round);
                outcome.figures().forEach((metric, value) -> results.add(scenario, kind, metric, value));
                if (outcome.latency() != null) {
                    latencies
                            .computeIfAbsent(kind, absent -> new Histogram(outcome.latency()))
                            .add(outcome.latency());
                }
                if (outcome.voidBecause() != null) {
                    results.troubles()
                            .add(new Results.Trouble(
                                    scenario.id(), scenario.title(), kind, round + 1, outcome.voidBecause()));
                }
                report(scenario, kind, round, outcome);
            }
        }
        latencies.forEach((kind, histogram) -> results.curves().add(curve(scenario, kind, histogram)));
    }

    private Outcome round(Scenario scenario, Brokers processes, BrokerKind kind, int round) {
        Outcome outcome;
        try {
            outcome = scenario.measurement().take(processes, kind, pace, round);
        } catch (Exception e) {
            outcome = Outcome.spoilt(String.valueOf(e.getMessage() == null ? e : e.getMessage()));
        }
        if (outcome.voidBecause() != null) {
            // What it still has to deliver must not trouble the next round.
            processes.discard(kind);
        }
        return outcome;
    }

    private static Results.Curve curve(Scenario scenario, BrokerKind kind, Histogram histogram) {
        List<Double> micros = new ArrayList<>();
        PERCENTILES.forEach(share -> micros.add(histogram.getValueAtPercentile(share) / NANOS_A_MICRO));
        return new Results.Curve(scenario.id(), scenario.title(), kind, PERCENTILES, micros);
    }

    private void report(Scenario scenario, BrokerKind kind, int round, Outcome outcome) {
        done++;
        long seconds = (System.nanoTime() - start) / 1_000_000_000;
        String figures = outcome.voidBecause() != null
                ? "void: " + outcome.voidBecause()
                : outcome.figures().entrySet().stream()
                        .map(figure -> "%,.1f %s"
                                .formatted(figure.getValue(), figure.getKey().title()))
                        .collect(Collectors.joining("; "));
        progress.printf(
                "%3d/%d %2d:%02d  %s, round %d, %s: %s%n",
                done, all, seconds / 60, seconds % 60, scenario.title(), round + 1, kind.title(), figures);
    }
}
