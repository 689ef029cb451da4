package dev.recado.transport.blocking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BlockingListenerTest {

    private static final URI ENDPOINT = URI.create("mqtt://127.0.0.1:0");

    private static Thread run(BlockingListener listener) {
        Thread thread = new Thread(listener::acceptUntilClosed);
        thread.start();
        return thread;
    }

    /** T26. */
    @Test
    void shouldBackOffWhileAcceptingFailsAndGoOnAfterwards() throws Exception {
        ServerSocketChannel real = BlockingListener.bind(ENDPOINT, 10);
        FailingServerChannel channel = new FailingServerChannel(real, 4);
        Queue<SocketChannel> accepted = new ConcurrentLinkedQueue<>();
        BlockingListener listener =
                new BlockingListener(channel, ENDPOINT, c -> null, (socket, asked) -> accepted.add(socket));

        long start = System.nanoTime();
        run(listener);
        try (Socket client = new Socket()) {
            client.connect(real.getLocalAddress());
            await().until(() -> !accepted.isEmpty());
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
        FailingServerChannel channel = new FailingServerChannel(BlockingListener.bind(ENDPOINT, 10), Integer.MAX_VALUE);
        BlockingListener listener = new BlockingListener(channel, ENDPOINT, c -> null, (socket, asked) -> {});
        Thread thread = run(listener);
        await().until(() -> channel.attempts.get() > 0);

        listener.close();

        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
    }

    /** An executor's {@code shutdownNow} interrupts, which closes the channel: there is nothing left to retry. */
    @Test
    void shouldEndItsThreadWhenInterrupted() throws Exception {
        BlockingListener listener =
                new BlockingListener(BlockingListener.bind(ENDPOINT, 10), ENDPOINT, c -> null, (socket, asked) -> {});
        Thread thread = run(listener);

        thread.interrupt();

        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
        listener.close();
    }

    @Test
    void shouldCloseAConnectionForWhichThereIsNoThreadAndGoOn() throws Exception {
        ServerSocketChannel channel = BlockingListener.bind(ENDPOINT, 10);
        InetSocketAddress address = (InetSocketAddress) channel.getLocalAddress();
        Queue<SocketChannel> accepted = new ConcurrentLinkedQueue<>();
        boolean[] full = {true};
        BlockingListener listener = new BlockingListener(channel, ENDPOINT, c -> null, (socket, asked) -> {
            if (full[0]) {
                full[0] = false;
                throw new RejectedExecutionException("no thread left");
            }
            accepted.add(socket);
        });
        run(listener);
        try (Socket refused = connect(address);
                Socket served = connect(address)) {
            assertThat(refused.getInputStream().read()).isEqualTo(-1);
            await().until(() -> !accepted.isEmpty());
            assertThat(served.isConnected()).isTrue();
        } finally {
            listener.close();
        }
        accepted.remove().close();
    }

    private static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }
}
