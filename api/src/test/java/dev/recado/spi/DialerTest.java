package dev.recado.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DialerTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final DaemonThreads threads = new DaemonThreads("recado-test-");
    private final CountDownLatch answer = new CountDownLatch(1);

    @AfterEach
    void endLookups() {
        answer.countDown();
        threads.awaitEnd(LONG);
    }

    private Dialer dialer(int port, Duration timeout, Resolver resolver) {
        return new Dialer(new ConnectAttempts(URI.create("mqtt://some.host:" + port), timeout, resolver), threads);
    }

    private InetAddress[] slowly(String host) {
        try {
            answer.await();
            return new InetAddress[] {InetAddress.getByName("127.0.0.1")};
        } catch (InterruptedException | UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldConnectToTheFirstAddressThatAnswers() throws Exception {
        try (ServerSocketChannel server =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0))) {
            Queue<String> lookups = new ConcurrentLinkedQueue<>();
            Dialer dialer = dialer(server.socket().getLocalPort(), LONG, host -> {
                lookups.add(host + " by " + Thread.currentThread().getName());
                return new InetAddress[] {InetAddress.getByName("127.0.0.2"), InetAddress.getByName("127.0.0.1")};
            });

            try (SocketChannel connected = dialer.dial()) {
                assertThat(connected.getRemoteAddress()).isEqualTo(server.getLocalAddress());
                assertThat(connected.isBlocking()).isTrue();
                assertThat(lookups).containsExactly("some.host by recado-test-lookup");
                dialer.cancel();
                assertThat(connected.isOpen()).isFalse();
            }
        }
    }

    /** T20: the timeout covers the lookup, which cannot be interrupted. */
    @Test
    void shouldTimeOutWhileTheHostIsLookedUp() {
        Dialer dialer = dialer(1, Duration.ofMillis(50), this::slowly);

        assertThatThrownBy(dialer::dial)
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("mqtt://some.host:1")
                .hasMessageContaining("50 ms");
    }

    @Test
    void shouldEndWhenCancelledWhileTheHostIsLookedUp() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        Dialer dialer = dialer(1, LONG, host -> {
            asked.countDown();
            return slowly(host);
        });
        CompletableFuture<Throwable> thrown = dialElsewhere(dialer);
        asked.await();

        dialer.cancel();

        assertThat(thrown.get(10, TimeUnit.SECONDS)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shouldNotDialWhenCancelledBefore() throws Exception {
        Dialer dialer = new Dialer(
                new ConnectAttempts(URI.create("mqtt://127.0.0.1:1"), LONG, InetAddress::getAllByName), threads);
        dialer.cancel();

        assertThatThrownBy(dialer::dial).isInstanceOf(ClosedChannelException.class);
    }

    private CompletableFuture<Throwable> dialElsewhere(Dialer dialer) {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                dialer.dial().close();
                thrown.complete(null);
            } catch (IOException e) {
                thrown.complete(e);
            }
        });
        thread.start();
        await().until(() -> thread.getState() != Thread.State.NEW);
        return thrown;
    }
}
