package dev.recado.samples.unix;

import dev.recado.spi.Acceptor;
import dev.recado.spi.BufferPool;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.DaemonThreads;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.OutboundBuffer;
import dev.recado.spi.Peer;
import dev.recado.spi.SocketListener;
import dev.recado.spi.Transport;
import dev.recado.spi.TransportProvider;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Unix-domain sockets, for programs on one machine: {@code unix:///run/chat.sock}. The example of {@code
 * docs/write-a-transport.md}: blocking sockets, and two threads for each connection.
 *
 * <p>Thread-safe. A connection's reader thread makes its callbacks, except {@code drained}, which the writer thread makes.
 */
public final class UnixTransport implements Transport {

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
    private static final int BUFFER_SIZE = 16 * 1024;
    private static final int POOLED_BUFFERS = 64;

    // tag::provider[]
    /** How {@link java.util.ServiceLoader} finds it: this class is named in META-INF/services. */
    public static final class Provider implements TransportProvider {

        @Override
        public String name() {
            return "unix";
        }

        @Override
        public Set<String> schemes() {
            return Set.of("unix");
        }

        @Override
        public int priority() {
            return 100;
        }

        @Override
        public Transport create() {
            return new UnixTransport();
        }
    }
    // end::provider[]

    // tag::fields[]
    // T1: none of these opens a socket or starts a thread.
    private final DaemonThreads threads = new DaemonThreads("recado-unix-"); // T27
    private final BufferPool buffers = new BufferPool(BUFFER_SIZE, POOLED_BUFFERS, true);
    private final Set<SocketFile> listeners = ConcurrentHashMap.newKeySet();
    private final Set<UnixConnection> connections = ConcurrentHashMap.newKeySet();
    private boolean closed;
    // end::fields[]

