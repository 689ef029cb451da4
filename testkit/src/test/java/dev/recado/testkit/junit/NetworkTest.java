package dev.recado.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client and a server with plain sockets, and what the network does to what they say. */
class NetworkTest {

    private static final Duration DELAY = Duration.ofMillis(200);
    private static final int SILENCE_MILLIS = 100;

    private final InetAddress host = InetAddress.getLoopbackAddress();
    private ServerSocket listening;
    private Network network;
    private Socket client;
    private Socket server;

    @BeforeEach
    void connect() throws IOException {
        listening = new ServerSocket(0, 50, host);
        network = new Network(host);
        network.leadTo((InetSocketAddress) listening.getLocalSocketAddress());
        client = open();
        server = listening.accept();
    }

    private Socket open() throws IOException {
        Socket socket = new Socket(host, network.address().getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        return socket;
    }

    @AfterEach
    void close() throws IOException {
        network.close();
        client.close();
        server.close();
        listening.close();
    }

    private Faults faults() {
        return new Faults(network, null);
    }

    private Faults faultsOfTheLink() {
        return new Faults(network, network.links().get(0));
    }

    private static void say(Socket from, String text) throws IOException {
        from.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String hear(Socket at, int length) throws IOException {
        return new String(at.getInputStream().readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    private static void expectSilence(Socket at) throws IOException {
        int usual = at.getSoTimeout();
        at.setSoTimeout(SILENCE_MILLIS);
        assertThatThrownBy(() -> at.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        at.setSoTimeout(usual);
    }

    @Test
    void shouldPassOnBothWaysUntilBothHaveSaidAll() throws IOException {
        say(client, "ask");
        assertThat(hear(server, 3)).isEqualTo("ask");
        client.shutdownOutput();
        assertThat(server.getInputStream().read()).isEqualTo(-1);
        say(server, "answer");
        server.shutdownOutput();
        assertThat(hear(client, 7)).isEqualTo("answer");
        await().until(() -> network.links().isEmpty());
    }

    @Test
    void shouldPassOnMoreThanItHolds() throws Exception {
        byte[] much = new byte[5_000_000];
        new Random(1).nextBytes(much);
        Thread sender = new Thread(() -> {
            try {
                client.getOutputStream().write(much);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        sender.start();
        assertThat(server.getInputStream().readNBytes(much.length)).isEqualTo(much);
        sender.join();
    }

    @Test
    void shouldDelayInOneDirectionAndKeepTheOrder() throws IOException {
        faults().only(Direction.TO_BROKER).delay(DELAY);
        long begun = System.nanoTime();
        say(server, "at once");
        assertThat(hear(client, 7)).isEqualTo("at once");
        for (int i = 0; i < 10; i++) {
            say(client, String.valueOf(i));
        }
        assertThat(hear(server, 10)).isEqualTo("0123456789");
        assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(DELAY.toNanos());
    }

    /** The latency of a network, not a pause after each packet. */
    @Test
    void shouldDelaySeveralAtATime() throws IOException {
        Duration delay = Duration.ofSeconds(1);
        faults().delay(delay);
        long begun = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            say(client, "x");
            // Else TCP makes one segment of them.
            network.links();
        }
        hear(server, 20);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isBetween(delay, delay.multipliedBy(5));
    }

    @Test
    void shouldHoldWhatIsStalledUntilCleared() throws IOException {
        faults().stall();
        say(client, "first");
        say(server, "answer");
        expectSilence(server);
        expectSilence(client);
        faults().clear();
        assertThat(hear(server, 5)).isEqualTo("first");
        assertThat(hear(client, 6)).isEqualTo("answer");
    }

    @Test
    void shouldHoldTheEndOfAConnectionThatIsStalled() throws IOException {
        faults().stall();
        say(client, "last");
        client.close();
        expectSilence(server);
        faults().clear();
        assertThat(hear(server, 4)).isEqualTo("last");
        assertThat(server.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void shouldMakeASenderWaitForAStalledReceiver() throws Exception {
        faults().stall();
        client.setSendBufferSize(10_000);
        long most = 100_000_000;
        long[] sent = new long[1];
        Thread sender = new Thread(() -> {
            try {
                byte[] chunk = new byte[10_000];
                while (sent[0] < most) {
                    client.getOutputStream().write(chunk);
                    sent[0] += chunk.length;
                }
            } catch (IOException e) {
                // The end of the test.
            }
        });
        sender.start();
        long[] before = {-1};
        await().pollInterval(Duration.ofMillis(200)).until(() -> {
            boolean stands = before[0] == sent[0];
            before[0] = sent[0];
            return stands;
        });
        client.close();
        sender.join();
        assertThat(sent[0]).isLessThan(most);
    }

    @ParameterizedTest
    @EnumSource(Direction.class)
    void shouldCorruptOneByteOnce(Direction direction) throws IOException {
        boolean up = direction == Direction.TO_BROKER;
        faults().only(direction).corrupt();
        say(up ? server : client, "sound");
        assertThat(hear(up ? client : server, 5)).isEqualTo("sound");
        say(up ? client : server, "sound");
        assertThat(hear(up ? server : client, 5)).isEqualTo((char) (~'s' & 0xff) + "ound");
        say(up ? client : server, "sound");
        assertThat(hear(up ? server : client, 5)).isEqualTo("sound");
    }

    /** Also on the connection that comes next, if none is there before. */
    @Test
    void shouldCorruptWhateverConnectionComesFirst() throws IOException {
        faults().only(Direction.TO_BROKER).corrupt();
        try (Socket second = open();
                Socket secondServer = listening.accept()) {
            say(second, "x");
            assertThat(hear(secondServer, 1)).isEqualTo(String.valueOf((char) (~'x' & 0xff)));
            say(client, "x");
            assertThat(hear(server, 1)).isEqualTo("x");
        }
    }

    @Test
    void shouldResetBothSidesWhenCut() throws IOException {
        faults().cut();
        for (Socket side : List.of(client, server)) {
            assertThatThrownBy(() -> side.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        try (Socket again = open();
                Socket againServer = listening.accept()) {
            say(again, "here");
            assertThat(hear(againServer, 4)).isEqualTo("here");
        }
    }

    @Test
    void shouldResetOneSideWhenTheOtherOneDoes() throws IOException {
        server.setSoLinger(true, 0);
        server.close();
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @Test
    void shouldResetWhoeverComesWhileNobodyListens() throws IOException {
        listening.close();
        try (Socket late = open()) {
            assertThatThrownBy(() -> late.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void shouldChangeOneConnectionOnly() throws IOException {
        Faults first = faultsOfTheLink();
        try (Socket second = open();
                Socket secondServer = listening.accept()) {
            first.stall();
            say(client, "held");
            say(second, "here");
            assertThat(hear(secondServer, 4)).isEqualTo("here");
            expectSilence(server);
            first.cut();
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            say(second, "still");
            assertThat(hear(secondServer, 5)).isEqualTo("still");
        }
        // Of a connection that has ended.
        first.clear();
        first.cut();
    }

    @Test
    void shouldApplyToConnectionsToComeUntilCleared() throws IOException {
        faults().stall();
        try (Socket second = open();
                Socket secondServer = listening.accept()) {
            say(second, "held");
            expectSilence(secondServer);
            faults().clear();
            assertThat(hear(secondServer, 4)).isEqualTo("held");
        }
        try (Socket third = open();
                Socket thirdServer = listening.accept()) {
            say(third, "free");
            assertThat(hear(thirdServer, 4)).isEqualTo("free");
        }
    }

    @Test
    void shouldRefuseWhatIsAskedOfItAfterItsEnd() throws IOException {
        network.close();
        network.close();
        assertThatThrownBy(() -> faults().stall())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @Test
    void shouldRefuseANegativeDelay() {
        assertThatThrownBy(() -> faults().delay(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-1S");
    }
}
