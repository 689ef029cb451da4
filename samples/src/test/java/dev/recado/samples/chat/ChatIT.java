package dev.recado.samples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.Publisher;
import dev.recado.ReasonCode;
import dev.recado.RefusedException;
import dev.recado.Subscriber;
import dev.recado.samples.OnEachTransport;
import dev.recado.samples.RecadoProcess;
import dev.recado.samples.Relay;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chat between processes, with plain lines, over each transport. */
@OnEachTransport
final class ChatIT {

    private static final int SIGINT = 130;
    private static final int SIGHUP = 129;
    private static final int SIGTERM = 143;
    private static final String ANY_SCRIPT = "ç 日本語 🙂";

    private final String transport;
    private final List<RecadoProcess> processes = new ArrayList<>();
    private RecadoProcess server;
    private URI endpoint;

    ChatIT(String transport) {
        this.transport = transport;
    }

    @BeforeEach
    void startServer() throws Exception {
        startServer(0);
    }

    private void startServer(int port, String... more) throws Exception {
        server = RecadoProcess.startAt(URI.create("mqtt://127.0.0.1:" + port), transport, "chat-server", more);
        processes.add(server);
        endpoint = server.nextEndpoint();
    }

    @AfterEach
    void killAll() {
        processes.forEach(RecadoProcess::close);
    }

    @Test
    void shouldShowEveryoneWhatTheOthersSayButNoEcho() throws Exception {
        RecadoProcess ana = join("ana");
        RecadoProcess bea = join("bea");
        awaitLine(ana, "* bea is here");
        RecadoProcess elsewhere = join("eva", "--room", "cozinha");

        ana.type("oi, " + ANY_SCRIPT);
        assertThat(bea.nextLine()).isEqualTo("ana: oi, " + ANY_SCRIPT);
        bea.type("oi, ana");
        assertThat(ana.nextLine()).isEqualTo("bea: oi, ana");

        // Had there been an echo, or a word for another room, it would stand before this.
        leave(bea);
        assertThat(ana.nextLine()).isEqualTo("* bea left");
        leave(ana);
        assertThat(ana.output()).isEmpty();
        leave(elsewhere);
        assertThat(elsewhere.output()).isEmpty();
    }

    @Test
    void shouldCarryLongMessagesWhole() throws Exception {
        RecadoProcess ana = join("ana");
        RecadoProcess bea = join("bea");
        String text = (ANY_SCRIPT + " ").repeat(1_000) + "end";

        bea.type(text);

        awaitLine(ana, "* bea is here");
        assertThat(ana.nextLine()).isEqualTo("bea: " + text);
    }

    @Test
    void shouldKeepPrivateMessagesPrivate() throws Exception {
        RecadoProcess ana = join("ana");
        RecadoProcess bea = join("bea");
        RecadoProcess eva = join("eva");
        awaitLine(ana, "* eva is here");
        awaitLine(bea, "* eva is here");

        ana.type("/msg bea between us");
        ana.type("to all");
        ana.type("/msg nobody x");

        assertThat(bea.nextLine()).isEqualTo("ana (privately): between us");
        assertThat(bea.nextLine()).isEqualTo("ana: to all");
        assertThat(eva.nextLine()).isEqualTo("ana: to all");
        assertThat(ana.nextLine()).isEqualTo("* there is no nobody here");
    }

