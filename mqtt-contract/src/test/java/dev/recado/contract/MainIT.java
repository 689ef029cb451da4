package dev.recado.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Broker;
import dev.recado.auth.ScramSha256;
import dev.recado.testkit.mqtt.Statement;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command, with our own broker. */
final class MainIT {

    /** A few tests of either version. */
    private static final String CHAPTER = "_3_1_3_5_";

    private static final String TEST = "required_v5_3_1_3_5_everyAlphanumericClientIdOfUpTo23BytesIsTaken";

    @TempDir
    Path folder;

    private Broker broker;

    @BeforeEach
    void start() {
        broker = Broker.builder().listen("mqtt://127.0.0.1:0").start();
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private ContractProcess run(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(
                List.of("--port", String.valueOf(broker.endpoint().getPort())));
        arguments.addAll(List.of(more));
        return ContractProcess.run(folder, arguments.toArray(String[]::new));
    }

    @Test
    void shouldPassABrokerThatKeepsTheStandards() throws Exception {
        Path page = folder.resolve("page.html");

        ContractProcess run = run("--only", CHAPTER, "--report", page.toString());

        assertThat(run.errors()).isEmpty();
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output().lines())
                .anyMatch(line -> line.matches("MQTT 5: connect +[1-9]\\d* passed, 0 failed, 0 skipped"))
                .anyMatch(line -> line.matches("MQTT 3.1.1: connect +[1-9]\\d* passed, 0 failed, 0 skipped"))
                .last()
                .asString()
                .matches("the broker at 127.0.0.1:\\d+, strict level: [1-9]\\d* passed, 0 failed, 0 skipped");
        assertThat(Files.readString(page)).contains("<tr class=\"passed\"><td>" + TEST + "</td>");
    }

    @Test
    void shouldFailABrokerThatBreaksAStatement() throws Exception {
        // It refuses no client identifier, whatever is declared.
        String test = "required_v5_3_1_3_8_refusedClientIdEndsTheConnection";

        ContractProcess run = run("--refusing-client-id", "welcome", "--only", test);

        assertThat(run.exitCode()).as(run.output()).isEqualTo(1);
        assertThat(run.errors()).isEmpty();
        assertThat(run.output().lines())
                .contains("  " + test)
                .contains("    the standard: "
                        + Statement.ofTest(test).orElseThrow().text())
                .anyMatch(line -> line.startsWith("    MQTT-3.1.3-8 of MQTT 5: "))
                .anyMatch(line -> line.contains("> CONNECT"))
                .last()
                .asString()
                .endsWith(": 0 passed, 1 failed, 0 skipped");
    }

    @Test
    void shouldFailABrokerThatKeepsWhatIsListedAsADeviation() throws Exception {
        Path list = Files.writeString(folder.resolve("deviations.txt"), TEST + " said to fail\n");

        ContractProcess run = run("--deviations", list.toString(), "--only", CHAPTER);

        assertThat(run.exitCode()).as(run.output()).isEqualTo(1);
        assertThat(run.output()).contains("  " + TEST, "no longer a deviation (said to fail)", "1 failed");
    }

    @Test
    void shouldSkipWhatTheBrokerIsDeclaredToLack() throws Exception {
        ContractProcess run = run("--without", "mqtt-311,qos-2", "--only", CHAPTER);

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output())
                .containsPattern("MQTT 3.1.1: connect +0 passed, 0 failed, [1-9]")
                .containsPattern("\\d  the broker is declared to lack MQTT_311");
    }

    @ParameterizedTest
    @CsvSource({"--standard, standard, 0", "--without=reason-codes, standard, 0", "--patience=10, strict, 1"})
    void shouldLetABrokerCloseWithoutAWordAtTheStandardLevel(String option, String level, int exitCode)
            throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread closer = new Thread(() -> closeAllConnections(mute), "mute-broker");
            closer.start();

            ContractProcess run = ContractProcess.run(
                    folder,
                    "--port",
                    String.valueOf(mute.getLocalPort()),
                    option,
                    "--only",
                    "required_v5_3_1_2_3_reservedConnectFlagIsRefused");

            assertThat(run.exitCode()).as(run.output()).isEqualTo(exitCode);
            assertThat(run.output()).contains(", " + level + " level: ");
        }
    }

    private static void closeAllConnections(ServerSocket server) {
        try {
            while (true) {
                server.accept().close();
            }
        } catch (IOException closed) {
            // the test has ended
        }
    }

    @Test
    void shouldAuthenticateByScram() throws Exception {
        ScramSha256.Verifier verifier = ScramSha256.Verifier.of("pencil", 4096);
        try (Broker strict = Broker.builder()
                .listen("mqtt://127.0.0.1:0")
                .authenticator(ScramSha256.authenticator(user -> user.equals("ana") ? verifier : null))
                .start()) {
            assertThat(scram(strict, "pencil").exitCode()).isZero();
            assertThat(scram(strict, "crayon").exitCode()).isEqualTo(1);
        }
    }

    private ContractProcess scram(Broker strict, String password) throws Exception {
        return ContractProcess.run(
                folder,
                "--port",
                String.valueOf(strict.endpoint().getPort()),
                "--scram-user",
                "ana",
                "--scram-password",
                password,
                "--only",
                "required_v5_4_12_0_5_methodIsRepeatedInEveryPacket");
    }

    @Test
    void shouldSayInOneLineThatNobodyListens() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }

        ContractProcess run = ContractProcess.run(folder, "--port", String.valueOf(port));

        assertRefuses(run, "cannot connect to 127.0.0.1:" + port);
    }

    @ParameterizedTest
    @CsvSource({
        "--only, nonsense, no test has a name with 'nonsense' in it",
        "--deviations, /no/such/file, /no/such/file",
        "--patience, 0, '--patience must be at least 1 s, but is 0'",
        "--host, nosuch.invalid, unknown host"
    })
    void shouldSayInOneLineWhatCannotBeDone(String option, String value, String explanation) throws Exception {
        assertRefuses(run(option, value), explanation);
    }

    @Test
    void shouldNameADeviationThatNoTestHas() throws Exception {
        Path list = Files.writeString(folder.resolve("deviations.txt"), "required_v5_nonsense reason\n");

        assertRefuses(run("--deviations", list.toString()), "required_v5_nonsense");
    }

    private static void assertRefuses(ContractProcess run, String explanation) {
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.output()).isEmpty();
        assertThat(run.errors())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("mqtt-contract: ")
                .contains(explanation);
    }

    @ParameterizedTest
    @CsvSource({"--without, nonsense", "--port, many", "--refusing-user, alone", "--nonsense, x"})
    void shouldExplainUsageWhenTheCommandLineIsWrong(String option, String value) throws Exception {
        ContractProcess run = ContractProcess.run(folder, option, value);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.output()).isEmpty();
        assertThat(String.join("\n", run.errors())).contains("Usage: mqtt-contract");
    }

    @Test
    void shouldExplainItself() throws IOException, InterruptedException {
        ContractProcess run = ContractProcess.run(folder, "--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.errors()).isEmpty();
        assertThat(run.output())
                .contains("Usage: mqtt-contract", "--host", "--port", "--without", "shared-subscriptions")
                .contains("two levels", "strict", "standard", "--standard")
                .contains("--refusing-user", "--refusing-password", "--refusing-client-id", "--refusing-topic")
                .contains("--scram-user", "--scram-password")
                .contains("--deviations", "--only", "--patience", "--report", "Exit codes");
    }
}
