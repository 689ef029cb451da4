package dev.recado.interop.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the whole kit against every mutant, prints which test fails at which, and rewrites {@code kills.tsv}. It takes a
 * while: only {@code mvn -Pproof} does it.
 *
 * <p>The system property {@code recado.proof.mutants} has a regular expression for the mutants' names: then only those run,
 * and only the tests of the statements they break; nothing is written.
 */
@Tag("proof")
class KillMatrixTest {

    private static final Path RECORD = Path.of("src/test/resources" + Kills.RESOURCE);
    private static final Path MATRIX = Path.of("target", "kill-matrix.md");

    /** Mostly they wait for something not to happen. */
    private static final int AT_ONCE = 16;

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final int MOST = 5;
    private static final int COARSE = 40;

    @Test
    @Timeout(7200)
    void shouldKillEveryMutant() throws Exception {
        String chosen = System.getProperty("recado.proof.mutants", "");
        List<Mutant> mutants = Mutants.ALL.stream()
                .filter(mutant -> chosen.isEmpty() || mutant.name().matches(chosen))
                .toList();
        List<String> tests = KitRun.tests().stream()
                .filter(test -> chosen.isEmpty() || mutants.stream().anyMatch(mutant -> mutant.breaks(test)))
                .toList();
        KitRun sound = KitRun.of(Mutants.NONE, tests, Duration.ofSeconds(10));
        List<String> passing = tests.stream().filter(sound::passed).toList();
        sound.results().keySet().stream()
                .filter(test -> !passing.contains(test))
                .forEach(test -> System.out.println("fails without a mutant: " + sound.outcome(test)));

        Map<Mutant, Set<String>> kills = new LinkedHashMap<>();
        ExecutorService runners = Executors.newFixedThreadPool(AT_ONCE);
        try {
            Map<Mutant, Future<Set<String>>> runs = new LinkedHashMap<>();
            for (Mutant mutant : mutants) {
                List<String> its = passing.stream()
                        .filter(test -> chosen.isEmpty() || mutant.breaks(test))
                        .toList();
                runs.put(mutant, runners.submit(() -> killers(mutant, its)));
            }
            for (Map.Entry<Mutant, Future<Set<String>>> run : runs.entrySet()) {
                kills.put(run.getKey(), run.getValue().get());
            }
        } finally {
            runners.shutdownNow();
        }

        String matrix = matrix(kills, sound.results().keySet());
        Files.createDirectories(MATRIX.getParent());
        Files.writeString(MATRIX, matrix);
        System.out.println(matrix);
        if (chosen.isEmpty()) {
            Files.writeString(RECORD, Kills.write(Kills.select(kills, MOST, COARSE)));
        }
        assertThat(survivors(kills))
                .as("statements broken by a mutant that no test of theirs sees")
                .isEmpty();
    }

    /** Those that fail twice: what fails once may have had to wait for its turn. */
    private static Set<String> killers(Mutant mutant, List<String> tests) {
        KitRun first = KitRun.of(mutant, tests, PATIENCE);
        Set<String> failed =
                first.results().keySet().stream().filter(first::killed).collect(Collectors.toSet());
        if (failed.isEmpty() || failed.size() >= COARSE) {
            return failed.stream()
                    .filter(test -> failed.size() < COARSE || mutant.breaks(test))
                    .collect(Collectors.toCollection(TreeSet::new));
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

    private static String matrix(Map<Mutant, Set<String>> kills, Set<String> tests) {
        StringBuilder text = new StringBuilder("# What the MQTT contract has been seen to catch\n\n");
        text.append("| mutant | breaks | killed by |\n|---|---|---|\n");
        kills.forEach((mutant, killers) -> text.append("| ")
                .append(mutant)
                .append(" | ")
                .append(String.join(" ", mutant.breaks()))
                .append(" | ")
                .append(killers.isEmpty() ? "nothing" : String.join(" ", killers))
                .append(" |\n"));
        Set<String> proved = kills.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
        text.append("\n## Tests that kill nothing\n\n");
        Stream.of(tests.toArray(String[]::new))
                .filter(test -> !proved.contains(test))
                .sorted()
                .forEach(test -> text.append("- ").append(test).append('\n'));
        text.append("\n## Survivors\n\n");
        survivors(kills)
                .forEach((mutant, statements) -> text.append("- ")
                        .append(mutant)
                        .append(": ")
                        .append(String.join(" ", statements))
                        .append('\n'));
        return text.toString();
    }
}
