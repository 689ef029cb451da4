package dev.recado.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.core.time.ManualTimers;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What only this transport has: stepping, and bytes that stay the writer's until they are consumed. */
class MemoryTransportTest {

    private static final URI HERE = URI.create("memory:here");

    private final ManualTimers timers = new ManualTimers();
    private final MemoryTransport transport = MemoryTransport.stepped(timers);
    private final List<Side> accepted = new ArrayList<>();

    @AfterEach
    void closeTransport() {
        transport.close();
    }

    /** Writes down what it is told. */
    private static class Side implements ConnectionHandler {

        final Connection connection;
        final List<String> events = new ArrayList<>();
        Runnable onReceived = () -> {};

        Side(Connection connection) {
            this.connection = connection;
        }

        void send(String text) {
            connection.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
            connection.flush();
        }

        @Override
        public void opened() {
            events.add("opened");
        }

        @Override
        public void received(ByteBuffer bytes) {
            events.add("received " + StandardCharsets.US_ASCII.decode(bytes));
            onReceived.run();
        }

        @Override
        public void drained() {
            events.add("drained");
        }

        @Override
        public void closed(Throwable cause) {
            events.add(cause == null ? "closed" : "closed " + cause.getClass().getSimpleName());
        }
    }

    private Side accept(Connection connection) {
        Side side = new Side(connection);
        accepted.add(side);
        return side;
    }

    private Side connect(URI endpoint, ConnectionOptions options) {
        Side[] side = new Side[1];
        transport.connect(endpoint, ConnectOptions.defaults().withConnection(options), connection -> {
            side[0] = new Side(connection);
            return side[0];
        });
        return side[0];
    }

    private Side connect() {
        return connect(HERE, ConnectionOptions.defaults());
    }

    private Listener listen() throws IOException {
        return transport.listen(HERE, ListenOptions.defaults(), this::accept);
    }

    @Test
    void shouldDeliverNothingUntilStepped() throws IOException {
        listen();
        Side client = connect();
        assertThat(client.events).isEmpty();
        transport.runUntilIdle();
        assertThat(client.events).containsExactly("opened");
        Side server = accepted.get(0);
        client.send("oi");
        assertThat(client.connection.pending()).isEqualTo(2);
        assertThat(server.events).containsExactly("opened");
        transport.runUntilIdle();
        assertThat(server.events).containsExactly("opened", "received oi");
        assertThat(client.connection.pending()).isZero();
    }

    @Test
    void shouldDeliverInTheSameOrderEachTime() throws IOException {
        listen();
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Side client = connect();
            transport.runUntilIdle();
            Side server = accepted.get(i);
            int number = i;
            server.onReceived = () -> order.add("server " + number);
            client.send("x");
        }
        transport.runUntilIdle();
        assertThat(order).containsExactly("server 0", "server 1", "server 2");
    }

    @Test
    void shouldKeepBytesPendingAtTheWriterWhileTheReaderPauses() throws IOException {
        listen();
        Side client = connect(HERE, ConnectionOptions.defaults().withWaterMarks(10, 20));
        transport.runUntilIdle();
        Side server = accepted.get(0);
        server.connection.pauseReading();
        client.send("x".repeat(21));
        transport.runUntilIdle();
        assertThat(server.events).containsExactly("opened");
        assertThat(client.connection.pending()).isEqualTo(21);
        server.connection.resumeReading();
        transport.runUntilIdle();
        assertThat(server.events).containsExactly("opened", "received " + "x".repeat(21));
        assertThat(client.events).containsExactly("opened", "drained");
        assertThat(client.connection.pending()).isZero();
    }

    @Test
    void shouldDeliverWhatWasWrittenBeforeClose() throws IOException {
        listen();
        Side client = connect();
        transport.runUntilIdle();
        client.connection.write(ByteBuffer.wrap(new byte[] {'a'}));
        client.connection.close();
        client.send("too late");
        transport.runUntilIdle();
        assertThat(accepted.get(0).events).containsExactly("opened", "received a", "closed");
        assertThat(client.events).containsExactly("opened", "closed");
        assertThat(timers.waiting()).isZero();
    }

    @Test
    void shouldAbortACloseThatThePeerDoesNotAnswer() throws IOException {
        listen();
        Side client = connect(HERE, ConnectionOptions.defaults().withCloseTimeout(Duration.ofSeconds(3)));
        transport.runUntilIdle();
        Side server = accepted.get(0);
        server.connection.pauseReading();
        client.send("unread");
        client.connection.close();
        transport.runUntilIdle();
        timers.advance(Duration.ofMillis(2_999));
        transport.runUntilIdle();
        assertThat(client.events).containsExactly("opened");
        timers.advance(Duration.ofMillis(1));
        transport.runUntilIdle();
        assertThat(client.events).containsExactly("opened", "closed");
        assertThat(server.events).containsExactly("opened", "closed IOException");
    }

    @Test
    void shouldKeepInstancesApart() throws IOException {
        listen();
        MemoryTransport other = MemoryTransport.stepped();
        List<String> ends = new ArrayList<>();
        other.connect(HERE, ConnectOptions.defaults(), connection -> new Side(connection) {
            @Override
            public void closed(Throwable cause) {
                ends.add(cause.getClass() + " " + cause.getMessage());
            }
        });
        other.runUntilIdle();
        assertThat(ends)
                .containsExactly(
                        ConnectException.class + " connection to 'memory:here' refused: nothing listens there");
        other.close();
    }

    @Test
    void shouldRefuseEndpointsThatAreTakenOrOfAnotherKind() throws IOException {
        Listener listener = listen();
        assertThat(listener.endpoint()).isEqualTo(HERE);
        assertThatThrownBy(this::listen).isInstanceOf(BindException.class).hasMessageContaining("memory:here");
        listener.close();
        listener.close();
        listen();
        // Another listener's name is not freed by closing this one again.
        listener.close();
        assertThatThrownBy(this::listen).isInstanceOf(BindException.class);
        assertThatThrownBy(() -> connect(URI.create("mqtt://h"), ConnectionOptions.defaults()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("memory:name");
    }

    @Test
    void shouldNameItsPeers() throws IOException {
        listen();
        Side client = connect();
        assertThatThrownBy(client.connection::peer)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("T28");
        transport.runUntilIdle();
        assertThat(client.connection.peer().address()).hasToString("memory:here");
        assertThat(accepted.get(0).connection.peer().address()).hasToString("memory:here#1");
    }

    @Test
    void shouldTellItsPeersApart() throws IOException {
        listen();
        Side one = connect();
        Side two = connect();
        transport.runUntilIdle();
        assertThat(one.connection.peer().address())
                .isEqualTo(two.connection.peer().address())
                .hasSameHashCodeAs(two.connection.peer().address());
        assertThat(accepted.get(0).connection.peer().address())
                .isNotEqualTo(accepted.get(1).connection.peer().address());
    }

    @Test
    void shouldEndEverythingWhenClosedAndRefuseAfterwards() throws IOException {
        listen();
        Side client = connect();
        transport.runUntilIdle();
        transport.close();
        assertThat(client.events).containsExactly("opened", "closed");
        assertThat(accepted.get(0).events).containsExactly("opened", "closed");
        assertThatThrownBy(this::listen).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(this::connect).isInstanceOf(IllegalStateException.class);
        assertThat(timers.isClosed()).isTrue();
    }

    @Test
    void shouldBeSteppedOnlyWhenMadeForIt() {
        MemoryTransport running = new MemoryTransport();
        assertThatThrownBy(running::runUntilIdle).isInstanceOf(IllegalStateException.class);
        running.close();
    }
}
