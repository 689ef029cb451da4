package dev.recado.spi;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener on a server socket: rules T2, T21, T26, and T25 for what happens before the acceptor is asked. The transport
 * gives it a thread, on which {@link #run} accepts one connection after another.
 *
 * <p>That thread is for accepting only. A server socket that is registered with a selector would not do: closing it frees
 * the address only when the selector has run again, and {@link #close} must have freed it when it returns (T21).
 *
 * <p>Thread-safe.
 *
 * @since 0.1.0
 */
public final class SocketListener implements Listener, Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(SocketListener.class);
    private static final long SHORTEST_PAUSE_MILLIS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;
    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ServerSocketChannel channel;
    private final URI endpoint;
    private final Acceptor acceptor;
    private final BiConsumer<SocketChannel, Acceptor> accepted;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean begun;

    /**
     * Wraps a bound channel; {@link #run} accepts.
     *
     * @param channel bound, in blocking mode; closed with this listener
     * @param endpoint with the real port
     * @param acceptor asked for the handlers
     * @param accepted takes each connection over, on the accepting thread, with the acceptor to ask; when it throws, that
     *     connection is closed and the listener goes on: after a pause, unless it is an {@link IllegalStateException},
     *     which says that the transport is closing
     */
    public SocketListener(
            ServerSocketChannel channel,
            URI endpoint,
            Acceptor acceptor,
            BiConsumer<SocketChannel, Acceptor> accepted) {
        this.channel = channel;
        this.endpoint = endpoint;
        this.acceptor = acceptor;
        this.accepted = accepted;
    }

    /**
     * Binds a TCP port.
     *
     * @param endpoint host and port, 0 for any free one
     * @param backlog connections that may wait to be accepted
     * @param acceptor see the constructor
     * @param accepted see the constructor
     * @return a listener whose {@link #endpoint} has the real port
     * @throws IOException naming the endpoint (T2)
     */
    public static SocketListener bind(
            URI endpoint, int backlog, Acceptor acceptor, BiConsumer<SocketChannel, Acceptor> accepted)
            throws IOException {
        ServerSocketChannel channel = bound(endpoint, backlog);
        URI actual = Endpoints.withPort(endpoint, channel.socket().getLocalPort());
        return new SocketListener(channel, actual, acceptor, accepted);
    }

    private static ServerSocketChannel bound(URI endpoint, int backlog) throws IOException {
        InetSocketAddress address = Endpoints.resolve(endpoint);
        if (address.isUnresolved()) {
            throw new IOException(
                    "cannot listen on '" + endpoint + "': unknown host '" + address.getHostString() + "'");
        }
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            return channel.bind(address, backlog);
        } catch (IOException e) {
            channel.close();
            BindException named = new BindException("cannot listen on '" + endpoint + "': " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    /**
     * Whether this listener is of no more use.
     *
     * @return {@code true} once {@link #close} has been called
     */
    public boolean isClosed() {
        return closed.getCount() == 0;
    }

    @Override
    public URI endpoint() {
        return endpoint;
    }

    /** Accepts until closed; also ends when its thread is interrupted, for that closes the channel. */
    @Override
    public void run() {
        begun = true;
        long pause = SHORTEST_PAUSE_MILLIS;
        while (!isClosed() && channel.isOpen()) {
            try {
                handOver(channel.accept());
                pause = SHORTEST_PAUSE_MILLIS;
            } catch (Throwable e) {
                // File descriptors, memory or threads have run out: there will be others.
                pauseAfter(e, pause);
                pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            }
        }
        ended.countDown();
    }

    private void handOver(SocketChannel connection) throws IOException {
        boolean taken = false;
        try {
            accepted.accept(connection, this::askUnlessClosed);
            taken = true;
        } catch (IllegalStateException e) {
            LOG.debug("a connection accepted on '{}' is dropped: the transport is closing", endpoint);
        } finally {
            if (!taken) {
                connection.close();
            }
        }
    }

    /** T21: asked a moment after this thread has accepted, on another one; in between, this may have been closed. */
    private ConnectionHandler askUnlessClosed(Connection connection) {
        return isClosed() ? null : acceptor.accept(connection);
    }

    /** T26. Once closed there is no pause, and nothing to come back to. */
    private void pauseAfter(Throwable cause, long millis) {
        if (isClosed()) {
            return;
        }
        LOG.warn("accepting on '{}' failed, next attempt in {} ms: {}", endpoint, millis, cause.toString());
        try {
            closed.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            LOG.debug("the pause of an accepting thread was interrupted", e);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("the socket of '{}' did not close", endpoint, e);
        }
        if (begun) {
            awaitEnd();
        }
    }

    /**
     * T21: a thread inside accept keeps the address, for the moment that it takes to notice. It calls nobody else's code, so
     * waiting for it is safe whatever the caller holds; and it is no use giving up, so an interrupt is kept for later.
     */
    private void awaitEnd() {
        boolean interrupted = false;
        long deadline = System.nanoTime() + LONGEST_WAIT_NANOS;
        for (boolean again = true; again; ) {
            try {
                ended.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                again = false;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
