package dev.recado.core.tls;

import dev.recado.Tls;
import dev.recado.core.time.Timers;
import dev.recado.spi.Acceptor;
import dev.recado.spi.BufferPool;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.DaemonThreads;
import dev.recado.spi.Endpoints;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Transport;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * TLS over another transport. It takes the endpoints of that one, and {@code mqtts://} for {@code mqtt://}.
 *
 * <p>Its threads, {@code recado-tls-N}, compute what a handshake needs, and deliver what waited when a paused connection
 * resumes; at most one for each processor, and they end when they are idle. Thread-safe.
 */
public final class TlsTransport implements Transport {

    private static final String PLAIN = "mqtt";
    private static final String SECURE = "mqtts";

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
    private static final int POOLED_BUFFERS = 64;

    private final Tls tls;
    private final Transport below;
    private final Timers timers;

    /** What was made for this transport, and is closed with it. */
    private final boolean ownsBelow;

    private final boolean ownsTimers;

    private final DaemonThreads threads;
    private final ExecutorService executor;

    /** Several, for each has a lock and all connections lend from them. */
    private final BufferPool[] buffers;

    private final AtomicInteger turn = new AtomicInteger();
    private final Set<TlsConnection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean closing;

    private TlsTransport(
            Tls tls,
            Transport below,
            boolean ownsBelow,
            Timers timers,
            boolean ownsTimers,
            DaemonThreads threads,
            ExecutorService executor) {
        this.tls = tls;
        this.below = below;
        this.ownsBelow = ownsBelow;
        this.timers = timers;
        this.ownsTimers = ownsTimers;
        this.threads = threads;
        this.executor = executor;
        this.buffers = new BufferPool[Runtime.getRuntime().availableProcessors()];
        for (int i = 0; i < buffers.length; i++) {
            // Not direct: the JDK's ciphers work on arrays, and would copy.
            buffers[i] = new BufferPool(TlsLayer.BUFFER_BYTES, POOLED_BUFFERS, false);
        }
    }

    private static TlsTransport withThreads(
            Tls tls, Transport below, boolean ownsBelow, Timers timers, boolean ownsTimers) {
        DaemonThreads threads = new DaemonThreads("recado-tls-");
        AtomicInteger number = new AtomicInteger();
        int most = Runtime.getRuntime().availableProcessors();
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                most,
                most,
                1,
                TimeUnit.SECONDS,
                // No bound of its own: each connection has at most two tasks in it.
                new LinkedBlockingQueue<>(),
                task -> threads.make(Integer.toString(number.incrementAndGet()), task));
        executor.allowCoreThreadTimeOut(true);
        return new TlsTransport(tls, below, ownsBelow, timers, ownsTimers, threads, executor);
    }

    /**
     * For programs: with timers of its own.
     *
     * @param tls how to encrypt
     * @param below closed with this transport
     * @return a new transport
     */
    public static TlsTransport over(Tls tls, Transport below) {
        return withThreads(tls, below, true, Timers.system("recado-tls-timer"), true);
    }

    /**
     * For a broker or a client.
     *
     * @param tls how to encrypt
     * @param below the transport that carries the bytes
     * @param ownsBelow whether it is closed with this one
     * @param timers those of the broker or client, which closes them later than this
     * @return a new transport
     */
    public static TlsTransport over(Tls tls, Transport below, boolean ownsBelow, Timers timers) {
        return withThreads(tls, below, ownsBelow, timers, false);
    }

    /** For tests, which decide what time it is and when tasks run. */
    static TlsTransport over(Tls tls, Transport below, Timers timers, ExecutorService executor) {
        return new TlsTransport(tls, below, true, timers, false, new DaemonThreads("recado-tls-"), executor);
    }

    /**
     * Whether an endpoint asks for TLS by its scheme.
     *
     * @param endpoint any
     * @return whether it is {@code mqtts:}
     */
    public static boolean isSecure(URI endpoint) {
        return SECURE.equalsIgnoreCase(endpoint.getScheme());
    }

    /**
     * The endpoint for the transport below.
     *
     * @param endpoint any
     * @return {@code mqtt://host:port} for {@code mqtts://host:port}; others as they are
     * @throws IllegalArgumentException when it is {@code mqtts:} without a host, or with a port over 65535
     */
    public static URI below(URI endpoint) {
        if (!isSecure(endpoint)) {
            return endpoint;
        }
        Endpoints.host(endpoint);
        return changed(endpoint, PLAIN, Endpoints.port(endpoint));
    }

    private static URI changed(URI endpoint, String scheme, int port) {
        try {
            return new URI(scheme, null, endpoint.getHost(), port, endpoint.getPath(), endpoint.getQuery(), null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("endpoint '" + endpoint + "' is no URI of a host and a port", e);
        }
    }

    @Override
    public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
        requireOpen();
        TlsLayer layer = layer(endpoint, false, options.connection());
        Listener listener = below.listen(below(endpoint), options, layer.wrap(acceptor));
        return isSecure(endpoint) ? new SecureListener(listener) : listener;
    }

    @Override
    public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
        requireOpen();
        TlsLayer layer = layer(endpoint, true, options.connection());
        below.connect(below(endpoint), options, layer.wrap(acceptor));
    }

    private TlsLayer layer(URI endpoint, boolean client, ConnectionOptions options) {
        return new TlsLayer(this, tls, endpoint, client, options.highWaterMark());
    }

    private void requireOpen() {
        if (closing) {
            throw new IllegalStateException("this transport is closed: it neither listens nor connects any more");
        }
    }

    @Override
    public void close() {
        closing = true;
        if (ownsBelow) {
            below.close();
        } else {
            connections.forEach(TlsConnection::abort);
        }
        executor.shutdown();
        threads.awaitEnd(CLOSE_LIMIT);
        if (ownsTimers) {
            timers.close();
        }
    }

    // ---- For the connections

    Executor executor() {
        return executor;
    }

    Timers timers() {
        return timers;
    }

    BufferPool buffers() {
        return buffers[Math.floorMod(turn.getAndIncrement(), buffers.length)];
    }

    boolean isClosing() {
        return closing;
    }

    void remember(TlsConnection connection) {
        connections.add(connection);
    }

    void forget(TlsConnection connection) {
        connections.remove(connection);
    }

    /** States the scheme that was asked for. */
    private record SecureListener(Listener listener) implements Listener {

        @Override
        public URI endpoint() {
            URI plain = listener.endpoint();
            return changed(plain, SECURE, plain.getPort());
        }

        @Override
        public void close() {
            listener.close();
        }
    }
}
