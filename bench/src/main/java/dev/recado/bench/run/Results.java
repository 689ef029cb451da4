package dev.recado.bench.run;

import dev.recado.bench.broker.BrokerKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What a run has found, as it is kept in results.json; a report is drawn from this alone. */
public record Results(Machine machine, String pace, List<Series> series, List<Curve> curves, List<Trouble> troubles) {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** One broker's figures in one scenario, a value for each round. */
    public record Series(String scenario, String title, BrokerKind broker, Metric metric, List<Double> rounds) {

        public double median() {
            return at(0.5);
        }

        public double lowest() {
            return at(0);
        }

        public double highest() {
            return at(1);
        }

        private double at(double share) {
            List<Double> sorted = rounds.stream().sorted().toList();
            double index = share * (sorted.size() - 1);
            double below = sorted.get((int) Math.floor(index));
            double above = sorted.get((int) Math.ceil(index));
            return (below + above) / 2;
        }
    }

    /**
     * One broker's latency in one scenario, all rounds together.
     *
     * @param percentiles 0 to 100
     * @param micros as many
     */
    public record Curve(
            String scenario, String title, BrokerKind broker, List<Double> percentiles, List<Double> micros) {}

    /** A round whose figures do not count, or that never came to any. */
    public record Trouble(String scenario, String title, BrokerKind broker, int round, String why) {}

    public static Results empty(Machine machine, String pace) {
        return new Results(machine, pace, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    void add(Scenario scenario, BrokerKind broker, Metric metric, double value) {
        Series known = series.stream()
                .filter(one -> one.scenario.equals(scenario.id()) && one.broker == broker && one.metric == metric)
                .findFirst()
                .orElse(null);
        if (known == null) {
            known = new Series(scenario.id(), scenario.title(), broker, metric, new ArrayList<>());
            series.add(known);
        }
        known.rounds.add(value);
    }

    public void write(Path file) throws IOException {
        Files.writeString(file, JSON.writeValueAsString(this) + "\n");
    }

    public static Results read(Path file) throws IOException {
        return JSON.readValue(Files.readString(file), Results.class);
    }
}
