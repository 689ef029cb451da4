package dev.recado.samples.worldtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.recado.samples.Connections;
import dev.recado.samples.OnEachTransport;
import dev.recado.samples.RecadoProcess;
import dev.recado.samples.Terminal;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The world clock at a real terminal, over each transport. */
@OnEachTransport
final class WorldTimeTerminalIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int SIGINT = 128 + 2;

    private final String transport;

    WorldTimeTerminalIT(String transport) {
        this.transport = transport;
    }

    @Test
    void shouldAskAndAnswerAndLeaveWithTheKeyForTheEndOfInput() throws Exception {
        try (RecadoProcess server = startServer();
                Terminal terminal = Terminal.open()) {
            runClient(terminal, server.nextEndpoint());
            terminal.awaitLine(".* \\d+ Asia/Tokyo");
            terminal.awaitLine(">");
            terminal.type("Tóquio");
            terminal.awaitLine("recado: no zone has the number or the name 'Tóquio'");
            terminal.type("são paulo");
            terminal.awaitLine("America/Sao_Paulo  \\S+ \\S+ UTC-03:00  standard time");
            assertThat(terminal.screen()).contains("> são paulo");

            terminal.press("C-d");

            terminal.awaitLine("recado: left: end of the input");
            terminal.awaitLine("exit=0");
            assertThat(terminal.programs()).isEmpty();
        }
    }

    @Test
    void shouldEndTheClientByControlC() throws Exception {
        try (RecadoProcess server = startServer();
                Terminal terminal = Terminal.open()) {
            URI endpoint = server.nextEndpoint();
            runClient(terminal, endpoint);
            terminal.awaitLine(">");

            terminal.press("C-c");

            terminal.awaitLine("exit=" + SIGINT);
            assertThat(terminal.screen()).containsSubsequence("> ^C", "recado: stopped by a signal", "exit=" + SIGINT);
            assertThat(terminal.programs()).isEmpty();
            Connections.await(endpoint.getPort(), 0);
        }
    }

    @Test
    void shouldEndTheClientWithItsTerminal() throws Exception {
        try (RecadoProcess server = startServer();
                Terminal terminal = Terminal.open()) {
            URI endpoint = server.nextEndpoint();
            runClient(terminal, endpoint);
            terminal.awaitLine(">");
            List<ProcessHandle> programs = terminal.programs();
            assertThat(programs).hasSize(1);

            terminal.close();

            await().atMost(PATIENCE).until(() -> programs.stream().noneMatch(ProcessHandle::isAlive));
            Connections.await(endpoint.getPort(), 0);
            assertThat(server.isAlive()).isTrue();
        }
    }

    @Test
    void shouldTellTheUserWhoThinksThatTheServerIsGone() throws Exception {
        try (RecadoProcess server = startServer();
                Terminal terminal = Terminal.open()) {
            URI endpoint = server.nextEndpoint();
            runClient(terminal, endpoint);
            terminal.awaitLine(">");

            server.kill();

            terminal.awaitLine("exit=1");
            assertThat(terminal.screen())
                    .containsSubsequence(">", "recado: the connection to '" + endpoint + "' was lost", "exit=1");
        }
    }

    @Test
    void shouldEndTheServerByControlC() throws Exception {
        try (Terminal terminal = Terminal.open()) {
            terminal.run("worldtime-server --port 0 --transport " + transport);
            URI endpoint = URI.create(terminal.awaitLine("mqtt://127\\.0\\.0\\.1:\\d+"));
            try (RecadoProcess client =
                    RecadoProcess.startAt(endpoint, transport, "worldtime", "--zone", "Asia/Tokyo")) {
                client.success();
            }

            terminal.press("C-c");

            terminal.awaitLine(".*recado: stopped by a signal");
            terminal.awaitLine("exit=" + SIGINT);
            assertThat(terminal.programs()).isEmpty();
            Connections.await(endpoint.getPort(), 0);
        }
    }

    @Test
    void shouldEndTheServerWithItsTerminal() throws Exception {
        try (Terminal terminal = Terminal.open()) {
            terminal.run("worldtime-server --port 0 --transport " + transport);
            URI endpoint = URI.create(terminal.awaitLine("mqtt://127\\.0\\.0\\.1:\\d+"));
            List<ProcessHandle> programs = terminal.programs();
            try (RecadoProcess client = RecadoProcess.startAt(endpoint, transport, "worldtime")) {
                client.type("Asia/Tokyo");
                await().atMost(PATIENCE)
                        .until(() -> client.output().stream().anyMatch(line -> line.startsWith("Asia/Tokyo  ")));

                terminal.close();

                assertThat(client.exitCode()).isEqualTo(1);
                assertThat(client.errors()).singleElement().asString().contains("SERVER_SHUTTING_DOWN");
            }
            await().atMost(PATIENCE).until(() -> programs.stream().noneMatch(ProcessHandle::isAlive));
            Connections.await(endpoint.getPort(), 0);
        }
    }

    private RecadoProcess startServer() {
        return RecadoProcess.start("worldtime-server", "--port", "0", "--transport", transport);
    }

    private void runClient(Terminal terminal, URI server) {
        terminal.run("worldtime --port " + server.getPort() + " --transport " + transport);
    }
}
