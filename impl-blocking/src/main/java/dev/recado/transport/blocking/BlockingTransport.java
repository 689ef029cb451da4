package dev.recado.transport.blocking;

import dev.recado.spi.Acceptor;
import dev.recado.spi.BufferPool;
import dev.recado.spi.ConnectAttempts;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.Dialer;
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
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * TCP connections with two threads each.
 *
 * <p>Thread-safe. The reader of a connection makes its callbacks, except {@code drained}, which the writer makes and which
 * may overlap {@code received}. Threads are virtual where the JVM has them (Java 21 and later), unless {@link
 * Builder#executor} says otherwise. Besides them there is one for each listener, one that watches over the connections that
 * are closing and ends when there are none, and for a moment one for each host name that is looked up.
 *
 * @since 0.1.0
 */
public final class BlockingTransport implements Transport {

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
    private static final int WRITE_BUFFER_SIZE = 4 * 1024;
    private static final int POOLED_WRITE_BUFFERS = 1024;
    private static final int POOLED_READ_BUFFERS = 256;

    private final Threads threads;
    private final Resolver resolver;
    private final ScheduledThreadPoolExecutor timer;
    private final BufferPool readBuffers;

    /** Several, or the writers would queue for one lock. */
    private final BufferPool[] writeBuffers;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock:
    private final List<SocketListener> listeners = new ArrayList<>();
    private final Set<BlockingConnection> connections = new HashSet<>();
    private long started;
    private boolean closed;

    private BlockingTransport(Builder builder) {
        this.threads = new Threads(builder.executor, builder.threads);
        this.resolver = builder.resolver;
        this.readBuffers = new BufferPool(builder.readBufferSize, POOLED_READ_BUFFERS, true);
        this.writeBuffers = new BufferPool[Runtime.getRuntime().availableProcessors()];
        for (int i = 0; i < writeBuffers.length; i++) {
            writeBuffers[i] = new BufferPool(WRITE_BUFFER_SIZE, POOLED_WRITE_BUFFERS, true);
        }
        this.timer = new ScheduledThreadPoolExecutor(1, task -> threads.own().make("timer", task));
        this.timer.setKeepAliveTime(1, TimeUnit.SECONDS);
        this.timer.allowCoreThreadTimeOut(true);
        this.timer.setRemoveOnCancelPolicy(true);
    }

    /**
     * Starts to describe a transport.
     *
     * @return a builder; left as it is, it describes what {@link BlockingTransportProvider} creates
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@inheritDoc}
     *
     * <p>Also when the executor has no thread for the listener, an {@code IOException} says so.
     */
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
            threads.start("accept-" + listener.endpoint().getPort(), listener);
            listeners.removeIf(SocketListener::isClosed);
            listeners.add(listener);
            return listener;
        } catch (RejectedExecutionException e) {
            listener.close();
            throw new IOException("cannot listen on '" + endpoint + "': the executor has no thread for it", e);
        } catch (IllegalStateException e) {
            listener.close();
            throw e;
        } finally {
            lock.unlock();
        }
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
        start(options.connection(), acceptor, null, new Dialer(attempts, threads.own()));
    }

    private void start(ConnectionOptions options, Acceptor acceptor, SocketChannel accepted, Dialer dialer) {
        lock.lock();
        try {
            requireOpen();
            long number = started++;
            BlockingConnection connection = new BlockingConnection(
                    this,
                    Long.toString(number),
                    options,
                    acceptor,
                    accepted,
                    dialer,
                    writeBuffers[(int) (number % writeBuffers.length)]);
            connections.add(connection);
            // Under the lock: close() looks for threads after it has held it, and so misses none.
            startReader(connection, number, dialer != null);
        } finally {
            lock.unlock();
        }
    }

    private void startReader(BlockingConnection connection, long number, boolean answerOwed) {
        try {
            threads.start("reader-" + number, connection::read);
        } catch (RejectedExecutionException e) {
            if (answerOwed) {
                // Whoever called connect() may hold locks: closed(cause) comes from another thread all the same.
                threads.own()
                        .make("refused-" + number, () -> connection.refuse(e))
                        .start();
            } else {
                connections.remove(connection);
                throw e;
            }
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this transport is closed: it neither listens nor connects any more");
        }
    }

    Threads threads() {
        return threads;
    }

    ScheduledExecutorService timer() {
        return timer;
    }

    BufferPool readBuffers() {
        return readBuffers;
    }

    /** The connection's handler has had its last call. */
    void ended(BlockingConnection connection) {
        lock.lock();
        try {
            connections.remove(connection);
        } finally {
            lock.unlock();
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>Waits for 10 seconds at most. A thread that looks up a host name cannot be stopped and may outlast that.
     */
    @Override
    public void close() {
        List<SocketListener> closingListeners;
        List<BlockingConnection> closingConnections;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            closingListeners = List.copyOf(listeners);
            closingConnections = List.copyOf(connections);
        } finally {
            lock.unlock();
        }
        closingListeners.forEach(SocketListener::close);
        closingConnections.forEach(BlockingConnection::abort);
        timer.shutdownNow();
        threads.awaitEnd(CLOSE_LIMIT);
    }

    /** Describes a transport. Not thread-safe. */
    public static final class Builder {

        private Executor executor;
        private ThreadFactory threads = VirtualThreads.factory().orElse(Thread::new);
        private int readBufferSize = 16 * 1024;
        private Resolver resolver = InetAddress::getAllByName;

        private Builder() {}

        /**
         * Who runs listeners, readers and writers, in place of the transport's own threads. Each task runs as long as its
         * listener or connection, and a connection has two, so an executor that queues tasks stalls connections. One that
         * rejects a task costs the connection: {@code closed(cause)}. The executor's threads keep their names, and the
         * transport does not shut it down.
         *
         * @param tasks runs each task on a thread of its own
         * @return this
         */
        public Builder executor(Executor tasks) {
            this.executor = Objects.requireNonNull(tasks, "tasks");
            return this;
        }

        /**
         * How much is read at once. Each connection has such a buffer, outside the heap.
         *
         * @param bytes positive; the default is 16 KiB
         * @return this
         */
        public Builder readBufferSize(int bytes) {
            if (bytes <= 0) {
                throw new IllegalArgumentException("readBufferSize must be positive, but is " + bytes);
            }
            this.readBufferSize = bytes;
            return this;
        }

        /** For tests, to see which threads are made, and to have platform threads on any JVM. */
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
        public BlockingTransport build() {
            return new BlockingTransport(this);
        }
    }
}
