package dev.recado.interop.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the tests of the statements that a mutant breaks against it, each mutant and each test, prints which of them fail,
 * and rewrites {@code kills.tsv}. It takes minutes: only {@code mvn -Pproof} does it.
 *
 * <p>Tests of other statements often fail at a mutant as well. That proves nothing of them, since what they are named for is
 * not what they saw; with {@code -Dproof.tests=all}, which takes hours, they are run and printed, too. {@code
 * -Dproof.mutants=}<em>regular expression</em> runs some mutants alone. With either nothing is recorded.
 */
@Tag("proof")
class KillMatrixTest {

    private static final Path RECORD = Path.of("src/test/resources" + Kills.RESOURCE);
    private static final Path MATRIX = Path.of("target", "kill-matrix.md");

    /** Mostly they wait for something not to happen. */
    private static final int AT_ONCE = 16;

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final int MOST = 5;

    private final String chosen = System.getProperty("recado.proof.mutants", "");
    private final boolean all = System.getProperty("recado.proof.tests", "").equals("all");
    private final List<Mutant> mutants = Mutants.ALL.stream()
            .filter(mutant -> chosen.isEmpty() || mutant.name().matches(chosen))
            .toList();

    @Test
    @Timeout(7200)
    void shouldKillEveryMutant() throws Exception {
        Map<Mutant, Set<String>> kills = new LinkedHashMap<>();
        Set<String> passing = new TreeSet<>();
        ExecutorService runners = Executors.newFixedThreadPool(AT_ONCE);
        try {
            for (Future<Set<String>> sound : inParts(KitRun.tests(), runners)) {
                passing.addAll(sound.get());
            }
            Map<Mutant, Future<Set<String>>> runs = new LinkedHashMap<>();
            for (Mutant mutant : mutants) {
                List<String> tests = passing.stream()
                        .filter(test -> all || mutant.breaks(test))
                        .toList();
                runs.put(mutant, runners.submit(() -> killers(mutant, tests)));
            }
            for (Map.Entry<Mutant, Future<Set<String>>> run : runs.entrySet()) {
                kills.put(run.getKey(), run.getValue().get());
            }
        } finally {
            runners.shutdownNow();
        }

        String matrix = matrix(kills, passing);
        Files.createDirectories(MATRIX.getParent());
        Files.writeString(MATRIX, matrix);
        System.out.println(matrix);
        if (chosen.isEmpty() && !all) {
            Files.writeString(RECORD, Kills.write(Kills.select(kills, MOST)));
        }
        assertThat(survivors(kills))
                .as("statements broken by a mutant that no test of theirs sees")
                .isEmpty();
    }

    /** The tests that pass without a mutant; all others are skipped, or a known deviation, or a bug of the broker. */
    private List<Future<Set<String>>> inParts(Set<String> tests, ExecutorService runners) {
        List<List<String>> parts = new ArrayList<>();
        int i = 0;
        for (String test : tests) {
            if (all || mutants.stream().anyMatch(mutant -> mutant.breaks(test))) {
                if (parts.size() < AT_ONCE) {
                    parts.add(new ArrayList<>());
                }
                parts.get(i++ % AT_ONCE).add(test);
            }
        }
        return parts.stream().map(part -> runners.submit(() -> passing(part))).toList();
    }

    private static Set<String> passing(List<String> tests) {
        KitRun sound = KitRun.of(Mutants.NONE, tests, Duration.ofSeconds(10));
        tests.stream()
                .filter(test -> !sound.passed(test))
                .forEach(test -> System.out.println("without a mutant: " + sound.outcome(test)));
        return tests.stream().filter(sound::passed).collect(Collectors.toSet());
    }

    /** Those that fail twice: what fails once may have had to wait for its turn. */
    private static Set<String> killers(Mutant mutant, List<String> tests) {
        KitRun first = KitRun.of(mutant, tests, PATIENCE);
        List<String> failed = tests.stream().filter(first::killed).toList();
        if (failed.isEmpty()) {
            return Set.of();
        }
        KitRun second = KitRun.of(mutant, failed, PATIENCE);
        return failed.stream().filter(second::killed).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Map<String, List<String>> survivors(Map<Mutant, Set<String>> kills) {
        Map<String, List<String>> survivors = new TreeMap<>();
        kills.forEach((mutant, killers) -> {
            List<String> unseen = mutant.breaks().stream()
                    .filter(statement -> killers.stream().noneMatch(test -> Mutant.isOf(statement, test)))
                    .toList();
            if (!unseen.isEmpty()) {
                survivors.put(mutant.name(), unseen);
            }
        });
        return survivors;
    }

    /** In Markdown that a terminal shows as well: each mutant, the statements that it breaks, and its killers below. */
    private static String matrix(Map<Mutant, Set<String>> kills, Set<String> tests) {
        StringBuilder text = new StringBuilder("# What the MQTT contract has been seen to catch\n\n");
        kills.forEach((mutant, killers) ->
                appendItem(text, mutant + " (breaks " + String.join(" ", mutant.breaks()) + ")", killers));

        Set<String> proved = kills.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
        List<String> idle =
                tests.stream().filter(test -> !proved.contains(test)).toList();
        text.append("\n## Tests that kill nothing\n\n");
        idle.forEach(test -> appendItem(text, test, Set.of()));

        Map<String, List<String>> survivors = survivors(kills);
        text.append("\n## Statements broken by a mutant that no test of theirs sees\n\n");
        survivors.forEach((mutant, statements) -> appendItem(text, mutant, statements));

        return text.append("\n%d mutants, of which %d survive; %d tests, of which %d kill nothing\n"
                        .formatted(kills.size(), survivors.size(), tests.size(), idle.size()))
                .toString();
    }

    private static void appendItem(StringBuilder text, String item, Collection<String> details) {
        text.append("- ").append(item).append('\n');
        details.forEach(detail -> text.append("  - ").append(detail).append('\n'));
    }
}
