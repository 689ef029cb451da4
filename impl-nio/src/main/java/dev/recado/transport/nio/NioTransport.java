package dev.recado.transport.nio;

import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectAttempts;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.DaemonThreads;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Resolver;
import dev.recado.spi.SocketListener;
import dev.recado.spi.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * TCP connections on a few event loops.
 *
 * <p>Thread-safe. Each connection belongs to one loop, whose thread makes all its callbacks; {@code drained} included, so
 * no two callbacks of a connection ever overlap. Threads start when they are first needed: one for each loop, up to
 * {@link Builder#loops}; one for each listener; up to four that look up host names and end when they are idle.
 *
 * @since 0.1.0
 */
public final class NioTransport implements Transport {

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
    private static final int LOOKUP_THREADS = 4;

    private final int readBufferSize;
    private final DaemonThreads threads = new DaemonThreads("recado-nio-");
    private final ThreadFactory maker;
    private final Resolver resolver;
    private final ThreadPoolExecutor lookups;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock:
    private final EventLoop[] loops;
    private final List<SocketListener> listeners = new ArrayList<>();
    private int turn;
    private boolean closed;

    private NioTransport(Builder builder) {
        this.readBufferSize = builder.readBufferSize;
        this.maker = builder.threads;
        this.resolver = builder.resolver;
        this.loops = new EventLoop[builder.loops];
        this.lookups = new ThreadPoolExecutor(
                LOOKUP_THREADS,
                LOOKUP_THREADS,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> threads.make(maker, "lookup", task));
        this.lookups.allowCoreThreadTimeOut(true);
    }

    /**
     * Starts to describe a transport.
     *
     * @return a builder; left as it is, it describes what {@link NioTransportProvider} creates
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
        Objects.requireNonNull(acceptor, "acceptor");
        SocketListener listener = SocketListener.bind(
                endpoint,
                options.backlog(),
                acceptor,
                (accepted, asked) -> start(options.connection(), asked, accepted, null));
        lock.lock();
        try {
            requireOpen();
            listeners.removeIf(SocketListener::isClosed);
            listeners.add(listener);
            threads.make(maker, "accept-" + listener.endpoint().getPort(), listener)
                    .start();
        } catch (IllegalStateException e) {
            listener.close();
            throw e;
        } finally {
            lock.unlock();
        }
        return listener;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when the endpoint has no host, or a port over 65535
     */
    @Override
    public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
        Objects.requireNonNull(acceptor, "acceptor");
        ConnectAttempts attempts = new ConnectAttempts(endpoint, options.timeout(), resolver);
        start(options.connection(), acceptor, null, new Connector(attempts, lookups));
    }

    private void start(
            ConnectionOptions options, Acceptor acceptor, SocketChannel acceptedChannel, Connector connector) {
        lock.lock();
        try {
            requireOpen();
            // Under the lock: close() stops the loops after it has held it, so the loop will see this connection.
            new NioConnection(nextLoop(), options, acceptor, acceptedChannel, connector).start();
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this transport is closed: it neither listens nor connects any more");
        }
    }

    private EventLoop nextLoop() {
        int index = turn;
        turn = (index + 1) % loops.length;
        if (loops[index] == null) {
            loops[index] = EventLoop.start(task -> threads.make(maker, Integer.toString(index), task), readBufferSize);
        }
        return loops[index];
    }

    /**
     * {@inheritDoc}
     *
     * <p>Waits for 10 seconds at most. A thread that looks up a host name cannot be stopped and may outlast that.
     */
    @Override
    public void close() {
        List<SocketListener> closingListeners;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            closingListeners = List.copyOf(listeners);
        } finally {
            lock.unlock();
        }
        closingListeners.forEach(SocketListener::close);
        lookups.shutdownNow();
        for (EventLoop loop : loops) {
            if (loop != null) {
                loop.stop();
            }
        }
        threads.awaitEnd(CLOSE_LIMIT);
    }

    /** Describes a transport. Not thread-safe. */
    public static final class Builder {

        private int loops = Runtime.getRuntime().availableProcessors();
        private int readBufferSize = 64 * 1024;
        private ThreadFactory threads = Thread::new;
        private Resolver resolver = InetAddress::getAllByName;

        private Builder() {}

        /**
         * How many event loops there are at most; each starts when a connection is given to it, and they take turns.
         *
         * @param count positive; the default is the number of processors
         * @return this
         */
        public Builder loops(int count) {
            if (count <= 0) {
                throw new IllegalArgumentException("loops must be positive, but is " + count);
            }
            this.loops = count;
            return this;
        }

        /**
         * How much is read at once. There is one such buffer for each loop, not for each connection.
         *
         * @param bytes positive; the default is 64 KiB
         * @return this
         */
        public Builder readBufferSize(int bytes) {
            if (bytes <= 0) {
                throw new IllegalArgumentException("readBufferSize must be positive, but is " + bytes);
            }
            this.readBufferSize = bytes;
            return this;
        }

        /** For tests, to see which threads are made. */
        Builder threads(ThreadFactory factory) {
            this.threads = factory;
            return this;
        }

        /** For tests, to have hosts with several addresses, or slow to look up. */
        Builder resolver(Resolver lookup) {
            this.resolver = lookup;
            return this;
        }

        /**
         * Creates the transport; opens no socket and starts no thread (T1).
         *
         * @return a new transport
         */
        public NioTransport build() {
            return new NioTransport(this);
        }
    }
}
