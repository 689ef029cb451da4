package dev.recado.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.bench.broker.BrokerKind;
import dev.recado.bench.run.Machine;
import dev.recado.bench.run.Metric;
import dev.recado.bench.run.Results;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    private final Results results = new Results(
            new Machine("2026-01-01T00:00:00Z", "a processor", 2, "4 GiB", "Linux", "a JVM", Map.of()),
            "quick",
            List.of(
                    series(BrokerKind.RECADO_NIO, Metric.MESSAGES, 400, 600, 500),
                    series(BrokerKind.NATS, Metric.MESSAGES, 100, 90, 110),
                    series(BrokerKind.HIVEMQ, Metric.MESSAGES, 20, 20, 20),
                    series(BrokerKind.RECADO_NIO, Metric.ALLOCATED, 0, 0, 0)),
            List.of(new Results.Curve(
                    "ping-pong",
                    "latency",
                    BrokerKind.RELAY,
                    List.of(0.0, 50.0, 99.0, 100.0),
                    List.of(1.0, 2.0, 3.0, 9.0))),
            List.of(new Results.Trouble("1-1", "one to one", BrokerKind.MOQUETTE, 1, "3 of <9> messages lost")));

    private static Results.Series series(BrokerKind broker, Metric metric, double... rounds) {
        List<Double> values = DoubleStream.of(rounds).boxed().toList();
        return new Results.Series("1-1", "one to one", broker, metric, values);
    }

    @Test
    void shouldKeepEverythingInItsFile(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("results.json");
        results.write(file);

        assertThat(Results.read(file)).isEqualTo(results);
    }

    @Test
    void shouldDrawOnePageThatNeedsNoOther(@TempDir Path folder) throws Exception {
        Report.draw(results, folder);

        String page = Files.readString(folder.resolve("index.html"));
        assertThat(page)
                .contains(
                        "data:image/svg+xml;base64,",
                        "5 ×",
                        "<td class=\"yes\">yes</td>",
                        "3 of &lt;9&gt; messages lost")
                .doesNotContain("http", "src=\"1-1");
        assertThat(Files.readAllBytes(folder.resolve("1-1.png"))).startsWith(0x89, 'P', 'N', 'G');
        assertThat(Files.readString(folder.resolve("1-1.svg"))).contains("<svg");
        assertThat(Files.readString(folder.resolve("summary.md"))).contains("| Recado NIO | 500 | 400 – 600 |");
    }

    @Test
    void shouldTakeTheMedianAndTheSpread() {
        assertThat(series(BrokerKind.NATS, Metric.MESSAGES, 9, 1, 5).median()).isEqualTo(5);
        assertThat(series(BrokerKind.NATS, Metric.MESSAGES, 4, 1, 2, 9).median())
                .isEqualTo(3);
        assertThat(series(BrokerKind.NATS, Metric.MESSAGES, 9, 1, 5).lowest()).isEqualTo(1);
        assertThat(series(BrokerKind.NATS, Metric.MESSAGES, 9, 1, 5).highest()).isEqualTo(9);
    }

    @Test
    void shouldCompareWithGoals() {
        Goal five = Goal.LIST.get(0);
        Goal forty = Goal.LIST.get(1);

        assertThat(five.measured(results)).hasValue(5);
        assertThat(five.isReached(5)).isTrue();
        assertThat(five.isReached(4.99)).isFalse();
        assertThat(forty.measured(results)).hasValue(25);
        assertThat(forty.isReached(25)).isFalse();
        assertThat(Goal.LIST.get(2).measured(results)).isEmpty();
    }

    @Test
    void shouldReplaceTheResultsInAText() {
        String text = "a\n<!-- results: written by 'bench.jar report --readme' -->\nold\n<!-- end of results -->\nb\n";

        String once = Readme.RESULTS.replaced(text, "new\n");

        assertThat(once).contains("new").doesNotContain("old").startsWith("a\n").endsWith("b\n");
        assertThat(Readme.RESULTS.replaced(once, "new\n")).isEqualTo(once);
        assertThatThrownBy(() -> Readme.RESULTS.replaced("no marks", "new"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
