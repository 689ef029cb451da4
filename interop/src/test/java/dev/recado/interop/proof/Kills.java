package dev.recado.interop.proof;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
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

    static String write(Map<String, ? extends Iterable<String>> kills) {
        StringBuilder text =
                new StringBuilder("# mutant<TAB>test of the kit that fails at it; written by mvn -Pproof\n");
        kills.forEach((mutant, tests) -> tests.forEach(
                test -> text.append(mutant).append('\t').append(test).append('\n')));
        return text.toString();
    }

    /**
     * What is worth recording: a few tests for each mutant, those of its own statements first, and every test that kills
     * anything at least once.
     *
     * <p>A mutant that breaks too much fails tests that have nothing to do with its fault; those prove nothing, and are left
     * out, unless they are its own.
     *
     * @param all what each mutant failed at
     * @param most how many tests for each mutant, when nothing demands more
     * @param coarse so many failures, and only those of its own statements count
     */
    static Map<String, TreeSet<String>> select(Map<Mutant, ? extends Iterable<String>> all, int most, int coarse) {
        Map<String, TreeSet<String>> selected = new TreeMap<>();
        Map<String, String> others = new TreeMap<>();
        all.forEach((mutant, tests) -> {
            TreeSet<String> own = new TreeSet<>();
            TreeSet<String> beside = new TreeSet<>();
            tests.forEach(test -> (mutant.breaks(test) ? own : beside).add(test));
            // All of its own: they are few, and no other mutant may fail them.
            selected.put(mutant.name(), own);
            if (own.size() + beside.size() < coarse) {
                beside.stream().limit(Math.max(0, most - own.size())).forEach(own::add);
                beside.forEach(test -> others.putIfAbsent(test, mutant.name()));
            }
        });
        selected.values().forEach(recorded -> others.keySet().removeAll(recorded));
        others.forEach((test, mutant) -> selected.get(mutant).add(test));
        selected.values().removeIf(TreeSet::isEmpty);
        return selected;
    }
}
