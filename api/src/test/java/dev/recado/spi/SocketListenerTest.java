package dev.recado.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class SocketListenerTest {

    private static final URI ENDPOINT = URI.create("mqtt://127.0.0.1:0");

    private final Queue<SocketChannel> accepted = new ConcurrentLinkedQueue<>();

    private static SocketListener listener(ServerSocketChannel channel, BiConsumer<SocketChannel, Acceptor> accepted) {
        return new SocketListener(channel, ENDPOINT, connection -> null, accepted);
    }

    private static ServerSocketChannel bound() throws IOException {
        return ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
    }

    private static Thread run(SocketListener listener) {
        Thread thread = new Thread(listener);
        thread.start();
        return thread;
    }

    private static void assertEnds(Thread thread) throws InterruptedException {
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
    }

    private static Socket connect(ServerSocketChannel channel) throws IOException {
        Socket socket = new Socket();
        socket.connect(channel.getLocalAddress());
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** T2. */
    @Test
    void shouldStateTheRealPort() throws Exception {
        SocketListener listener = SocketListener.bind(
                URI.create("mqtt://127.0.0.1:0/path"), 10, connection -> null, (socket, asked) -> accepted.add(socket));
        run(listener);
        URI endpoint = listener.endpoint();
        try (Socket client = new Socket(endpoint.getHost(), endpoint.getPort())) {
            await().until(() -> !accepted.isEmpty());
            assertThat(endpoint).hasScheme("mqtt").hasPath("/path").hasPort(client.getPort());
        } finally {
            listener.close();
        }
        accepted.remove().close();
    }

    /** T2. */
    @Test
    void shouldNameTheEndpointThatCannotBeBound() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            URI taken = Endpoints.withPort(ENDPOINT, other.getLocalPort());

            assertThatThrownBy(() -> SocketListener.bind(taken, 10, connection -> null, (socket, asked) -> {}))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("'" + taken + "'");
        }
        String unknown = "x".repeat(64) + ".invalid";
        assertThatThrownBy(() -> SocketListener.bind(
                        URI.create("mqtt://" + unknown), 10, connection -> null, (socket, asked) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("unknown host '" + unknown + "'");
    }

    /** T21. */
    @Test
    void shouldHaveFreedTheAddressWhenCloseReturns() throws Exception {
        ServerSocketChannel channel = bound();
        InetSocketAddress address = (InetSocketAddress) channel.getLocalAddress();
        for (int round = 0; round < 50; round++) {
            SocketListener listener = listener(channel, (socket, asked) -> accepted.add(socket));
            Thread thread = run(listener);
            try (Socket client = connect(channel)) {
                await().until(() -> !accepted.isEmpty());
                assertThat(client.isConnected()).isTrue();
            }
            accepted.remove().close();

            Thread.currentThread().interrupt();
            listener.close();
            assertThat(Thread.interrupted()).as("the caller's interrupt stays").isTrue();

            channel = ServerSocketChannel.open();
            // What the connection above leaves behind is none of this listener's.
            channel.socket().setReuseAddress(true);
            channel.bind(address);
            assertEnds(thread);
        }
        channel.close();
    }

    /** T21: accepted before the close, asked for a handler after it. */
    @Test
    void shouldAskForNoHandlerOnceClosed() throws Exception {
        ServerSocketChannel channel = bound();
        Queue<Acceptor> asked = new ConcurrentLinkedQueue<>();
        SocketListener listener = new SocketListener(
                channel,
                ENDPOINT,
                connection -> {
                    throw new AssertionError("asked");
                },
                (socket, acceptor) -> {
                    accepted.add(socket);
                    asked.add(acceptor);
                });
        run(listener);
        try (Socket client = connect(channel)) {
            await().until(() -> !asked.isEmpty());
            listener.close();

            assertThat(asked.remove().accept(null)).isNull();
            assertThat(client.isConnected()).isTrue();
        }
        accepted.remove().close();
    }

    /** T26. */
    @Test
    void shouldBackOffWhileAcceptingFailsAndGoOnAfterwards() throws Exception {
        ServerSocketChannel real = bound();
        FailingServerChannel channel = new FailingServerChannel(real, 4);
        SocketListener listener = listener(channel, (socket, asked) -> accepted.add(socket));

        long start = System.nanoTime();
        run(listener);
        try (Socket client = connect(real)) {
            await().until(() -> !accepted.isEmpty());
            assertThat(client.isConnected()).isTrue();
        } finally {
            listener.close();
        }

        // Pauses of 10, 20, 40 and 80 ms.
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(150));
        assertThat(channel.attempts).hasValueLessThanOrEqualTo(6);
        accepted.remove().close();
    }

    @Test
    void shouldEndItsThreadDuringAPause() throws Exception {
        FailingServerChannel channel = new FailingServerChannel(bound(), Integer.MAX_VALUE);
        SocketListener listener = listener(channel, (socket, asked) -> {});
        Thread thread = run(listener);
        await().until(() -> channel.attempts.get() > 0);

        listener.close();

        assertEnds(thread);
    }

    /** An executor's {@code shutdownNow} interrupts, which closes the channel: there is nothing left to retry. */
    @Test
    void shouldEndItsThreadWhenInterrupted() throws Exception {
        SocketListener listener = listener(bound(), (socket, asked) -> {});
        Thread thread = run(listener);

        thread.interrupt();

        assertEnds(thread);
        listener.close();
    }

    @Test
    void shouldCloseAConnectionForWhichThereIsNoThreadAndGoOn() throws Exception {
        ServerSocketChannel channel = bound();
        boolean[] full = {true};
        SocketListener listener = listener(channel, (socket, asked) -> {
            if (full[0]) {
                full[0] = false;
                throw new RejectedExecutionException("no thread left");
            }
            accepted.add(socket);
        });
        run(listener);
        try (Socket refused = connect(channel);
                Socket served = connect(channel)) {
            assertThat(refused.getInputStream().read()).isEqualTo(-1);
            await().until(() -> !accepted.isEmpty());
            assertThat(served.isConnected()).isTrue();
        } finally {
            listener.close();
        }
        accepted.remove().close();
    }

    @Test
    void shouldCloseAConnectionThatAClosingTransportDoesNotTakeOver() throws Exception {
        ServerSocketChannel channel = bound();
        SocketListener listener = listener(channel, (socket, asked) -> {
            throw new IllegalStateException("closing");
        });
        run(listener);
        try (Socket client = connect(channel)) {
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        } finally {
            listener.close();
        }
    }
}