    // tag::listen[]
    @Override
    public synchronized Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
        requireOpen();
        Path path = path(endpoint);
        ServerSocketChannel channel = bound(endpoint, path, options.backlog()); // T2
        SocketListener accepting = new SocketListener(
                channel,
                endpoint,
                acceptor,
                (accepted, asked) -> start(new UnixConnection(asked, options.connection(), accepted)));
        SocketFile listener = new SocketFile(accepting, path);
        listeners.add(listener);
        threads.make("acceptor", accepting).start(); // T25 and T26 are kept by SocketListener
        return listener;
    }
    // end::listen[]

    // tag::connect[]
    @Override
    public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path(endpoint));
        // T3: connecting is for the reader thread.
        start(new UnixConnection(acceptor, options.connection(), endpoint, address, options.timeout()));
    }

    private synchronized void start(UnixConnection connection) {
        requireOpen();
        connections.add(connection);
        threads.make("reader", connection::read).start();
    }
    // end::connect[]

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this transport is closed: it neither listens nor connects any more");
        }
    }

    // tag::close[]
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        // T22. What is started meanwhile is refused, so these see everything.
        listeners.forEach(SocketFile::close);
        connections.forEach(UnixConnection::abort);
        threads.awaitEnd(CLOSE_LIMIT);
    }
    // end::close[]

    // ---- Endpoints and their files

    private static Path path(URI endpoint) {
        if (endpoint.getHost() != null
                || endpoint.getPath() == null
                || !endpoint.getPath().startsWith("/")) {
            throw new IllegalArgumentException(
                    "endpoint '" + endpoint + "' names no file; expected the form unix:///run/name.sock");
        }
        return Path.of(endpoint.getPath());
    }

    private static ServerSocketChannel bound(URI endpoint, Path path, int backlog) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            removeLeftover(path);
            return channel.bind(UnixDomainSocketAddress.of(path), backlog);
        } catch (IOException e) {
            channel.close();
            BindException named = new BindException("cannot listen on '" + endpoint + "': " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    /** A process that was killed leaves its file behind. Only a socket is removed, and only one that nobody answers on. */
    private static void removeLeftover(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!file.isOther()) {
            throw new IOException("the file is there, and is no socket");
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(path));
            throw new IOException("somebody is listening there");
        } catch (ConnectException e) {
            Files.deleteIfExists(path);
        }
    }

    // tag::file[]
    /** A listener and its file, which outlives the socket unless somebody deletes it. */
    private final class SocketFile implements Listener {
        private final SocketListener accepting;
        private final Path path;
        private final AtomicBoolean closing = new AtomicBoolean();

        SocketFile(SocketListener accepting, Path path) {
            this.accepting = accepting;
            this.path = path;
        }

        @Override
        public URI endpoint() {
            return accepting.endpoint();
        }

        @Override
        public void close() {
            accepting.close();
            // Once: by the second time, the file may be another listener's.
            if (closing.compareAndSet(false, true)) {
                deleteFile(); // T21
                listeners.remove(this);
            }
        }

        private void deleteFile() {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                // It is a leftover then, and removed by who listens there next.
            }
        }
    }
    // end::file[]

    // ---- Connections

    private final class UnixConnection implements Connection {

        private final Acceptor acceptor;
        private final ConnectionOptions options;

        /** Where to connect to; null when this was accepted. */
        private final URI endpoint;

        private final UnixDomainSocketAddress target;
        private final Duration timeout;

        /** T8 to T13: copies what is written, counts it, and has the writer thread write it. */
        private final OutboundBuffer out;

        private volatile SocketChannel channel;
        private volatile Peer peer;

        /** Null until the acceptor has been asked. The reader's; the writer starts later. */
        private ConnectionHandler handler;

        private CompletableFuture<Void> written = CompletableFuture.completedFuture(null);
        private final CompletableFuture<Void> ended = new CompletableFuture<>();

        // Guarded by this, and notified of:
        private boolean paused;

        /** Nothing is read any more: closed from this side. */
        private boolean closing;

        /** Aborted, or this side has sent its end: what the socket throws from now on is no news (T15, T16). */
        private boolean over;

        private Throwable failure;

        UnixConnection(Acceptor acceptor, ConnectionOptions options, SocketChannel accepted) {
            this(acceptor, options, null, null, null);
            channel = accepted;
        }

        UnixConnection(
                Acceptor acceptor,
                ConnectionOptions options,
                URI endpoint,
                UnixDomainSocketAddress target,
                Duration timeout) {
            this.acceptor = acceptor;
            this.options = options;
            this.endpoint = endpoint;
            this.target = target;
            this.timeout = timeout;
            this.out = new OutboundBuffer(buffers, options);
        }

        // tag::reader[]
        /** The reader thread's whole life: all callbacks but one come from here, one after the other (T4, T5). */
        void read() {
            try {
                handler = acceptor.accept(this);
                if (handler != null) {
                    converse();
                }
            } catch (Throwable e) {
                // Thrown by the acceptor, or by closed(): there is nobody left to be told (T19, T25).
            } finally {
                abort();
                connections.remove(this);
            }
        }

        private void converse() {
            try {
                connect();
                handler.opened();
                written = new CompletableFuture<>();
                threads.make("writer", this::write).start();
                readToEnd();
                close(); // T17: what was written before still goes out, in bounded time
                written.join();
            } catch (Throwable e) {
                fail(e);
            }
            abort();
            written.join(); // or drained() might overlap closed() (T5)
            ended.complete(null);
            handler.closed(failure());
        }

        private void readToEnd() throws IOException, InterruptedException {
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_SIZE);
            while (channel.read(buffer.clear()) >= 0) {
                if (awaitResumed()) {
                    handler.received(buffer.flip()); // T6, T7
                }
                Thread.interrupted(); // a handler may have left it set, and it would close the channel
            }
        }

        /** T14: waits while paused. Returns false when input is to be discarded (T15). */
        private synchronized boolean awaitResumed() throws InterruptedException {
            while (paused && !closing) {
                wait();
            }
            return !closing;
        }
        // end::reader[]

        // tag::dial[]
        private void connect() throws IOException {
            if (target != null) {
                dial();
            }
            peer = Peer.of(channel.getRemoteAddress()); // T28
        }

        /** T20. Connecting blocks while the listener's backlog is full. */
        private void dial() throws IOException {
            AtomicBoolean late = new AtomicBoolean();
            CompletableFuture<Void> connected = new CompletableFuture<>();
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            if (isOver()) {
                throw new ClosedChannelException(); // abort() came before there was a channel to close
            }
            connected.orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS).whenComplete((done, tooLong) -> {
                if (tooLong != null) {
                    late.set(true);
                    abort();
                }
            });
            try {
                channel.connect(target);
            } catch (IOException e) {
                throw late.get() ? unanswered() : refused(e);
            } finally {
                connected.complete(null);
            }
        }

        private IOException unanswered() {
            return new SocketTimeoutException(
                    "no connection to '" + endpoint + "' within " + timeout.toMillis() + " ms");
        }

        private IOException refused(IOException cause) {
            ConnectException named =
                    new ConnectException("cannot connect to '" + endpoint + "': " + cause.getMessage());
            named.initCause(cause);
            return named;
        }
        // end::dial[]

        // tag::writer[]
        /** The writer thread's whole life. */
        private void write() {
            try {
                out.writeTo(channel, handler::drained); // T11, T12, T13; returns when everything before close() is out
                synchronized (this) {
                    over = true;
                }
                channel.shutdownOutput(); // T15
            } catch (Throwable e) {
                fail(e);
            } finally {
                written.complete(null);
            }
        }
        // end::writer[]

        // tag::failure[]
        private void fail(Throwable e) {
            synchronized (this) {
                if (failure == null && !(over && e instanceof IOException && !(e instanceof SocketTimeoutException))) {
                    failure = e;
                }
            }
            abort();
        }

        private synchronized Throwable failure() {
            return failure;
        }

        private synchronized boolean isOver() {
            return over;
        }
        // end::failure[]

        // tag::outbound[]
        // ---- The outbound half, for any thread; none of it touches the socket but abort() (T10, T23)

        @Override
        public void write(ByteBuffer... bytes) {
            out.write(bytes);
        }

        @Override
        public void flush() {
            out.flush();
        }

        @Override
        public long pending() {
            return out.pending();
        }

        @Override
        public synchronized void pauseReading() {
            paused = true;
        }

        @Override
        public synchronized void resumeReading() {
            paused = false;
            notifyAll();
        }

        @Override
        public void close() {
            synchronized (this) {
                if (closing) {
                    return;
                }
                closing = true;
                notifyAll();
            }
            out.end();
            ended.copy()
                    .orTimeout(options.closeTimeout().toNanos(), TimeUnit.NANOSECONDS)
                    .exceptionally(tooLong -> {
                        abort();
                        return null;
                    });
        }

        @Override
        public void abort() {
            synchronized (this) {
                closing = true;
                over = true;
                notifyAll();
            }
            out.discard();
            SocketChannel open = channel;
            if (open != null) {
                try {
                    open.close();
                } catch (IOException e) {
                    // It is gone either way.
                }
            }
        }

        @Override
        public Peer peer() {
            Peer known = peer;
            if (known == null) {
                throw new IllegalStateException("the connection is not open yet: its peer is known from opened() on");
            }
            return known;
        }
        // end::outbound[]
    }
}
