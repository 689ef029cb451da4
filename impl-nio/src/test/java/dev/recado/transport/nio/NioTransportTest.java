package dev.recado.transport.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.TransportProvider;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Queue;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the contract cannot see from outside. */
class NioTransportTest {

    private static final URI ANY_PORT = URI.create("mqtt://127.0.0.1:0");

    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

    private NioTransport.Builder recording() {
        return NioTransport.builder().threads(task -> {
            Thread thread = new Thread(task);
            threads.add(thread);
            return thread;
        });
    }

    private List<String> threadNames() {
        return threads.stream().map(Thread::getName).toList();
    }

    @Test
    void shouldStartOneLoopForOneConnection() throws Exception {
        try (NioTransport server = NioTransport.builder().build();
                NioTransport client = recording().loops(4).build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe());
            assertThat(threads).isEmpty();

            Probe probe = new Probe();
            client.connect(listener.endpoint(), ConnectOptions.defaults(), c -> probe);
            probe.awaitOpened();

            assertThat(threadNames()).containsExactly("recado-nio-0");
        }
        assertThat(threads).noneMatch(Thread::isAlive);
    }

    @Test
    void shouldStartALoopForEachConnectionUpToItsLimitAndTakeTurns() throws Exception {
        try (NioTransport server = NioTransport.builder().build();
                NioTransport client = recording().loops(3).build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe());
            List<Probe> probes = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                Probe probe = new Probe();
                probes.add(probe);
                client.connect(listener.endpoint(), ConnectOptions.defaults(), c -> probe);
            }
            List<String> owners = new ArrayList<>();
            for (Probe probe : probes) {
                owners.add(probe.awaitOpened().getName());
            }

            assertThat(owners.stream().collect(Collectors.groupingBy(name -> name, Collectors.counting())))
                    .containsOnlyKeys("recado-nio-0", "recado-nio-1", "recado-nio-2")
                    .allSatisfy((name, count) -> assertThat(count).isEqualTo(3));
            assertThat(threads).hasSize(3).allMatch(Thread::isDaemon);
        }
        assertThat(threads).noneMatch(Thread::isAlive);
    }

    @Test
    void shouldReadAllConnectionsOfALoopIntoOneBuffer() throws Exception {
        int connections = 20;
        Set<ByteBuffer> buffers = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
        CountDownLatch all = new CountDownLatch(connections);
        try (NioTransport server =
                        NioTransport.builder().loops(1).readBufferSize(100).build();
                NioTransport client = NioTransport.builder().build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe() {
                @Override
                public void received(ByteBuffer bytes) {
                    buffers.add(bytes);
                    all.countDown();
                }
            });
            for (int i = 0; i < connections; i++) {
                client.connect(listener.endpoint(), ConnectOptions.defaults(), c -> {
                    c.write(ByteBuffer.wrap(new byte[] {1}));
                    c.flush();
                    return new Probe();
                });
            }
            all.await();

            assertThat(buffers).hasSize(1).allSatisfy(buffer -> {
                assertThat(buffer.isDirect()).isTrue();
                assertThat(buffer.capacity()).isEqualTo(100);
            });
        }
    }

    @Test
    void shouldLookUpHostNamesButNotAddresses() throws Exception {
        Queue<String> lookedUp = new ConcurrentLinkedQueue<>();
        try (NioTransport server = NioTransport.builder().build();
                NioTransport client = recording()
                        .resolver(host -> {
                            lookedUp.add(host + " by " + Thread.currentThread().getName());
                            return InetAddress.getAllByName("127.0.0.1");
                        })
                        .build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe());
            int port = listener.endpoint().getPort();
            Probe byName = new Probe();
            Probe byAddress = new Probe();
            client.connect(URI.create("mqtt://some.host:" + port), ConnectOptions.defaults(), c -> byName);
            byName.awaitOpened();
            client.connect(listener.endpoint(), ConnectOptions.defaults(), c -> byAddress);
            byAddress.awaitOpened();

            assertThat(lookedUp).containsExactly("some.host by recado-nio-lookup");
        }
        assertThat(threads).noneMatch(Thread::isAlive);
    }

    /** T3, T20: the timeout covers the lookup, which blocks neither the caller nor the loop. */
    @Test
    void shouldTimeOutWhileTheHostIsLookedUp() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        try (NioTransport server = NioTransport.builder().build();
                NioTransport client = NioTransport.builder()
                        .loops(1)
                        .resolver(host -> {
                            if (host.startsWith("slow")) {
                                awaitQuietly(answer);
                            }
                            return InetAddress.getAllByName("127.0.0.1");
                        })
                        .build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe());
            Probe slow = new Probe();
            Probe quick = new Probe();
            client.connect(
                    URI.create("mqtt://slow.host:1"),
                    ConnectOptions.defaults().withTimeout(Duration.ofMillis(300)),
                    c -> slow);
            client.connect(listener.endpoint(), ConnectOptions.defaults(), c -> quick);

            quick.awaitOpened();
            assertThat(slow.awaitClosed())
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageContaining("mqtt://slow.host:1")
                    .hasMessageContaining("300 ms");
            assertThat(slow.wasOpened()).isFalse();
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
        try (NioTransport server = NioTransport.builder().build();
                NioTransport client = NioTransport.builder()
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
        try (NioTransport server = NioTransport.builder().build();
                NioTransport client = NioTransport.builder()
                        .resolver(host -> addresses("127.0.0.2", "127.0.0.1"))
                        .build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe());
            try (ServerSocket full =
                    SilentServer.on("127.0.0.2", listener.endpoint().getPort())) {
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

    /** The loop may be late for any reason; here a handler, which should not, keeps it from a deadline. */
    @Test
    void shouldTryTheNextAddressWhenTheLoopIsLate() throws Exception {
        try (NioTransport server = NioTransport.builder().build();
                NioTransport client = recording()
                        .loops(1)
                        .resolver(host -> addresses("127.0.0.2", "127.0.0.1"))
                        .build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe());
            try (ServerSocket full =
                    SilentServer.on("127.0.0.2", listener.endpoint().getPort())) {
                Probe probe = new Probe();
                // Long enough for the lookup, however busy the machine is.
                Duration timeout = Duration.ofSeconds(3);
                client.connect(
                        URI.create("mqtt://two.addresses:" + full.getLocalPort()),
                        ConnectOptions.defaults().withTimeout(timeout),
                        c -> probe);
                long deadline = System.nanoTime() + timeout.toNanos();
                awaitIdleLookup();
                client.connect(listener.endpoint(), ConnectOptions.defaults(), c -> {
                    waitUntil(deadline);
                    return new Probe();
                });

                probe.awaitOpened();
            }
        }
    }

    /** The lookup ends in the moment in which the loop gives it up: the word that it has ended must begin nothing. */
    @Test
    void shouldNotConnectAfterALookupThatCameTooLate() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        AtomicInteger accepted = new AtomicInteger();
        try (NioTransport server = NioTransport.builder().build();
                NioTransport client = recording()
                        .loops(1)
                        .resolver(host -> {
                            asked.countDown();
                            awaitQuietly(answer);
                            return addresses("127.0.0.1", "127.0.0.1");
                        })
                        .build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> {
                accepted.incrementAndGet();
                return new Probe();
            });
            Probe late = new Probe();
            client.connect(
                    URI.create("mqtt://slow.host:" + listener.endpoint().getPort()),
                    ConnectOptions.defaults().withTimeout(Duration.ofMillis(200)),
                    c -> late);
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
            asked.await();
            Probe other = new Probe();
            client.connect(listener.endpoint(), ConnectOptions.defaults(), c -> {
                // On the loop, which finds the deadline passed before it sees that the lookup has ended.
                waitUntil(deadline);
                answer.countDown();
                awaitIdleLookup();
                return other;
            });

            assertThat(late.awaitClosed()).isInstanceOf(SocketTimeoutException.class);
            assertThat(late.wasOpened()).isFalse();
            other.awaitOpened();
            await().until(() -> accepted.get() > 0);
        }
        assertThat(accepted).hasValue(1);
    }

    /** Waits until a lookup has been made and its thread waits for another, or has given up waiting. */
    private void awaitIdleLookup() {
        await().until(() -> threads.stream()
                .filter(thread -> thread.getName().endsWith("lookup"))
                .anyMatch(thread -> thread.getState() == Thread.State.TIMED_WAITING
                        || thread.getState() == Thread.State.TERMINATED));
    }

    private static void waitUntil(long nanoTime) {
        for (long left; (left = nanoTime - System.nanoTime()) >= 0; ) {
            LockSupport.parkNanos(left + 1);
        }
    }

    /** Else a host that is slow to look up, and clients that keep trying, would fill a queue without bound. */
    @Test
    void shouldForgetLookupsForWhichNobodyWaitsAnyLonger() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        Queue<String> lookedUp = new ConcurrentLinkedQueue<>();
        try (NioTransport server = NioTransport.builder().build();
                NioTransport client = NioTransport.builder()
                        .resolver(host -> {
                            lookedUp.add(host);
                            awaitQuietly(answer);
                            return addresses("127.0.0.1");
                        })
                        .build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe());
            int port = listener.endpoint().getPort();
            for (int i = 0; i < 4; i++) {
                client.connect(URI.create("mqtt://stuck.host:" + port), ConnectOptions.defaults(), c -> new Probe());
            }
            await().until(() -> lookedUp.size() == 4);
            ConnectOptions hasty = ConnectOptions.defaults().withTimeout(Duration.ofMillis(50));
            Probe timedOut = new Probe();
            client.connect(URI.create("mqtt://hasty.host:" + port), hasty, c -> timedOut);
            Probe aborted = new Probe();
            client.connect(URI.create("mqtt://aborted.host:" + port), ConnectOptions.defaults(), c -> {
                c.abort();
                return aborted;
            });
            timedOut.awaitClosed();
            aborted.awaitClosed();
            Probe last = new Probe();
            client.connect(URI.create("mqtt://last.host:" + port), ConnectOptions.defaults(), c -> last);
            answer.countDown();
            last.awaitOpened();

            assertThat(lookedUp).doesNotContain("hasty.host", "aborted.host").contains("last.host");
        }
    }

    @Test
    void shouldNameEveryAddressThatRefused() throws Exception {
        // Bound, and so nobody else's; not listening, and so refusing.
        try (Socket reserved = new Socket();
                NioTransport client = NioTransport.builder()
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

    /** A handler is anybody's code, and an interrupt that it leaves behind would make every select return at once. */
    @Test
    void shouldForgetAnInterruptThatAHandlerLeavesBehind() throws Exception {
        CompletableFuture<Boolean> interruptedLater = new CompletableFuture<>();
        try (NioTransport server = NioTransport.builder().build();
                NioTransport client = NioTransport.builder().build()) {
            Listener listener = server.listen(ANY_PORT, ListenOptions.defaults(), c -> new Probe() {
                @Override
                public void opened() {
                    Thread.currentThread().interrupt();
                }

                @Override
                public void received(ByteBuffer bytes) {
                    interruptedLater.complete(Thread.currentThread().isInterrupted());
                }
            });
            client.connect(listener.endpoint(), ConnectOptions.defaults(), c -> {
                c.write(ByteBuffer.wrap(new byte[] {7}));
                return new Probe();
            });

            assertThat(interruptedLater.get(10, TimeUnit.SECONDS)).isFalse();
        }
    }

    @Test
    void shouldBeFoundAsAProviderBeforeTheBlockingOne() {
        assertThat(ServiceLoader.load(TransportProvider.class))
                .filteredOn(provider -> provider.name().equals("nio"))
                .singleElement()
                .satisfies(provider -> {
                    assertThat(provider.schemes()).containsExactly("mqtt");
                    assertThat(provider.priority()).isEqualTo(100);
                    provider.create().close();
                });
    }

    @Test
    void shouldRefuseSettingsThatCannotBe() {
        assertThatThrownBy(() -> NioTransport.builder().loops(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("loops must be positive, but is 0");
        assertThatThrownBy(() -> NioTransport.builder().readBufferSize(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("readBufferSize must be positive, but is -1");
    }

    @Test
    void shouldRefuseAnEndpointWithoutAHostWithoutAskingForAHandler() {
        try (NioTransport client = NioTransport.builder().build()) {
            assertThatThrownBy(() -> client.connect(URI.create("mqtt:topic"), ConnectOptions.defaults(), c -> {
                        throw new AssertionError("asked");
                    }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("mqtt:topic");
        }
    }
}
