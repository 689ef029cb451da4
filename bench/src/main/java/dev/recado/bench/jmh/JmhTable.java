package dev.recado.bench.jmh;

import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** What JMH found, as a table in Markdown. */
final class JmhTable {

    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private JmhTable() {}

    static String of(Collection<RunResult> results) {
        StringBuilder table =
                new StringBuilder("| benchmark | with | ns | ± | allocated, B |\n|---|---|---|---|---|\n");
        for (RunResult result : results) {
            Result<?> time = result.getPrimaryResult();
            Result<?> allocated = result.getSecondaryResults().get(ALLOCATED);
            table.append("| %s | %s | %s | %s | %s |\n"
                    .formatted(
                            name(result.getParams()),
                            parameters(result.getParams()),
                            number(time.getScore()),
                            number(time.getScoreError()),
                            allocated == null ? "" : number(allocated.getScore())));
        }
        return table.toString();
    }

    /** Class and method. */
    private static String name(BenchmarkParams benchmark) {
        String[] parts = benchmark.getBenchmark().split("\\.");
        return parts[parts.length - 2].replace("Benchmark", "") + "." + parts[parts.length - 1];
    }

    private static String parameters(BenchmarkParams benchmark) {
        return benchmark.getParamsKeys().stream()
                .map(key -> key + " " + benchmark.getParam(key))
                .collect(Collectors.joining(", "));
    }

    /** Of a single iteration there is no error. */
    private static String number(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, value < 10 ? "%,.1f" : "%,.0f", value);
    }
}
