package dev.recado.interop.proof;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Which test of the kit fails at which mutant, as recorded in {@code kills.tsv} when all were last run. */
final class Kills {

    static final String RESOURCE = "/dev/recado/interop/kills.tsv";

    private Kills() {}

    /** Tests by mutant. A line has a mutant's name, a tab, and a test's name; {@code #} begins a comment. */
    static Map<String, List<String>> read() {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(Kills.class.getResourceAsStream(RESOURCE), StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .map(line -> line.split("\t", 2))
                    .collect(Collectors.groupingBy(
                            words -> words[0],
                            TreeMap::new,
                            Collectors.mapping(words -> words[1], Collectors.toList())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String write(Map<String, Set<String>> kills) {
        StringBuilder text =
                new StringBuilder("# mutant<TAB>test of the kit that fails at it; written by mvn -Pproof\n");
        kills.forEach((mutant, tests) -> tests.forEach(
                test -> text.append(mutant).append('\t').append(test).append('\n')));
        return text.toString();
    }

    /**
     * What is worth recording: a few tests for each mutant, and every test that kills anything at least once.
     *
     * @param kills tests by mutant
     * @param most how many tests for each mutant, when nothing demands more
     */
    static Map<String, Set<String>> select(Map<Mutant, Set<String>> kills, int most) {
        Map<String, Set<String>> selected = new TreeMap<>();
        Map<String, String> others = new TreeMap<>();
        kills.forEach((mutant, tests) -> {
            Set<String> first = tests.stream().sorted().limit(most).collect(Collectors.toCollection(TreeSet::new));
            if (!first.isEmpty()) {
                selected.put(mutant.name(), first);
            }
            tests.forEach(test -> others.put(test, mutant.name()));
        });
        selected.values().forEach(others.keySet()::removeAll);
        others.forEach((test, mutant) -> selected.get(mutant).add(test));
        return selected;
    }
}