    /** What a client of another make might try, called by a nickname that is its own. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "chat/sala/to/ana/from/+",
                "chat/sala/to/+/from/+",
                "chat/sala/to/#",
                "chat/#",
                "#",
                "+/+/to/eva/#"
            })
    void shouldLetNobodyReadWhatIsForOthers(String filter) {
        assertThatThrownBy(() -> Subscriber.builder(endpoint)
                        .clientId("eva")
                        .topic(filter)
                        .open())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(filter);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"chat/sala/from/ana", "chat/sala/users/ana", "chat/sala/to/bea/from/ana", "chat/sala/from/eva/x"
            })
    void shouldLetNobodyWriteInTheNameOfOthers(String topic) {
        try (Publisher eva = Publisher.builder(endpoint)
                .clientId("eva")
                .topicsUnder("chat/#")
                .retain(false)
                .open()) {
            assertThatThrownBy(() -> eva.publish(topic, "I am ana"))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> assertThat(e.reasonCode()).hasValue(ReasonCode.NOT_AUTHORIZED));
            eva.publish("chat/sala/from/eva", "I am eva");
        }
    }

    @Test
    void shouldShowNewcomersWhatWasSaid() throws Exception {
        RecadoProcess ana = join("ana");
        RecadoProcess bea = join("bea");
        awaitLine(ana, "* bea is here");
        ana.type("one");
        assertThat(bea.nextLine()).isEqualTo("ana: one");
        bea.type("two");
        assertThat(ana.nextLine()).isEqualTo("bea: two");
        ana.type("three");
        assertThat(bea.nextLine()).isEqualTo("ana: three");

        RecadoProcess eva = join("eva");
        assertThat(eva.nextLine()).matches("\\d\\d:\\d\\d ana: one");
        assertThat(eva.nextLine()).matches("\\d\\d:\\d\\d bea: two");
        assertThat(eva.nextLine()).matches("\\d\\d:\\d\\d ana: three");
        eva.type("/history 2");
        assertThat(eva.nextLine()).matches("\\d\\d:\\d\\d bea: two");
        assertThat(eva.nextLine()).matches("\\d\\d:\\d\\d ana: three");
        eva.type("/history many");
        assertThat(eva.nextLine()).contains("from 1 to", "many");
    }

    @Test
    void shouldRefuseANicknameThatIsTakenAndAskAgain() throws Exception {
        join("ana");
        RecadoProcess second = chat();

        second.type("ana");
        assertThat(second.nextLine())
                .startsWith("* the nickname ana is taken; ")
                .endsWith(" within 15 seconds");
        second.type("a/b");
        assertThat(second.nextLine()).startsWith("* 'a/b' is no name");
        second.type("bea");
        assertThat(second.nextLine()).startsWith("* you are bea");

        assertThat(chat("--nick", "ana").failure()).contains("the nickname ana is taken");
    }

    @Test
    void shouldTellWhoIsThereAndAnnounceWhoWasKilled() throws Exception {
        RecadoProcess ana = join("ana");
        RecadoProcess bea = join("bea");
        awaitLine(ana, "* bea is here");
        ana.type("/users");
        assertThat(List.of(ana.nextLine(), ana.nextLine())).containsExactly("* ana (you)", "* bea");

        bea.signal("KILL");

        assertThat(ana.nextLine()).isEqualTo("* bea is gone: the connection was lost");
        ana.type("/users");
        ana.type("/nonsense");
        assertThat(ana.nextLine()).isEqualTo("* ana (you)");
        assertThat(ana.nextLine()).startsWith("* there is no /nonsense");
        assertChatters("ana");
        // The name is free again.
        leave(join("bea"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sair", "/quit", "sair"})
    void shouldLeaveWhenToldTo(String command) throws Exception {
        RecadoProcess ana = join("ana");
        ana.type(command);

        assertThat(ana.exitCode()).isZero();
        assertThat(ana.errors()).containsExactly("recado: left sala");
        assertChatters();
    }

    @ParameterizedTest
    @CsvSource({"TERM, " + SIGTERM, "INT, " + SIGINT, "HUP, " + SIGHUP})
    void shouldLeaveOnASignal(String signal, int exitCode) throws Exception {
        RecadoProcess ana = join("ana");
        RecadoProcess bea = join("bea");
        awaitLine(ana, "* bea is here");

        bea.signal(signal);

        assertThat(bea.exitCode()).isEqualTo(exitCode);
        assertThat(bea.errors()).containsExactly("recado: stopped by a signal");
        assertThat(ana.nextLine()).isEqualTo("* bea left");
        assertChatters("ana");
    }

    @Test
    void shouldSendEverythingBeforeTheInputEnds() throws Exception {
        RecadoProcess ana = join("ana");
        RecadoProcess bea = join("bea");
        for (int i = 0; i < 100; i++) {
            bea.type("line " + i);
        }
        bea.endInput();

        assertThat(bea.exitCode()).isZero();
        awaitLine(ana, "* bea is here");
        for (int i = 0; i < 100; i++) {
            assertThat(ana.nextLine()).isEqualTo("bea: line " + i);
        }
        assertThat(ana.nextLine()).isEqualTo("* bea left");
    }

    @Test
    void shouldNotBeHeldUpByAClientThatIsStopped() throws Exception {
        RecadoProcess ana = join("ana");
        RecadoProcess bea = join("bea");
        RecadoProcess stuck = join("stuck");
        awaitLine(ana, "* stuck is here");
        stuck.signal("STOP");
        String text = "x".repeat(10_000);

        for (int i = 0; i < 1_000; i++) {
            bea.type(i + text);
        }
        for (int i = 0; i < 1_000; i++) {
            assertThat(ana.nextLine()).isEqualTo("bea: " + i + text);
        }
        // It does not answer, so it is gone, and its name is free.
        assertThat(ana.nextLine()).isEqualTo("* stuck is gone: the connection was lost");
        assertChatters("ana", "bea");
    }

    @Test
    void shouldThrowOutWhoTheServerSays() throws Exception {
        RecadoProcess ana = join("ana");
        RecadoProcess bea = join("bea");
        awaitLine(ana, "* bea is here");

        server.type("/kick bea");
        assertThat(server.nextLine()).isEqualTo("bea was thrown out");

        assertThat(bea.exitCode()).isEqualTo(1);
        assertThat(bea.errors()).hasSize(1);
        assertThat(bea.errors().get(0)).contains("ADMINISTRATIVE_ACTION");
        assertThat(ana.nextLine()).startsWith("* bea ");
        assertChatters("ana");
        server.type("/kick nobody");
        assertThat(server.nextLine()).isEqualTo("there is no nobody");
    }

    @Test
    void shouldComeBackToAServerThatCameBack() throws Exception {
        RecadoProcess ana = join("ana");
        RecadoProcess bea = join("bea");
        awaitLine(ana, "* bea is here");

        server.type("/sair");
        assertThat(server.exitCode()).isZero();
        assertThat(server.errors()).containsExactly("recado: stopped by /sair");

        startServer(endpoint.getPort());
        awaitLine(ana, "* connected again");
        awaitLine(bea, "* connected again");
        awaitChatters(2);
        ana.type("there you are");
        awaitLine(bea, "ana: there you are");
    }

    /** The server keeps the old connection, and refuses a nickname that is in use, until it notices. */
    @Test
    void shouldComeBackThoughTheServerHasNotNoticedItsAbsence() throws Exception {
        RecadoProcess bea = join("bea");
        try (Relay relay = new Relay(endpoint)) {
            RecadoProcess ana = RecadoProcess.startAt(relay.endpoint(), transport, "chat", "--nick", "ana");
            processes.add(ana);
            awaitLine(bea, "* ana is here");
            assertThat(ana.nextLine()).startsWith("* you are ana");

            relay.breakOnTheClientsSide();

            assertThat(ana.nextLine()).startsWith("* trying again: ");
            ana.type("are you there?");
            assertThat(ana.nextLine()).isEqualTo("* connected again");
            awaitLine(bea, "ana: are you there?");
            bea.type("welcome");
            assertThat(ana.nextLine()).isEqualTo("bea: welcome");
            leave(ana);
        }
    }

