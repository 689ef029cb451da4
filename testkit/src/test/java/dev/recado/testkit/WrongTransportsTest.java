package dev.recado.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The contract sees what it claims to see: each wrong transport fails a test, with a message that names the rule it breaks.
 *
 * <p>A wrong transport runs the tests of its rule only: all of them for each would take many minutes, and say no more.
 * What killed whom is written to {@code target/kit-matrix.md}.
 *
 * <p>Nothing else runs beside it: wrong transports leak threads and sockets, which others count.
 */
@Isolated
class WrongTransportsTest {

    private static final Map<WrongTransport, Future<Map<String, String>>> RUNS = new EnumMap<>(WrongTransport.class);
    private static ExecutorService runners;

    @BeforeAll
    static void runAll() {
        // Mostly they wait for something not to happen.
        runners = Executors.newFixedThreadPool(6);
        for (WrongTransport wrong : WrongTransport.values()) {
            RUNS.put(wrong, runners.submit(() -> failures(wrong)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeCaughtByTheTestsOfItsRule(WrongTransport wrong) throws Exception {
        Map<String, String> failures = RUNS.get(wrong).get();

        assertThat(failures.values()).as("failures of %s", wrong).anyMatch(text -> text.startsWith(wrong.rule + ": "));
        assertThat(failures.values()).allMatch(text -> text.matches("(?s)T\\d+: .+"));
    }

    @Test
    void shouldCatchASocketThatIsLeftOpenInAnyTest() {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "this system does not show a program's open files");
        List<String> any = List.of(
                "required_T06_anyKindOfBufferShouldBeWritten",
                "required_T16_abortShouldNotWaitForPendingBytes",
                "required_T17_resetShouldArriveAsCause");

        Map<String, String> failures =
                ContractRun.failures(WrongContract.run(WrongTransport.LEAVES_SOCKETS_OPEN, any, Duration.ofSeconds(6)));

        assertThat(failures).containsOnlyKeys(any);
        assertThat(failures.values())
                .allSatisfy(text ->
                        assertThat(text).matches("T22: no socket may be left open, but there are, .*\\[\\d+ to \\d+]"));
    }

    @Test
    void shouldLeaveNoObservableRuleUnproven() throws Exception {
        TreeSet<String> rules = new TreeSet<>();
        for (String test : tests("required_T")) {
            rules.add("T" + Integer.parseInt(test.substring("required_T".length(), "required_T".length() + 2)));
        }
        for (WrongTransport wrong : WrongTransport.values()) {
            rules.remove(wrong.rule);
        }

        assertThat(rules).as("rules that no wrong transport breaks").isEmpty();
    }

    @AfterAll
    static void writeMatrix() throws Exception {
        try {
            String matrix = matrix();
            Files.createDirectories(Path.of("target"));
            Files.writeString(Path.of("target", "kit-matrix.md"), matrix);
            System.out.println(matrix);
        } finally {
            runners.shutdownNow();
            for (AutoCloseable leftover : WrongTransport.LEFTOVERS) {
                leftover.close();
            }
        }
    }

    private static String matrix() throws Exception {
        Map<String, List<String>> killed = new TreeMap<>();
        for (String test : tests("required_T")) {
            killed.put(test, new ArrayList<>());
        }
        StringBuilder text = new StringBuilder("# What the transport contract has been seen to catch\n\n");
        text.append("| wrong transport | rule | caught by | message |\n|---|---|---|---|\n");
        for (Map.Entry<WrongTransport, Future<Map<String, String>>> run : RUNS.entrySet()) {
            for (Map.Entry<String, String> failure :
                    new TreeMap<>(run.getValue().get()).entrySet()) {
                killed.computeIfAbsent(failure.getKey(), name -> new ArrayList<>())
                        .add(run.getKey().name());
                text.append(String.format(
                        "| %s | %s | %s | %s |%n",
                        run.getKey(), run.getKey().rule, failure.getKey(), firstLine(failure.getValue())));
            }
        }
        text.append("\n## Tests\n\n| test | kills |\n|---|---|\n");
        killed.forEach((test, names) -> text.append("| ")
                .append(test)
                .append(" | ")
                .append(names.isEmpty() ? "nothing: unproven" : String.join(", ", names))
                .append(" |\n"));
        text.append("\n## Not observable\n\n");
        tests("untested_T").forEach(test -> text.append("- ").append(test).append('\n'));
        return text.toString();
    }

    private static String firstLine(String message) {
        String line = message.lines().findFirst().orElse("").replace("|", "\\|");
        return line.length() > 200 ? line.substring(0, 200) + "…" : line;
    }

    private static List<String> tests(String prefix) {
        return Arrays.stream(TransportContract.class.getMethods())
                .map(Method::getName)
                .filter(name -> name.startsWith(prefix))
                .sorted()
                .toList();
    }

    /** Runs the part of the contract about its rule, and gives the message of each failed test. */
    private static Map<String, String> failures(WrongTransport wrong) {
        String prefix = String.format("required_T%02d_", Integer.parseInt(wrong.rule.substring(1)));
        return ContractRun.failures(WrongContract.run(wrong, tests(prefix), Duration.ofSeconds(6)));
    }
}
