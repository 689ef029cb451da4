package dev.recado.transport.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NioListenerTest {

    private static final URI ENDPOINT = URI.create("mqtt://127.0.0.1:0");

    /** T26. */
    @Test
    void shouldBackOffWhileAcceptingFailsAndGoOnAfterwards() throws Exception {
        ServerSocketChannel real = NioListener.bind(ENDPOINT, 10);
        FailingServerChannel channel = new FailingServerChannel(real, 4);
        Queue<SocketChannel> accepted = new ConcurrentLinkedQueue<>();
        NioListener listener =
                new NioListener(channel, ENDPOINT, Thread::new, c -> null, (socket, asked) -> accepted.add(socket));

        long start = System.nanoTime();
        listener.start();
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
        FailingServerChannel channel = new FailingServerChannel(NioListener.bind(ENDPOINT, 10), Integer.MAX_VALUE);
        Queue<Thread> threads = new ConcurrentLinkedQueue<>();
        NioListener listener = new NioListener(
                channel,
                ENDPOINT,
                task -> {
                    threads.add(new Thread(task));
                    return threads.peek();
                },
                c -> null,
                (socket, asked) -> {});
        listener.start();
        await().until(() -> channel.attempts.get() > 0);

        listener.close();

        threads.peek().join(10_000);
        assertThat(threads.peek().isAlive()).isFalse();
    }

    @Test
    void shouldCloseAConnectionThatNobodyTakesOver() throws Exception {
        ServerSocketChannel channel = NioListener.bind(ENDPOINT, 10);
        InetSocketAddress address = (InetSocketAddress) channel.getLocalAddress();
        NioListener listener = new NioListener(channel, ENDPOINT, Thread::new, c -> null, (socket, asked) -> {
            throw new IllegalStateException("closing");
        });
        listener.start();
        try (Socket client = new Socket(address.getAddress(), address.getPort())) {
            client.setSoTimeout(10_000);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        } finally {
            listener.close();
        }
    }
}
