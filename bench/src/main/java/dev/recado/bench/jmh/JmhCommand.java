package dev.recado.bench.jmh;

import dev.recado.bench.report.Readme;
import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.Callable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The small benchmarks, with what each operation allocates. For JMH's own options: {@code java -cp bench.jar org.openjdk.jmh.Main}. */
@Command(
        name = "jmh",
        description = "Codec, topic matching, fan-out and retained lookup: ns and bytes allocated for each.")
public final class JmhCommand implements Callable<Integer> {

    @Parameters(arity = "0..1", defaultValue = "dev.recado", description = "Only those whose name has this in it.")
    private String only;

    @Option(names = "--quick", description = "Shorter; good enough to see that all work.")
    private boolean quick;

    @Option(names = "--readme", description = "Puts the figures into bench/README.md, too.")
    private boolean readme;

    @Override
    public Integer call() throws RunnerException, IOException {
        TimeValue iteration = TimeValue.milliseconds(quick ? 200 : 500);
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(only)
                        .forks(1)
                        .warmupIterations(quick ? 1 : 4)
                        .warmupTime(iteration)
                        .measurementIterations(quick ? 1 : 5)
                        .measurementTime(iteration)
                        .addProfiler(GCProfiler.class)
                        .build())
                .run();
        String table = JmhTable.of(results);
        System.out.println(table);
        if (readme) {
            Readme.JMH.write(table);
        }
        return 0;
    }
}