    @ParameterizedTest
    @CsvSource({"/sair, 0, recado: left sala", "TERM, " + SIGTERM + ", recado: stopped by a signal"})
    void shouldLeaveSoonThoughTheServerDoesNotAnswer(String how, int exitCode, String lastWord) throws Exception {
        RecadoProcess bea = join("bea");
        RecadoProcess ana = join("ana");
        awaitLine(bea, "* ana is here");
        server.signal("STOP");
        ana.type("hello");
        ana.type("/users");
        assertThat(ana.nextLine()).isEqualTo("* ana (you)");
        assertThat(ana.nextLine()).isEqualTo("* bea");
        long begin = System.nanoTime();

        if (how.startsWith("/")) {
            ana.type(how);
        } else {
            ana.signal(how);
        }

        assertThat(ana.exitCode()).isEqualTo(exitCode);
        // Two seconds, and what a busy machine adds.
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(6));
        assertThat(ana.output()).containsExactly("* what you said last may not have arrived");
        assertThat(ana.errors()).containsExactly(lastWord);
    }

    /** Not even those whose connections the server ended before one's own. */
    @Test
    void shouldNotTakeTheOthersForGoneWhenTheServerStops() throws Exception {
        List<RecadoProcess> clients = List.of(join("ana"), join("bea"), join("eva"), join("rui"));
        // The last to come was announced last.
        awaitLine(clients.get(0), "* rui is here");

        server.type("/sair");

        assertThat(server.exitCode()).isZero();
        for (RecadoProcess client : clients) {
            String line = client.nextLine();
            while (line.endsWith(" is here")) {
                line = client.nextLine();
            }
            assertThat(line).startsWith("* trying again: ");
            leave(client);
            assertThat(client.output()).isEmpty();
        }
    }

    @Test
    void shouldLeaveThoughTheServerIsGone() throws Exception {
        RecadoProcess bea = join("bea");
        RecadoProcess ana = join("ana");
        awaitLine(bea, "* ana is here");
        bea.type("hello");
        awaitLine(ana, "bea: hello");
        server.signal("KILL");
        awaitTrying(ana);

        ana.type("/sair");

        assertThat(ana.exitCode()).isZero();
        assertThat(ana.errors()).containsExactly("recado: left sala");
    }

    @Test
    void shouldSayInOneLineThatThereIsNoServer() throws Exception {
        server.signal("TERM");
        assertThat(server.exitCode()).isEqualTo(SIGTERM);
        assertThat(server.errors()).containsExactly("recado: stopped by a signal");

        assertThat(chat("--nick", "ana").failure()).contains("cannot connect", endpoint.toString());
    }

    /** The file is as {@code mosquitto_passwd} writes it; the password is {@code segredo}. */
    @Test
    void shouldAskForAccountsWhenThereAreSome(@TempDir Path folder) throws Exception {
        Path users = Files.writeString(folder.resolve("users"), ANAS_ACCOUNT);
        Path right = Files.writeString(folder.resolve("right"), "segredo\n");
        Path wrong = Files.writeString(folder.resolve("wrong"), "secret\n");
        startServer(0, "--users", users.toString());

        RecadoProcess ana = join("ana", "--password-file", right.toString());
        assertThat(chat("--nick", "ana", "--password-file", wrong.toString()).failure())
                .contains("BAD_USER_NAME_OR_PASSWORD");
        assertThat(chat("--nick", "bea", "--password-file", right.toString()).failure())
                .contains("BAD_USER_NAME_OR_PASSWORD");
        assertThat(chat("--nick", "eva").failure()).contains("NOT_AUTHORIZED");
        leave(ana);
    }

    static final String ANAS_ACCOUNT =
            "ana:$7$101$sy2Qrp2PaKHZ3lzX$9xrLYa/M4XEC6lbsri0KhjOYmH0IFOHshSul7h5Z3bAAo4JJMBWXVUzWjLS6m4B16f33FsWLHCX4nMOQ/+szmQ==\n";

    // ---- helpers

    private RecadoProcess chat(String... arguments) {
        RecadoProcess client = RecadoProcess.startAt(endpoint, transport, "chat", arguments);
        processes.add(client);
        return client;
    }

    private RecadoProcess join(String nick, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("--nick", nick));
        arguments.addAll(List.of(more));
        RecadoProcess client = chat(arguments.toArray(String[]::new));
        assertThat(client.nextLine()).startsWith("* you are " + nick);
        return client;
    }

    private static void leave(RecadoProcess client) throws Exception {
        client.type("/sair");
        assertThat(client.exitCode()).isZero();
    }

    /** Reads up to a line, past others that announce who comes. */
    private static void awaitLine(RecadoProcess client, String expected) throws Exception {
        String line = client.nextLine();
        while (!line.equals(expected)) {
            assertThat(line).as("on the way to '%s'", expected).startsWith("* ");
            line = client.nextLine();
        }
    }

    private static void awaitTrying(RecadoProcess client) throws Exception {
        String line = client.nextLine();
        while (!line.startsWith("* trying again: ")) {
            assertThat(line).startsWith("* ");
            line = client.nextLine();
        }
    }

    /** Those who write may come back after those who read. */
    private void awaitChatters(int count) throws Exception {
        String line;
        do {
            server.type("/users");
            do {
                line = server.nextLine();
            } while (!line.endsWith(" connected"));
        } while (!line.equals(count + " connected"));
    }

    /** Who the server says is connected, and nobody half. */
    private void assertChatters(String... nicks) throws Exception {
        server.type("/users");
        for (String nick : nicks) {
            assertThat(server.nextLine()).startsWith(nick + " from ");
        }
        assertThat(server.nextLine()).isEqualTo(nicks.length + " connected");
    }
}
