package dev.recado.transport.blocking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.TransportProvider;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Queue;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the contract cannot see from outside. */
class BlockingTransportTest {

    private static final URI ANY_PORT = URI.create("mqtt://127.0.0.1:0");

    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

    private BlockingTransport.Builder recording() {
        return BlockingTransport.builder().threads(task -> {
            Thread thread = new Thread(task);
            threads.add(thread);
            return thread;
        });
    }

    private static boolean isVirtual(Thread thread) throws ReflectiveOperationException {
        return (boolean) Thread.class.getMethod("isVirtual").invoke(thread);
    }

    @Test
    void shouldUseVirtualThreadsWhereTheJvmHasThem() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "this JVM has no virtual threads");
        try (BlockingTransport server = BlockingTransport.builder().build();
                BlockingTransport client = BlockingTransport.builder().build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe());
            Probe probe = new Probe();
            client.connect(listener.endpoint(), ConnectOptions.defaults(), c -> probe);

            Thread reader = probe.awaitOpened();
            assertThat(isVirtual(reader)).isTrue();
            assertThat(reader.getName()).isEqualTo("recado-blocking-reader-0");
            client.close();
            assertThat(reader.isAlive()).isFalse();
        }
    }

    @Test
    void shouldFindVirtualThreadsFromJava21On() {
        assertThat(VirtualThreads.factory().isPresent())
                .isEqualTo(Runtime.version().feature() >= 21);
    }

    @Test
    void shouldGiveAConnectionAReaderAndAWriterAndKeepNeither() throws Exception {
        try (BlockingTransport server = BlockingTransport.builder().build();
                BlockingTransport client = recording().build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe());
            Probe probe = new Probe();
            Connection[] connection = new Connection[1];
            client.connect(listener.endpoint(), ConnectOptions.defaults(), c -> {
                connection[0] = c;
                return probe;
            });
            probe.awaitOpened();
            await().until(() -> threads.size() == 2);

            assertThat(threads)
                    .extracting(Thread::getName)
                    .containsExactly("recado-blocking-reader-0", "recado-blocking-writer-0");
            assertThat(threads).allMatch(Thread::isDaemon);
            connection[0].close();
            assertThat(probe.awaitClosed()).isNull();
            await().untilAsserted(() -> assertThat(threads).noneMatch(Thread::isAlive));
        }
    }

    @Test
    void shouldRunEverythingOnTheExecutorThatItIsGiven() throws Exception {
        ExecutorService executor = Executors.newCachedThreadPool(task -> new Thread(task, "mine"));
        try (BlockingTransport server =
                        BlockingTransport.builder().executor(executor).build();
                BlockingTransport client =
                        BlockingTransport.builder().executor(executor).build()) {
            Probe accepted = new Probe();
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> accepted);
            Probe probe = new Probe();
            client.connect(listener.endpoint(), ConnectOptions.defaults(), c -> probe);

            assertThat(probe.awaitOpened().getName()).isEqualTo("mine");
            assertThat(accepted.awaitOpened().getName()).isEqualTo("mine");
        } finally {
            assertThat(executor.isShutdown()).isFalse();
            executor.shutdown();
        }
    }

    @Test
    void shouldReportAnExecutorThatRejectsTheReader() throws Exception {
        Executor none = task -> {
            throw new RejectedExecutionException("full");
        };
        try (BlockingTransport client =
                BlockingTransport.builder().executor(none).build()) {
            Probe probe = new Probe();
            Thread[] asked = new Thread[1];
            client.connect(URI.create("mqtt://127.0.0.1:1"), ConnectOptions.defaults(), c -> {
                asked[0] = Thread.currentThread();
                return probe;
            });

            assertThat(probe.awaitClosed())
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessage("full");
            assertThat(probe.wasOpened()).isFalse();
            assertThat(asked[0]).isNotSameAs(Thread.currentThread());
        }
    }

    @Test
    void shouldReportAnExecutorThatRejectsTheWriter() throws Exception {
        AtomicInteger left = new AtomicInteger(1);
        Executor one = task -> {
            if (left.getAndDecrement() <= 0) {
                throw new RejectedExecutionException("full");
            }
            new Thread(task).start();
        };
        try (BlockingTransport server = BlockingTransport.builder().build();
                BlockingTransport client =
                        BlockingTransport.builder().executor(one).build()) {
            Probe accepted = new Probe();
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> accepted);
            Probe probe = new Probe();
            client.connect(listener.endpoint(), ConnectOptions.defaults(), c -> probe);

            assertThat(probe.awaitClosed())
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessage("full");
            accepted.awaitClosed(); // the socket is not left open
        }
    }

    /** An executor may also queue the writer, and run it when it is too late. */
    @Test
    void shouldCloseInTimeWhenTheWriterIsQueued() throws Exception {
        AtomicInteger left = new AtomicInteger(1);
        Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
        Executor queueing = task -> {
            if (left.getAndDecrement() > 0) {
                new Thread(task).start();
            } else {
                queue.add(task);
            }
        };
        try (BlockingTransport server = BlockingTransport.builder().build();
                BlockingTransport client =
                        BlockingTransport.builder().executor(queueing).build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe());
            ConnectOptions options = ConnectOptions.defaults();
            Probe probe = new Probe();
            Connection[] connection = new Connection[1];
            client.connect(
                    listener.endpoint(),
                    options.withConnection(options.connection().withCloseTimeout(Duration.ofMillis(200))),
                    c -> {
                        connection[0] = c;
                        return probe;
                    });
            probe.awaitOpened();
            connection[0].write(ByteBuffer.wrap(new byte[] {1}));
            connection[0].close();

            assertThat(probe.awaitClosed()).isNull();
            queue.remove().run();
        }
    }

    @Test
    void shouldSayThatTheExecutorHasNoThreadForAListener() {
        Executor none = task -> {
            throw new RejectedExecutionException("full");
        };
        try (BlockingTransport server =
                BlockingTransport.builder().executor(none).build()) {
            assertThatThrownBy(() -> server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("mqtt://127.0.0.1:0")
                    .hasMessageContaining("executor");
        }
    }

    /** A handler is anybody's code, and an interrupt that it leaves behind would close the socket. */
    @Test
    void shouldForgetAnInterruptThatAHandlerLeavesBehind() throws Exception {
        try (BlockingTransport server = BlockingTransport.builder().build();
                BlockingTransport client = BlockingTransport.builder().build()) {
            Probe echo = new Probe();
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe() {
                @Override
                public void opened() {
                    Thread.currentThread().interrupt();
                }

                @Override
                public void received(ByteBuffer bytes) {
                    c.write(bytes);
                    // More than the high-water mark, so that the writer has a drained() to be interrupted in.
                    c.write(ByteBuffer.allocate(2 * 1024 * 1024));
                    c.flush();
                    Thread.currentThread().interrupt();
                }

                @Override
                public void drained() {
                    Thread.currentThread().interrupt();
                }
            });
            Connection[] connection = new Connection[1];
            client.connect(listener.endpoint(), ConnectOptions.defaults(), c -> {
                connection[0] = c;
                return echo;
            });
            echo.awaitOpened();
            for (int round = 1; round <= 3; round++) {
                int expected = round * (2 * 1024 * 1024 + 1);
                connection[0].write(ByteBuffer.wrap(new byte[] {7}));
                connection[0].flush();
                await().until(() -> echo.bytes().length == expected || echo.wasClosed());
                assertThat(echo.wasClosed()).isFalse();
            }
        }
    }

    /** T17: the peer had ended its output in order; that it did not wait for ours is no failure. */
    @Test
    void shouldCallTheEndOrderlyWhenThePeerEndedBeforeWritingFailed() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch receiving = new CountDownLatch(1);
        Probe probe = new Probe() {
            @Override
            public void received(ByteBuffer bytes) {
                receiving.countDown();
                awaitQuietly(goOn);
            }
        };
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
                BlockingTransport client = recording().build()) {
            Connection[] connection = new Connection[1];
            client.connect(URI.create("mqtt://127.0.0.1:" + server.getLocalPort()), ConnectOptions.defaults(), c -> {
                connection[0] = c;
                return probe;
            });
            Socket peer = server.accept();
            peer.getOutputStream().write(1);
            receiving.await();
            peer.close();
            Thread writer = threads.stream()
                    .filter(thread -> thread.getName().startsWith("recado-blocking-writer"))
                    .findAny()
                    .orElseThrow();
            await().until(() -> {
                connection[0].write(ByteBuffer.wrap(new byte[] {2}));
                connection[0].flush();
                return !writer.isAlive();
            });
            goOn.countDown();

            assertThat(probe.awaitClosed()).isNull();
        }
    }

    /** T17. */
    @Test
    void shouldTellWhyWritingFailedWhenThePeerHasNotEnded() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
                BlockingTransport client = BlockingTransport.builder().build()) {
            Probe probe = new Probe();
            Connection[] connection = new Connection[1];
            client.connect(URI.create("mqtt://127.0.0.1:" + server.getLocalPort()), ConnectOptions.defaults(), c -> {
                connection[0] = c;
                return probe;
            });
            Socket peer = server.accept();
            probe.awaitOpened();
            // Paused, so that the writer meets the reset, and the reader does not.
            connection[0].pauseReading();
            peer.getOutputStream().write(1);
            peer.setSoLinger(true, 0);
            peer.close();
            await().until(() -> {
                connection[0].write(ByteBuffer.wrap(new byte[] {2}));
                connection[0].flush();
                return probe.wasClosed();
            });

            assertThat(probe.awaitClosed()).isInstanceOf(IOException.class);
        }
    }

    /** T15: close is bounded although the writer is stuck in the socket and the reader is paused. */
    @Test
    void shouldCloseInTimeWhileTheWriterIsStuckAndTheReaderPaused() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
                BlockingTransport client = BlockingTransport.builder().build()) {
            ConnectOptions options = ConnectOptions.defaults();
            Probe probe = new Probe();
            Connection[] connection = new Connection[1];
            client.connect(
                    URI.create("mqtt://127.0.0.1:" + mute.getLocalPort()),
                    options.withConnection(options.connection().withCloseTimeout(Duration.ofMillis(300))),
                    c -> {
                        connection[0] = c;
                        return probe;
                    });
            probe.awaitOpened();
            try (Socket peer = mute.accept()) {
                connection[0].pauseReading();
                connection[0].write(ByteBuffer.allocate(32 * 1024 * 1024));
                connection[0].flush();
                connection[0].close();

                assertThat(probe.awaitClosed()).isNull();
                assertThat(peer.isConnected()).isTrue();
            }
        }
    }

    /** T3, T20: the timeout covers the lookup, which cannot be interrupted. */
    @Test
    void shouldTimeOutWhileTheHostIsLookedUp() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        try (BlockingTransport client = recording()
                .resolver(host -> {
                    awaitQuietly(answer);
                    return addresses("127.0.0.1");
                })
                .build()) {
            Probe probe = new Probe();
            client.connect(
                    URI.create("mqtt://slow.host:1"),
                    ConnectOptions.defaults().withTimeout(Duration.ofMillis(200)),
                    c -> probe);

            assertThat(probe.awaitClosed())
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageContaining("mqtt://slow.host:1")
                    .hasMessageContaining("200 ms");
            answer.countDown();
        }
    }

    @Test
    void shouldAbortWhileTheHostIsLookedUp() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        try (BlockingTransport client = BlockingTransport.builder()
                .resolver(host -> {
                    asked.countDown();
                    awaitQuietly(answer);
                    return addresses("127.0.0.1");
                })
                .build()) {
            Probe probe = new Probe();
            Connection[] connection = new Connection[1];
            client.connect(URI.create("mqtt://slow.host:1"), ConnectOptions.defaults(), c -> {
                connection[0] = c;
                return probe;
            });
            asked.await();
            connection[0].abort();

            assertThat(probe.awaitClosed()).isNull();
            answer.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldTryTheNextAddressWhenOneRefuses() throws Exception {
        try (BlockingTransport server = BlockingTransport.builder().build();
                BlockingTransport client = BlockingTransport.builder()
                        .resolver(host -> addresses("127.0.0.2", "127.0.0.3", "127.0.0.1"))
                        .build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe());
            Probe probe = new Probe();
            Connection[] connection = new Connection[1];
            client.connect(
                    URI.create("mqtt://three.addresses:" + listener.endpoint().getPort()),
                    ConnectOptions.defaults(),
                    c -> {
                        connection[0] = c;
                        return probe;
                    });
            probe.awaitOpened();

            assertThat(connection[0].peer().address().toString()).contains("/127.0.0.1:");
        }
    }

    @Test
    void shouldTryTheNextAddressWhenOneDoesNotAnswer() throws Exception {
        try (BlockingTransport server = BlockingTransport.builder().build();
                BlockingTransport client = BlockingTransport.builder()
                        .resolver(host -> addresses("127.0.0.2", "127.0.0.1"))
                        .build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe());
            int port = listener.endpoint().getPort();
            try (ServerSocket full = SilentServer.on("127.0.0.2", port)) {
                Probe probe = new Probe();
                Connection[] connection = new Connection[1];
                client.connect(
                        URI.create("mqtt://two.addresses:" + full.getLocalPort()),
                        ConnectOptions.defaults().withTimeout(Duration.ofSeconds(2)),
                        c -> {
                            connection[0] = c;
                            return probe;
                        });
                probe.awaitOpened();

                assertThat(connection[0].peer().address().toString()).contains("/127.0.0.1:");
            }
        }
    }

    @Test
    void shouldNameEveryAddressThatRefused() throws Exception {
        // Bound, and so nobody else's; not listening, and so refusing.
        try (Socket reserved = new Socket();
                BlockingTransport client = BlockingTransport.builder()
                        .resolver(host -> addresses("127.0.0.2", "127.0.0.3"))
                        .build()) {
            reserved.bind(new InetSocketAddress(0));
            URI endpoint = URI.create("mqtt://two.addresses:" + reserved.getLocalPort());
            Probe probe = new Probe();
            client.connect(endpoint, ConnectOptions.defaults(), c -> probe);

            Throwable cause = probe.awaitClosed();
            assertThat(cause).isInstanceOf(ConnectException.class).hasMessageContaining("/127.0.0.2");
            assertThat(cause.getSuppressed())
                    .singleElement()
                    .satisfies(second -> assertThat(second)
                            .isInstanceOf(ConnectException.class)
                            .hasMessageContaining("/127.0.0.3"));
        }
    }

    private static InetAddress[] addresses(String... literals) throws UnknownHostException {
        InetAddress[] result = new InetAddress[literals.length];
        for (int i = 0; i < literals.length; i++) {
            result[i] = InetAddress.getByName(literals[i]);
        }
        return result;
    }

    @Test
    void shouldBeFoundAsAProviderAfterTheNioOne() {
        assertThat(ServiceLoader.load(TransportProvider.class))
                .filteredOn(provider -> provider.name().equals("blocking"))
                .singleElement()
                .satisfies(provider -> {
                    assertThat(provider.schemes()).containsExactly("mqtt");
                    assertThat(provider.priority()).isEqualTo(50);
                    provider.create().close();
                });
    }

    @Test
    void shouldRefuseSettingsThatCannotBe() {
        assertThatThrownBy(() -> BlockingTransport.builder().readBufferSize(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("readBufferSize must be positive, but is 0");
    }
}
