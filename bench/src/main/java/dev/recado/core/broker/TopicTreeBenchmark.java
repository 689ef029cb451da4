package dev.recado.core.broker;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** What matching and retained lookup cost, by how much there is. In the broker's package, for the tree is its own. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TopicTreeBenchmark {

    private static final int FLOORS = 100;

    /** Paths in the tree. */
    @Param({"1", "1000", "100000"})
    public int size;

    private TopicTree<String> names;
    private TopicTree<String> filters;

    /** The same filters and three that match everything. */
    private TopicTree<String> wildcards;

    private int next;

    @Setup(Level.Trial)
    public void fill() {
        names = new TopicTree<>();
        filters = new TopicTree<>();
        wildcards = new TopicTree<>();
        for (int i = 0; i < size; i++) {
            names.computeIfAbsent(path(i), () -> "value");
            filters.computeIfAbsent(path(i), () -> "value");
            wildcards.computeIfAbsent(path(i), () -> "value");
        }
        for (String filter : List.of("#", "house/+/room/+", "house/#")) {
            wildcards.computeIfAbsent(filter, () -> "value");
        }
    }

    private static String path(int i) {
        return "house/" + i % FLOORS + "/room/" + i;
    }

    /** So that no one path is always in the cache. */
    private String nextPath() {
        next = (next + 7919) % size;
        return path(next);
    }

    /** The path itself, which each of the others begins with. */
    @Benchmark
    public String path() {
        return nextPath();
    }

    @Benchmark
    public void oneFilterMatches(Blackhole sink) {
        filters.forEachFilterMatching(nextPath(), sink::consume);
    }

    @Benchmark
    public void oneRetained(Blackhole sink) {
        names.forEachNameMatching(nextPath(), sink::consume);
    }

    /** A hundredth of the names. */
    @Benchmark
    public void oneFloorRetained(Blackhole sink) {
        names.forEachNameMatching("house/7/+/+", sink::consume);
    }

    @Benchmark
    public void oneFilterAndThreeWildcardsMatch(Blackhole sink) {
        wildcards.forEachFilterMatching(nextPath(), sink::consume);
    }
}
