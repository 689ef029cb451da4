package dev.recado.contract;

import dev.recado.auth.ScramSha256;
import dev.recado.contract.TestResult.Outcome;
import dev.recado.testkit.mqtt.BrokerUnderTest;
import dev.recado.testkit.mqtt.MqttFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** The runnable jar: the conformance kit for a broker that is running somewhere. */
@Command(
        name = "mqtt-contract",
        description = {
            "Tests what MQTT 5 and MQTT 3.1.1 demand of a broker, on the wire.",
            "The broker has to be running, and to let everybody publish and subscribe to anything that is not declared here.",
            "There are two levels. strict, unless --standard is given: the broker tells an MQTT 5 client with the exact reason"
                    + " code why it closes a connection, then closes it. standard, for any broker: it closes, without a word or"
                    + " with any error code, as MQTT permits."
        },
        footer = {"", "Exit codes: 0 no test failed, 1 some did, 2 the tests could not be run."},
        exitCodeOnExecutionException = 2,
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false)
final class Main implements Callable<Integer> {

    private static final int NO_ANSWER_MILLIS = 10_000;

    private static final int SOME_FAILED = 1;
    private static final int CANNOT_RUN = 2;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "the broker's host name or address (default: ${DEFAULT-VALUE})")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "1883",
            description = "the broker's TCP port (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(
            names = "--standard",
            description = "the standard level, not the strict one; the same as --without reason-codes")
    private boolean standard;

    @Option(
            names = "--without",
            paramLabel = "FEATURE",
            split = ",",
            converter = FeatureConverter.class,
            completionCandidates = FeatureNames.class,
            description = "what the broker is known to lack: ${COMPLETION-CANDIDATES}")
    private List<MqttFeature> lacking = List.of();

    @ArgGroup(exclusive = false)
    private RefusedCredentials refusedCredentials;

    static final class RefusedCredentials {
        @Option(
                names = "--refusing-user",
                paramLabel = "NAME",
                required = true,
                description = "a user that the broker refuses with --refusing-password")
        private String user;

        @Option(
                names = "--refusing-password",
                paramLabel = "PASSWORD",
                required = true,
                description = "not that user's password")
        private String password;
    }

    @ArgGroup(exclusive = false)
    private ScramUser scramUser;

    static final class ScramUser {
        @Option(
                names = "--scram-user",
                paramLabel = "NAME",
                required = true,
                description = "a user whom the broker lets in by SCRAM-SHA-256 with --scram-password")
        private String user;

        @Option(
                names = "--scram-password",
                paramLabel = "PASSWORD",
                required = true,
                description = "that user's password")
        private String password;
    }

    @Option(
            names = "--refusing-client-id",
            paramLabel = "ID",
            description = "a client identifier that the broker refuses")
    private String refusedClientId;

    @Option(
            names = "--refusing-topic",
            paramLabel = "TOPIC",
            description = "a topic that the broker takes no message for, and says so to MQTT 5 clients")
    private String refusedTopic;

    @Option(
            names = "--deviations",
            paramLabel = "FILE",
            description = "tests that the broker is known to fail: lines of a test's name and a reason")
    private Path deviations;

    @Option(
            names = "--only",
            paramLabel = "WORD",
            defaultValue = "",
            description = "run the tests that have this in their names, such as v311 or _3_3_1_10_")
    private String only;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "how long to wait for what must come (default: ${DEFAULT-VALUE})")
    private int patienceSeconds;

    @Option(names = "--report", paramLabel = "FILE", description = "write a page in HTML, too")
    private Path page;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    public static void main(String[] args) {
        System.exit(new CommandLine(new Main())
                .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .setExecutionExceptionHandler(Main::explain)
                .execute(args));
    }

    /** What is wrong with the command line or the network needs one line; anything else is a defect and keeps its trace. */
    private static int explain(Exception failure, CommandLine command, ParseResult parsed) throws Exception {
        if (failure instanceof IllegalArgumentException || failure instanceof IOException) {
            command.getErr().println("mqtt-contract: " + failure.getMessage());
            return CANNOT_RUN;
        }
        throw failure;
    }

    @Override
    public Integer call() throws IOException {
        BrokerUnderTest broker = broker();
        requireAnswer();
        Report report = new Report(
                broker + ", " + level() + " level", ContractRun.of(broker, Duration.ofSeconds(patienceSeconds), only));
        spec.commandLine().getOut().print(report.text());
        spec.commandLine().getOut().flush();
        if (page != null) {
            Files.writeString(page, report.html());
        }
        return report.count(Outcome.FAILED) == 0 ? 0 : SOME_FAILED;
    }

    private String level() {
        return standard || lacking.contains(MqttFeature.REASON_CODES) ? "standard" : "strict";
    }

    private BrokerUnderTest broker() throws IOException {
        if (patienceSeconds < 1) {
            throw new IllegalArgumentException("--patience must be at least 1 s, but is " + patienceSeconds);
        }
        BrokerUnderTest broker = BrokerUnderTest.at(host, port).without(lacking.toArray(MqttFeature[]::new));
        if (standard) {
            broker.without(MqttFeature.REASON_CODES);
        }
        if (refusedCredentials != null) {
            broker.refusing(refusedCredentials.user, refusedCredentials.password);
        }
        if (scramUser != null) {
            broker.authenticating(ScramSha256.client(scramUser.user, scramUser.password));
        }
        if (refusedClientId != null) {
            broker.refusingClientId(refusedClientId);
        }
        if (refusedTopic != null) {
            broker.refusingTopic(refusedTopic);
        }
        if (deviations != null) {
            if (!Files.isReadable(deviations)) {
                throw new NoSuchFileException("no file to read: --deviations " + deviations);
            }
            broker.deviatingAsIn(deviations.toUri().toURL());
        }
        return broker;
    }

    /** Otherwise every test would say so. */
    private void requireAnswer() throws IOException {
        InetSocketAddress address = new InetSocketAddress(host, port);
        try (Socket socket = new Socket()) {
            if (address.isUnresolved()) {
                throw new IOException("unknown host");
            }
            socket.connect(address, NO_ANSWER_MILLIS);
        } catch (IOException e) {
            throw new IOException("cannot connect to " + host + ":" + port + ": " + e.getMessage(), e);
        }
    }

    /** Features as people type them: {@code shared-subscriptions}. */
    static final class FeatureConverter implements ITypeConverter<MqttFeature> {
        @Override
        public MqttFeature convert(String value) {
            try {
                return MqttFeature.valueOf(
                        value.strip().toUpperCase(Locale.ROOT).replace('-', '_'));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(
                        "'" + value + "' is none of " + String.join(", ", new FeatureNames()));
            }
        }
    }

    static final class FeatureNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(MqttFeature.values())
                    .map(feature -> feature.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .iterator();
        }
    }

    /** The jar's manifest knows the version. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"mqtt-contract " + (version == null ? "(not run from its jar)" : version)};
        }
    }
}
