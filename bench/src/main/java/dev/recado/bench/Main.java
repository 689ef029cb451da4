package dev.recado.bench;

import dev.recado.bench.api.ClientCommand;
import dev.recado.bench.broker.ServeCommand;
import dev.recado.bench.jmh.JmhCommand;
import dev.recado.bench.report.ReportCommand;
import dev.recado.bench.run.RunCommand;
import dev.recado.bench.run.ScenariosCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** The benchmarks, as one runnable jar. */
@Command(
        name = "bench",
        description = "How fast Recado is, beside other brokers and clients.",
        subcommands = {
            RunCommand.class,
            ScenariosCommand.class,
            ReportCommand.class,
            JmhCommand.class,
            ServeCommand.class,
            ClientCommand.class
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        scope = ScopeType.INHERIT)
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        System.exit(new CommandLine(new Main()).execute(args));
    }
}
