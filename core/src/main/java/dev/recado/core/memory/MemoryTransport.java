package dev.recado.core.memory;

import dev.recado.core.time.Timers;
import dev.recado.spi.Acceptor;
import dev.recado.spi.BufferPool;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Transport;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A transport whose two ends are in one JVM: what one writes, the other reads out of the same buffer. Endpoints look like
 * {@code memory:broker}; each is known inside one instance of this class only, so there is no port 0 and nothing static.
 *
 * <p>It keeps the rules of {@link dev.recado.spi}. Bytes that the other side has not consumed, because it paused or is
 * behind, are {@code pending} at the writer: there is no buffer between the two.
 *
 * <p>Deliveries run on at most two daemon threads, {@code recado-memory-N}, or, {@linkplain #stepped stepped}, only inside
 * {@link #runUntilIdle}.
 */
public final class MemoryTransport implements Transport {

    private static final String SCHEME = "memory";
    private static final int MAX_THREADS = 2;
    private static final int BUFFER_SIZE = 16 * 1024;
    private static final int MAX_POOLED_BUFFERS = 256;
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

    private final boolean stepped;
    private final Deliveries deliveries;
    private final Timers timers;
    private final BufferPool pool = new BufferPool(BUFFER_SIZE, MAX_POOLED_BUFFERS, false);

    /** Guards what follows; no callback runs under it. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<URI, MemoryListener> listeners = new HashMap<>();
    private final Set<MemoryConnection> connections = new HashSet<>();
    private long accepted;
    private boolean closed;

    /** Delivers on threads of its own, which start with the first connection. */
    public MemoryTransport() {
        this(false, Timers.system("recado-memory-timer"));
    }

    private MemoryTransport(boolean stepped, Timers timers) {
        this.stepped = stepped;
        this.deliveries = new Deliveries(stepped ? 0 : MAX_THREADS);
        this.timers = timers;
    }

    /**
     * For tests: delivers nothing until {@link #runUntilIdle}.
     *
     * @return a new transport
     */
    public static MemoryTransport stepped() {
        return stepped(Timers.system("recado-memory-timer"));
    }

    /**
     * For tests that also decide what time it is.
     *
     * @param timers the clock for {@link ConnectionOptions#closeTimeout}; closed with the transport
     * @return a new transport
     */
    public static MemoryTransport stepped(Timers timers) {
        return new MemoryTransport(true, timers);
    }

    /**
     * Delivers, on the calling thread, all that is due and all that this makes due.
     *
     * @throws IllegalStateException when this transport delivers by itself
     */
    public void runUntilIdle() {
        if (!stepped) {
            throw new IllegalStateException(
                    "this transport delivers on its own threads; only a stepped() one can be run");
        }
        deliveries.runUntilIdle();
    }

    @Override
    public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
        checkScheme(endpoint);
        MemoryListener listener = new MemoryListener(this, endpoint, options.connection(), acceptor);
        lock.lock();
        try {
            checkOpen();
            if (listeners.putIfAbsent(endpoint, listener) != null) {
                throw new BindException("cannot listen on '" + endpoint + "': this transport already does");
            }
        } finally {
            lock.unlock();
        }
        return listener;
    }

    @Override
    public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
        checkScheme(endpoint);
        MemoryConnection client =
                new MemoryConnection(this, endpoint, options.connection(), new MemoryAddress(endpoint.toString()));
        lock.lock();
        try {
            checkOpen();
            connections.add(client);
        } finally {
            lock.unlock();
        }
        client.start(acceptor);
    }

    /**
     * Makes the server's half for a client's half. Called once for each connection, on a delivering thread.
     *
     * @throws ConnectException when nobody listens there
     */
    void dial(MemoryConnection client) throws ConnectException {
        URI endpoint = client.endpoint();
        MemoryListener listener;
        MemoryConnection server;
        lock.lock();
        try {
            listener = listeners.get(endpoint);
            if (listener == null || closed) {
                throw new ConnectException("connection to '" + endpoint + "' refused: nothing listens there");
            }
            server = new MemoryConnection(
                    this, endpoint, listener.options(), new MemoryAddress(endpoint + "#" + ++accepted));
            connections.add(server);
        } finally {
            lock.unlock();
        }
        client.join(server);
        server.start(listener.acceptor());
    }

    /** Whoever has had its {@link ConnectionHandler#closed} is forgotten. */
    void forget(MemoryConnection connection) {
        lock.lock();
        try {
            connections.remove(connection);
        } finally {
            lock.unlock();
        }
    }

    void remove(MemoryListener listener) {
        lock.lock();
        try {
            listeners.remove(listener.endpoint(), listener);
        } finally {
            lock.unlock();
        }
    }

    Deliveries deliveries() {
        return deliveries;
    }

    Timers timers() {
        return timers;
    }

    BufferPool pool() {
        return pool;
    }

    @Override
    public void close() {
        List<MemoryConnection> remaining;
        lock.lock();
        try {
            closed = true;
            listeners.clear();
            remaining = List.copyOf(connections);
        } finally {
            lock.unlock();
        }
        remaining.forEach(MemoryConnection::endWithTransport);
        deliveries.close(CLOSE_PATIENCE);
        timers.close();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("this in-memory transport is closed");
        }
    }

    private static void checkScheme(URI endpoint) {
        if (!SCHEME.equals(endpoint.getScheme())) {
            throw new IllegalArgumentException(
                    "endpoint '" + endpoint + "' is none of the in-memory transport; expected the form memory:name");
        }
    }
}
