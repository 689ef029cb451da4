package dev.recado.bench.run;

import dev.recado.bench.broker.BenchHome;
import dev.recado.bench.broker.BrokerKind;
import dev.recado.bench.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures, and writes the report. */
@Command(name = "run", description = "Measures Recado and its peers, round by round, and writes a report.")
public final class RunCommand implements Callable<Integer> {

    private static final Set<BrokerKind> QUICK = EnumSet.of(
            BrokerKind.RECADO_NIO,
            BrokerKind.RECADO_BLOCKING,
            BrokerKind.RELAY,
            BrokerKind.MOSQUITTO,
            BrokerKind.NATS,
            BrokerKind.HIVEMQ);

    @Option(
            names = "--quick",
            description =
                    "Under 3 minutes: one short round, a tenth of the connections and topics, without Moquette and Artemis.")
    private boolean quick;

    @Option(names = "--scenarios", split = ",", description = "Only these (list: see 'scenarios').")
    private List<String> only = List.of();

    @Option(
            names = "--brokers",
            split = ",",
            description = "Only these: recado-nio, recado-blocking, relay, mosquitto, ...")
    private List<String> onlyBrokers = List.of();

    @Option(names = "--rounds", description = "How often each is measured; the report shows medians.")
    private Integer rounds;

    @Option(names = "--out", description = "Folder of the report; default bench/target/report.")
    private Path out = BenchHome.folder().resolve("target").resolve("report");

    @Override
    public Integer call() throws IOException {
        Pace pace = quick ? Pace.QUICK : Pace.FULL;
        if (rounds != null) {
            pace = new Pace(rounds, pace.firstWarmUp(), pace.warmUp(), pace.measured(), pace.share());
        }
        Set<BrokerKind> brokers = brokers();
        List<Scenario> scenarios = scenarios();
        Results results = new Run(pace, brokers, scenarios, System.out).go(quick ? "quick" : "full");
        Files.createDirectories(out);
        results.write(out.resolve("results.json"));
        Report.draw(results, out);
        System.out.println("Report: " + out.resolve("index.html"));
        return 0;
    }

    private Set<BrokerKind> brokers() {
        Set<BrokerKind> brokers = EnumSet.noneOf(BrokerKind.class);
        List<String> unknown = new ArrayList<>(onlyBrokers);
        for (BrokerKind kind : BrokerKind.values()) {
            unknown.remove(kind.id());
            if (onlyBrokers.isEmpty() ? quick && !QUICK.contains(kind) : !onlyBrokers.contains(kind.id())) {
                continue;
            }
            kind.missing()
                    .ifPresentOrElse(
                            why -> System.out.println("without " + kind.title() + ": " + why), () -> brokers.add(kind));
        }
        requireNone("brokers", unknown);
        return brokers;
    }

    private List<Scenario> scenarios() {
        List<String> unknown = new ArrayList<>(only);
        Scenarios.LIST.forEach(scenario -> unknown.remove(scenario.id()));
        requireNone("scenarios", unknown);
        return Scenarios.LIST.stream()
                .filter(scenario -> only.isEmpty() || only.contains(scenario.id()))
                .toList();
    }

    private static void requireNone(String what, List<String> unknown) {
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("no such " + what + ": " + String.join(", ", unknown));
        }
    }
}
