package dev.recado.bench.jmh;

import java.util.concurrent.Callable;
import org.openjdk.jmh.profile.GCProfiler;
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

    @Option(names = "--quick", description = "One short fork.")
    private boolean quick;

    @Override
    public Integer call() throws RunnerException {
        new Runner(new OptionsBuilder()
                        .include(only)
                        .forks(quick ? 1 : 2)
                        .warmupIterations(quick ? 1 : 3)
                        .warmupTime(TimeValue.milliseconds(quick ? 200 : 1_000))
                        .measurementIterations(quick ? 1 : 5)
                        .measurementTime(TimeValue.milliseconds(quick ? 200 : 1_000))
                        .addProfiler(GCProfiler.class)
                        .build())
                .run();
        return 0;
    }
}
