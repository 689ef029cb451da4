package dev.recado.samples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.recado.samples.OnEachTransport;
import dev.recado.samples.RecadoProcess;
import dev.recado.samples.Terminal;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The chat in a real terminal. */
@OnEachTransport
final class ChatTerminalIT {

    private final String transport;
    private RecadoProcess server;
    private RecadoProcess bea;
    private URI endpoint;

    ChatTerminalIT(String transport) {
        this.transport = transport;
    }

    @BeforeEach
    void startServerAndBea() throws Exception {
        server = RecadoProcess.startAt(URI.create("mqtt://127.0.0.1:0"), transport, "chat-server");
        endpoint = server.nextEndpoint();
        bea = RecadoProcess.startAt(endpoint, transport, "chat", "--nick", "bea");
        assertThat(bea.nextLine()).startsWith("* you are bea");
    }

    @AfterEach
    void kill() {
        bea.close();
        server.close();
    }

    @Test
    void shouldAskForANicknameUntilOneIsFree() throws Exception {
        try (Terminal terminal = open("")) {
            terminal.awaitLine("nickname:");
            terminal.type("bea");
            terminal.awaitLine("\\* the nickname bea is taken; .*");
            terminal.type("ana");
            terminal.awaitLine("\\* you are ana in sala.*");
            assertThat(bea.nextLine()).isEqualTo("* ana is here");
        }
    }

    /** Whoever has it says nothing any more, and no goodbye either. */
    @Test
    void shouldGetANicknameWhenItsOwnerNoLongerAnswers() throws Exception {
        bea.signal("STOP");
        try (Terminal terminal = open("--nick bea")) {
            terminal.awaitLine("\\* the nickname bea is taken; .* it is free within 15 seconds");
            terminal.awaitLine("nickname:");

            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> {
                        terminal.type("bea");
                        return terminal.screen().contains("* you are bea in sala; /help lists the commands");
                    });
        }
    }

    /** The file is as {@code mosquitto_passwd} writes it; the password is {@code segredo}. */
    @Test
    void shouldAskForAPasswordWithoutShowingIt(@TempDir Path folder) throws Exception {
        Path users = Files.writeString(folder.resolve("users"), ChatIT.ANAS_ACCOUNT);
        try (RecadoProcess guarded = RecadoProcess.startAt(
                        URI.create("mqtt://127.0.0.1:0"), transport, "chat-server", "--users", users.toString());
                Terminal terminal = open(guarded.nextEndpoint(), "--nick ana")) {
            terminal.awaitLine("password of ana:.*");
            terminal.type("secret");
            terminal.awaitLine("\\* .*BAD_USER_NAME_OR_PASSWORD.*");
            terminal.awaitLine("password of ana: *");
            terminal.type("segredo");
            terminal.awaitLine("\\* you are ana in sala.*");
            assertThat(terminal.screen()).noneMatch(line -> line.contains("secret") || line.contains("segredo"));
        }
    }

    @Test
    void shouldNotTearWhatIsBeingTyped() throws Exception {
        try (Terminal terminal = join()) {
            terminal.write("bom diX");
            terminal.awaitLine("ana> bom diX");

            bea.type("ç 日本語 🙂");
            terminal.awaitLine("bea: ç 日本語 🙂");
            // Still there, below it, and can be corrected.
            assertThat(terminal.awaitLine("ana>.*")).isEqualTo("ana> bom diX");
            terminal.press("BSpace");
            terminal.type("a!!");

            assertThat(bea.nextLine()).isEqualTo("ana: bom dia!!");
        }
    }

    @Test
    void shouldShowNothingThatMovesTheCursor() throws Exception {
        try (Terminal terminal = join()) {
            bea.type("a\u001b[2Jb\u202Ec");
            terminal.awaitLine("bea: a \\[2Jb c");
        }
    }

    /** Ctrl-C, Ctrl-D and the words. */
    @ParameterizedTest
    @CsvSource({"C-c", "C-d", "/sair", "sair", "/quit"})
    void shouldLeaveAndGiveTheTerminalBack(String how) throws Exception {
        try (Terminal terminal = join()) {
            if (how.startsWith("C-")) {
                terminal.press(how);
            } else {
                terminal.type(how);
            }
            terminal.awaitLine("exit=0");
            assertThat(terminal.screen()).contains("recado: left sala");
            assertThat(bea.nextLine()).isEqualTo("* ana left");
            assertThat(terminal.programs()).isEmpty();
            // The terminal shows what is typed again.
            terminal.write("echo on");
            terminal.awaitLine(". echo on");
        }
    }

    @Test
    void shouldEndWithItsTerminal() throws Exception {
        try (Terminal terminal = join()) {
            var programs = terminal.programs();
            assertThat(programs).isNotEmpty();

            terminal.close();

            await().atMost(Duration.ofSeconds(30)).until(() -> programs.stream().noneMatch(ProcessHandle::isAlive));
            assertThat(bea.nextLine()).isEqualTo("* ana left");
        }
    }

    @Test
    void shouldEndWhenItIsThrownOutThoughNobodyTypes() throws Exception {
        try (Terminal terminal = join()) {
            server.type("/kick ana");

            terminal.awaitLine("exit=1");
            terminal.awaitLine("recado: .*ADMINISTRATIVE_ACTION.*");
            assertThat(terminal.programs()).isEmpty();
        }
    }

    /** What the README shows; {@code chat-tour.sh --record docs/chat.svg} draws it anew. */
    @Test
    void shouldBeShownAsItIs(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(transport.equals("nio"), "the tour has one transport");
        Path picture = folder.resolve("chat.svg");
        ProcessBuilder builder = new ProcessBuilder("./chat-tour.sh", "--record", picture.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        builder.environment().put("RECADO_PORT", "0");
        Process tour = builder.start();
        try {
            assertThat(tour.waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(tour.exitValue())
                    .as(Files.readString(folder.resolve("log")))
                    .isZero();
        } finally {
            tour.destroy();
        }
        assertThat(words(picture))
                .containsAll(words(Path.of("../docs/chat.svg")))
                .contains("日本語", "(privately):");
    }

    /** Without those that differ each time. */
    private static List<String> words(Path picture) throws IOException {
        return Pattern.compile("<text [^>]*>([^<]*)</text>")
                .matcher(Files.readString(picture))
                .results()
                .map(match -> match.group(1))
                .filter(word -> !word.matches("[\\u2500-\\u257f]+|.*:\\d+"))
                .toList();
    }

    private Terminal open(String arguments) {
        return open(endpoint, arguments);
    }

    private Terminal open(URI server, String arguments) {
        Terminal terminal = Terminal.open();
        terminal.run("chat --port " + server.getPort() + " --transport " + transport + " " + arguments);
        return terminal;
    }

    private Terminal join() throws InterruptedException {
        Terminal terminal = open("--nick ana");
        terminal.awaitLine("ana>");
        assertThat(bea.nextLine()).isEqualTo("* ana is here");
        return terminal;
    }
}
