package dev.recado.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OpenSocketsTest {

    private final OpenSockets sockets = new OpenSockets(true);
    private ServerSocket server;
    private Socket client;
    private Socket accepted;

    @BeforeEach
    void connect() throws IOException {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "this system does not show a program's open files");
        server = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
        client = new Socket(server.getInetAddress(), server.getLocalPort());
        accepted = server.accept();
    }

    @AfterEach
    void close() throws IOException {
        if (server != null) {
            server.close();
            client.close();
            accepted.close();
        }
    }

    private String listening() {
        return server.getLocalPort() + " to 0";
    }

    private String from(Socket socket) {
        return socket.getLocalPort() + " to " + socket.getPort();
    }

    @Test
    void shouldSeeTheListenerAndBothEndsUntilTheyAreClosed() throws Exception {
        sockets.own(server.getLocalPort());
        sockets.look();
        assertThat(sockets.left()).containsExactlyInAnyOrder(listening(), from(client), from(accepted));

        client.close();
        assertThat(sockets.left()).containsExactlyInAnyOrder(listening(), from(accepted));
        accepted.close();
        sockets.disown(server.getLocalPort());
        server.close();
        assertThat(sockets.left()).isEmpty();
    }

    /** The system's table has no entry for it any more. */
    @Test
    void shouldSeeASocketThatItsPeerHasReset() throws Exception {
        sockets.own(server.getLocalPort());
        sockets.look();
        accepted.setSoLinger(true, 0);
        accepted.close();
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        sockets.disown(server.getLocalPort());
        server.close();

        assertThat(sockets.left()).containsExactly(from(client));
    }

    @Test
    void shouldNotTakeForItsOwnWhatUsesAPortThatItHasDisowned() throws Exception {
        int port = server.getLocalPort();
        close();
        sockets.own(port);
        sockets.disown(port);
        server = new ServerSocket(port, 10, InetAddress.getByName("127.0.0.1"));
        sockets.look();

        assertThat(sockets.left()).isEmpty();
    }

    @Test
    void shouldSeeNothingOfOtherPorts() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
            sockets.own(other.getLocalPort());
            sockets.look();

            assertThat(sockets.left()).containsExactly(other.getLocalPort() + " to 0");
        }
    }

    @Test
    void shouldSeeNothingWhereEndpointsAreNoTcpPorts() {
        OpenSockets none = new OpenSockets(false);
        none.own(server.getLocalPort());
        none.look();

        assertThat(none.left()).isEmpty();
    }

    /** So that a test of hundreds of connections does not spend its time looking. */
    @Test
    void shouldLookSoOftenOnlyAndOnceMoreAtTheEnd() throws Exception {
        for (int i = 0; i < 100; i++) {
            sockets.look();
        }
        sockets.own(server.getLocalPort());
        sockets.look();
        assertThat(sockets.left()).isEmpty();

        sockets.lookForTheLastTime();
        assertThat(sockets.left()).hasSize(3);

        try (Socket another = new Socket(server.getInetAddress(), server.getLocalPort())) {
            sockets.look();
            assertThat(sockets.left()).hasSize(3).doesNotContain(from(another));
        }
    }

    @Test
    void shouldFailTheTestThatLeavesOneOpen() {
        sockets.own(server.getLocalPort());
        sockets.look();
        Violations violations = new Violations();
        sockets.checkNoneLeft("C1", Duration.ofMillis(20), violations);

        assertThatThrownBy(violations::rethrow)
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("C1: no socket may be left open, but there are, from port to port: [")
                .hasMessageContaining(listening());
    }
}
