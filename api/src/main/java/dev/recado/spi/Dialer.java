package dev.recado.spi;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The way from an endpoint to an open socket, for a transport that may block a thread for it (T3, T20). Looking the host up
 * cannot be interrupted, so it has a thread of its own, and {@link #dial} waits for it no longer than the timeout.
 *
 * @since 0.1.0
 */
public final class Dialer {

    private final ConnectAttempts attempts;
    private final DaemonThreads threads;
    private final CompletableFuture<Void> lookup = new CompletableFuture<>();
    private volatile SocketChannel attempt;
    private volatile boolean cancelled;

    /**
     * Does nothing yet.
     *
     * @param attempts where to connect to
     * @param threads makes the thread that looks the host up, when it is a name
     */
    public Dialer(ConnectAttempts attempts, DaemonThreads threads) {
        this.attempts = attempts;
        this.threads = threads;
    }

    /**
     * Blocks until there is a connection, or none can be made. Called once.
     *
     * @return connected, in blocking mode
     * @throws IOException one of those that T20 names; {@link ClosedChannelException} after {@link #cancel}
     */
    public SocketChannel dial() throws IOException {
        lookUp();
        for (InetSocketAddress address; !cancelled && (address = attempts.next()) != null; ) {
            SocketChannel connected = connect(address);
            if (connected != null) {
                return connected;
            }
        }
        throw cancelled ? new ClosedChannelException() : attempts.failure();
    }

    private void lookUp() throws IOException {
        if (!attempts.needsLookup()) {
            attempts.lookUp();
            return;
        }
        threads.make("lookup", () -> {
                    attempts.lookUp();
                    lookup.complete(null);
                })
                .start();
        try {
            lookup.get(attempts.nanosLeft(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            attempts.unanswered();
            throw attempts.failure();
        } catch (CancellationException e) {
            throw new ClosedChannelException();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        } catch (ExecutionException e) {
            throw new AssertionError("only ever completed with null", e);
        }
    }

    /** Returns null, and has told the attempts why, when there is no connection. */
    private SocketChannel connect(InetSocketAddress address) throws IOException {
        SocketChannel channel = SocketChannel.open();
        attempt = channel;
        try {
            // After the assignment: either cancel() has seen the channel, or this sees that it was called.
            if (!cancelled) {
                long millis = TimeUnit.NANOSECONDS.toMillis(attempts.nanosLeft());
                channel.socket().connect(address, (int) Math.min(millis, Integer.MAX_VALUE));
                return channel;
            }
        } catch (SocketTimeoutException e) {
            attempts.unanswered();
        } catch (IOException | RuntimeException e) {
            attempts.refused(e);
        }
        channel.close();
        return null;
    }

    /**
     * Makes {@link #dial} fail soon, or closes what it has returned. From any thread.
     *
     * @throws IOException when the socket does not close
     */
    public void cancel() throws IOException {
        cancelled = true;
        lookup.cancel(false);
        SocketChannel channel = attempt;
        if (channel != null) {
            channel.close();
        }
    }
}
