package dev.recado.samples;

import dev.recado.RecadoException;
import dev.recado.samples.chat.ChatCommand;
import dev.recado.samples.chat.ChatServerCommand;
import dev.recado.samples.pubsub.BrokerCommand;
import dev.recado.samples.pubsub.PubCommand;
import dev.recado.samples.pubsub.SubCommand;
import dev.recado.samples.pubsub.TopicsCommand;
import dev.recado.samples.worldtime.WorldTimeCommand;
import dev.recado.samples.worldtime.WorldTimeServerCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/**
 * The runnable jar: one class for each command, each a small program on Recado's public API.
 *
 * <p>Exit codes: 0 when all went well, 1 when something could not be done (one line on standard error says what), 2 when the
 * command line is wrong.
 */
@Command(
        name = "recado",
        description = "Publish/subscribe over MQTT. Samples of the Recado library.",
        subcommands = {
            BrokerCommand.class,
            PubCommand.class,
            SubCommand.class,
            TopicsCommand.class,
            DemoCommand.class,
            ChatServerCommand.class,
            ChatCommand.class,
            WorldTimeServerCommand.class,
            WorldTimeCommand.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        scope = ScopeType.INHERIT)
final class Main {

    private Main() {}

    public static void main(String[] args) throws IOException {
        Utf8.useForStandardStreams();
        int exitCode = commandLine().execute(Utf8.arguments(args));
        System.exit(exitCode);
    }

    private static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                // A message may well begin with '@'; it names no file of arguments.
                .setExpandAtFiles(false)
                .setExecutionExceptionHandler(Main::explain);
    }

    /**
     * The library's exceptions name the value and the rule, so their message is all that a user needs. Anything else is a
     * defect and keeps its stack trace.
     */
    private static int explain(Exception failure, CommandLine command, ParseResult parsed) throws Exception {
        if (failure instanceof RecadoException || failure instanceof IllegalArgumentException) {
            command.getErr().println("recado: " + failure.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
        throw failure;
    }

    /** The jar's manifest knows the version. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"recado " + (version == null ? "(not run from its jar)" : version)};
        }
    }
}
