package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.testkit.mqtt.Statement;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Runs behind all other tests and reads their reports: which statement of the standards has a passing test. Writes {@code
 * target/statements.html} and {@code target/statements.md}.
 */
class StatementsIT {

    private static final List<String> MODULES = List.of("core", "impl-blocking", "impl-nio", "interop");

    /** Brokers of others prove the kit, and say nothing of ours. */
    private static final Set<String> FOREIGN = Set.of(MosquittoContractTest.class.getName());

    @Test
    void shouldFindAPassingTestForEveryObservableStatement() throws IOException {
        StatementTable table = new StatementTable(Statement.all(), runs(), open(), killers());

        Path html = Files.writeString(Path.of("target", "statements.html"), TablePages.html(table));
        Files.writeString(Path.of("target", "statements.md"), TablePages.markdown(table));
        System.out.println(table.summary() + " (" + html.toAbsolutePath() + ")");

        assertThat(table.violations())
                .as("statements to be tested, or else listed in open-statements.txt with the reason")
                .isEmpty();
    }

    private static List<TestRun> runs() throws IOException {
        Instant begin = Instant.parse(Objects.requireNonNull(
                System.getProperty("build.begin"), "build.begin is not set: run this test with mvn verify"));
        List<TestRun> runs = new ArrayList<>();
        for (String module : MODULES) {
            Path folder = Path.of("..", module, "target", "surefire-reports");
            List<TestRun> ofModule = TestRun.since(begin, folder);
            assertThat(ofModule)
                    .as(
                            "reports in %s of this build, which began at %s: run mvn verify for all modules",
                            folder.toAbsolutePath().normalize(), begin)
                    .isNotEmpty();
            runs.addAll(ofModule);
        }
        runs.removeIf(run -> FOREIGN.contains(run.suite()));
        return runs;
    }

    /** Lines of a statement, a colon and a reason. */
    private static Map<String, String> open() throws IOException {
        Map<String, String> open = new LinkedHashMap<>();
        for (String line : Objects.requireNonNull(lines("open-statements.txt"))) {
            String[] parts = line.split(": ", 2);
            assertThat(parts).as("statement and reason in '%s'", line).hasSize(2);
            assertThat(open.put(parts[0], parts[1]))
                    .as("'%s' is listed twice", parts[0])
                    .isNull();
        }
        return open;
    }

    /** Lines of a mutant, a tab and the test that fails at it. */
    private static Set<String> killers() throws IOException {
        List<String> kills = lines("kills.tsv");
        return kills == null
                ? null
                : kills.stream().map(line -> line.split("\t")[1]).collect(Collectors.toSet());
    }

    /** Those that say something; {@code null} when there is no such file. */
    private static List<String> lines(String resource) throws IOException {
        try (InputStream file = StatementsIT.class.getResourceAsStream(resource)) {
            return file == null
                    ? null
                    : new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))
                            .lines()
                            .filter(line -> !line.isBlank() && !line.startsWith("#"))
                            .toList();
        }
    }
}
