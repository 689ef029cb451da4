package dev.recado.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.recado.Publisher;
import dev.recado.Subscriber;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** However a sample stops, one line says what happened, and nothing of it stays. Over each transport. */
@OnEachTransport
final class CleanEndsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    enum Server {
        BROKER("broker"),
        CHAT("chat-server"),
        WORLD_CLOCK("worldtime-server");

        private final String command;

        Server(String command) {
            this.command = command;
        }
    }

    /** What runs until it is told to stop. */
    enum Client {
        PUB(Server.BROKER, "pub", "--topic", "t", "-"),
        SUB(Server.BROKER, "sub", "--topic", "t"),
        CHAT(Server.CHAT, "chat", "--nick", "ana"),
        WORLD_CLOCK(Server.WORLD_CLOCK, "worldtime");

        private final Server server;
        private final String command;
        private final String[] arguments;

        Client(Server server, String command, String... arguments) {
            this.server = server;
            this.command = command;
            this.arguments = arguments;
        }
    }

    /** Those that a program is told of. */
    enum Signal {
        HUP(1),
        INT(2),
        TERM(15);

        private final int number;

        Signal(int number) {
            this.number = number;
        }

        int exitCode() {
            return 128 + number;
        }
    }

    private final String transport;
    private RecadoProcess server;
    private RecadoProcess client;
    private URI endpoint;

    CleanEndsIT(String transport) {
        this.transport = transport;
    }

    @AfterEach
    void kill() {
        Stream.of(server, client).filter(process -> process != null).forEach(RecadoProcess::close);
    }

    static Stream<Arguments> clientsAndSignals() {
        return Stream.of(Client.values())
                .flatMap(client -> Stream.of(Signal.values()).map(signal -> Arguments.of(client, signal)));
    }

    @ParameterizedTest
    @MethodSource("clientsAndSignals")
    void shouldEndAClientBySignal(Client which, Signal signal) throws Exception {
        int port = startBoth(which);

        client.signal(signal.name());

        assertThat(client.exitCode()).isEqualTo(signal.exitCode());
        assertThat(client.errors()).containsExactly("recado: stopped by a signal");
        Connections.await(port, 0);
        assertThat(server.isAlive()).isTrue();
        assertThat(server.errors()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void shouldFreeTheConnectionsOfAClientThatWasKilled(Client which) throws Exception {
        int port = startBoth(which);

        client.kill();

        Connections.await(port, 0);
        assertThat(server.isAlive()).isTrue();
    }

    static Stream<Arguments> serversAndSignals() {
        return Stream.of(Server.values())
                .flatMap(server -> Stream.of(Signal.values()).map(signal -> Arguments.of(server, signal)));
    }

    @ParameterizedTest
    @MethodSource("serversAndSignals")
    void shouldEndAServerBySignalThoughAClientIsThere(Server which, Signal signal) throws Exception {
        int port = startBoth(aClientOf(which));

        server.signal(signal.name());

        assertThat(server.exitCode()).isEqualTo(signal.exitCode());
        assertThat(server.errors()).containsExactly("recado: stopped by a signal");
        Connections.await(port, 0);
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndAServerByCommandThoughAClientIsThere(Server which) throws Exception {
        int port = startBoth(aClientOf(which));

        server.type("/sair");

        assertThat(server.exitCode()).isZero();
        assertThat(server.errors()).containsExactly("recado: stopped by /sair");
        Connections.await(port, 0);
    }

    /** These can do nothing without their server. */
    @ParameterizedTest
    @EnumSource(names = {"PUB", "WORLD_CLOCK"})
    void shouldEndAClientWhoseServerWasKilled(Client which) throws Exception {
        startBoth(which);
        awaitAtWork(which);

        server.kill();

        assertThat(client.exitCode()).isEqualTo(1);
        assertThat(client.errors()).singleElement().asString().contains("was lost");
    }

    /** These wait for their server to come back, and can be stopped while they do. */
    @ParameterizedTest
    @EnumSource(names = {"SUB", "CHAT"})
    void shouldEndAClientThatWaitsForItsServer(Client which) throws Exception {
        startBoth(which);
        awaitAtWork(which);
        server.kill();
        await().atMost(PATIENCE)
                .until(() -> Stream.concat(client.output().stream(), client.errors().stream())
                        .anyMatch(line -> line.contains("trying again")));

        client.signal("TERM");

        assertThat(client.exitCode()).isEqualTo(Signal.TERM.exitCode());
        assertThat(client.errors()).last().isEqualTo("recado: stopped by a signal");
    }

    @ParameterizedTest
    @ValueSource(strings = {"broker", "chat-server"})
    void shouldEndAServerWithItsTerminal(String command) {
        try (Terminal terminal = Terminal.open()) {
            terminal.run(command + " --port 0 --transport " + transport);
            terminal.awaitLine("mqtt://127\\.0\\.0\\.1:\\d+");

            assertEndsWith(terminal);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pub --topic t -", "sub --topic t"})
    void shouldEndAClientWithItsTerminal(String command) throws Exception {
        int port = start(Server.BROKER).getPort();
        try (Terminal terminal = Terminal.open()) {
            terminal.run(command + " --port " + port + " --transport " + transport);
            Connections.await(port, 1);

            assertEndsWith(terminal);
        }
        Connections.await(port, 0);
    }

    private static void assertEndsWith(Terminal terminal) {
        List<ProcessHandle> programs = terminal.programs();
        assertThat(programs).hasSize(1);

        terminal.close();

        await().atMost(PATIENCE).until(() -> programs.stream().noneMatch(ProcessHandle::isAlive));
    }

    // ---- helpers

    private static Client aClientOf(Server server) {
        return Stream.of(Client.values())
                .filter(client -> client.server == server)
                .findFirst()
                .orElseThrow();
    }

    /** Returns the server's port when the client is connected, or has just begun to be. */
    private int startBoth(Client which) throws InterruptedException {
        start(which.server);
        client = RecadoProcess.startAt(endpoint, transport, which.command, which.arguments);
        await().atMost(PATIENCE).until(() -> Connections.of(endpoint.getPort()) > 0);
        return endpoint.getPort();
    }

    /** Until then it says that it could not connect, and not that the connection was lost. */
    private void awaitAtWork(Client which) throws Exception {
        switch (which) {
            case PUB -> {
                client.type("hello");
                try (Subscriber subscriber =
                        Subscriber.builder(endpoint).topic("t").open()) {
                    assertThat(subscriber.receive(PATIENCE)).isPresent();
                }
            }
            case SUB -> {
                try (Publisher publisher =
                        Publisher.builder(endpoint).topic("t").open()) {
                    publisher.publish("hello");
                }
                assertThat(client.nextLine()).isEqualTo("t: hello");
            }
            case CHAT -> assertThat(client.nextLine()).startsWith("* you are ana");
            case WORLD_CLOCK -> {
                client.type("UTC");
                await().atMost(PATIENCE)
                        .until(() -> client.output().stream().anyMatch(line -> line.contains("UTC+00:00")));
            }
        }
    }

    private URI start(Server which) throws InterruptedException {
        server = RecadoProcess.startAt(URI.create("mqtt://127.0.0.1:0"), transport, which.command);
        endpoint = server.nextEndpoint();
        return endpoint;
    }
}
