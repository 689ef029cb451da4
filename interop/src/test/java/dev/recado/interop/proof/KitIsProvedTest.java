package dev.recado.interop.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The MQTT contract sees what it claims to see: of each mutant, a recorded test of a statement that it breaks fails, and
 * without a mutant the same test passes. All tests with all mutants take too long for every build: see {@link
 * KillMatrixTest}.
 */
@Timeout(300)
class KitIsProvedTest {

    /** Mostly they wait for something not to happen. */
    private static final int AT_ONCE = 12;

    /**
     * What a broker does too much on one connection while a test looks at another may come behind the message that the test
     * takes for the last: to see the fault each time, a test would have to wait each time.
     */
    private static final int TRIES = 8;

    private static final Map<String, List<String>> RECORD = Kills.read();
    private static final Map<Mutant, Future<KitRun>> RUNS = new HashMap<>();
    private static ExecutorService runners;

    static Stream<Mutant> mutants() {
        return Mutants.ALL.stream();
    }

    /** Its first recorded test; {@code null} when there is none. */
    private static String killer(Mutant mutant) {
        return RECORD.getOrDefault(mutant.name(), List.of()).stream()
                .filter(mutant::breaks)
                .findFirst()
                .orElse(null);
    }

    @BeforeAll
    static void runAll() {
        runners = Executors.newFixedThreadPool(AT_ONCE);
        mutants()
                .filter(mutant -> killer(mutant) != null)
                .forEach(mutant -> RUNS.put(mutant, runners.submit(() -> untilKilled(mutant, killer(mutant)))));
    }

    private static KitRun untilKilled(Mutant mutant, String killer) {
        KitRun run = null;
        for (int i = 0; i < TRIES && (run == null || !run.killed(killer)); i++) {
            run = KitRun.of(mutant, List.of(killer), Duration.ofSeconds(1));
        }
        return run;
    }

    @AfterAll
    static void stop() {
        runners.shutdownNow();
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void shouldBeKilledByTestOfStatementThatItBreaks(Mutant mutant) throws Exception {
        String killer = killer(mutant);
        assertThat(killer)
                .as("test of %s that kills %s", mutant.breaks(), mutant)
                .isNotNull();
        KitRun run = RUNS.get(mutant).get();
        assertThat(run.killed(killer)).as(() -> run.outcome(killer)).isTrue();
    }

    @Test
    void shouldPassWithoutMutant() throws Exception {
        TreeSet<String> killers = new TreeSet<>();
        TreeSet<String> ran = new TreeSet<>();
        mutants().map(KitIsProvedTest::killer).filter(Objects::nonNull).forEach(killers::add);

        for (Future<KitRun> part : inParts(List.copyOf(killers))) {
            KitRun run = part.get();
            assertThat(run.results().keySet())
                    .allSatisfy(test -> assertThat(run.passed(test))
                            .as(() -> run.outcome(test))
                            .isTrue());
            ran.addAll(run.results().keySet());
        }

        assertThat(ran).isEqualTo(killers);
    }

    private static List<Future<KitRun>> inParts(List<String> tests) {
        return IntStream.range(0, AT_ONCE)
                .mapToObj(part -> IntStream.range(0, tests.size())
                        .filter(i -> i % AT_ONCE == part)
                        .mapToObj(tests::get)
                        .toList())
                .map(part -> runners.submit(() -> KitRun.of(Mutants.NONE, part, Duration.ofSeconds(10))))
                .toList();
    }

    @Test
    void shouldRecordTestsAndMutantsThatThereAre() {
        assertThat(RECORD.keySet()).isSubsetOf(mutants().map(Mutant::name).toList());
        assertThat(RECORD.values().stream().flatMap(List::stream)).isSubsetOf(KitRun.tests());
    }
}
