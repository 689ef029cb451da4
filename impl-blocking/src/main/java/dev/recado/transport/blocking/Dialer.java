package dev.recado.transport.blocking;

import dev.recado.spi.Endpoints;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The way from an endpoint to an open socket (T3, T20): looks the host up, then tries its addresses in turn. The looking up
 * cannot be interrupted, so it has a thread of its own and the reader waits for it no longer than the timeout.
 */
final class Dialer {

    private final URI endpoint;
    private final String host;
    private final int port;
    private final Duration timeout;
    private final Resolver resolver;
    private final Threads threads;
    private final CompletableFuture<InetAddress[]> lookup = new CompletableFuture<>();
    private volatile SocketChannel attempt;
    private volatile boolean cancelled;

    /**
     * Reads the endpoint; does nothing yet.
     *
     * @throws IllegalArgumentException when the endpoint has no host, or a port that cannot be
     */
    Dialer(URI endpoint, Duration timeout, Resolver resolver, Threads threads) {
        this.endpoint = endpoint;
        this.host = Endpoints.host(endpoint);
        this.port = Endpoints.port(endpoint);
        this.timeout = timeout;
        this.resolver = resolver;
        this.threads = threads;
    }

    /**
     * Blocks until there is a connection, or none can be made.
     *
     * @return connected, in blocking mode
     * @throws IOException one of those that T20 names; {@link ClosedChannelException} after {@link #cancel}
     */
    SocketChannel dial() throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        InetAddress[] addresses = lookUp();
        IOException failure = null;
        for (int i = 0; i < addresses.length && !cancelled; i++) {
            // The time left is shared, so that an address that does not answer leaves some to the others.
            long share = (deadline - System.nanoTime()) / (addresses.length - i);
            try {
                return connect(new InetSocketAddress(addresses[i], port), share);
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        throw failure == null ? new ClosedChannelException() : failure;
    }

    private InetAddress[] lookUp() throws IOException {
        threads.platform("lookup", () -> {
                    try {
                        lookup.complete(resolver.resolve(host));
                    } catch (UnknownHostException e) {
                        lookup.completeExceptionally(e);
                    }
                })
                .start();
        try {
            return lookup.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new UnknownHostException("unknown host '" + host + "' in endpoint '" + endpoint + "'");
        } catch (TimeoutException e) {
            throw unanswered();
        } catch (CancellationException e) {
            throw new ClosedChannelException();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        }
    }

    private SocketChannel connect(InetSocketAddress address, long nanos) throws IOException {
        SocketChannel channel = SocketChannel.open();
        attempt = channel;
        try {
            // After the assignment: either cancel() has seen the channel, or this sees that it was called.
            if (cancelled) {
                throw new ClosedChannelException();
            }
            channel.socket().connect(address, (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
            return channel;
        } catch (SocketTimeoutException e) {
            channel.close();
            throw unanswered();
        } catch (IOException | RuntimeException e) {
            channel.close();
            ConnectException refusal =
                    new ConnectException("cannot connect to '" + endpoint + "' at " + address + ": " + e.getMessage());
            refusal.initCause(e);
            throw refusal;
        }
    }

    private SocketTimeoutException unanswered() {
        return new SocketTimeoutException("no connection to '" + endpoint + "' within " + timeout.toMillis() + " ms");
    }

    /** Makes {@link #dial} fail soon, or closes what it has returned. From any thread. */
    void cancel() throws IOException {
        cancelled = true;
        lookup.cancel(false);
        SocketChannel channel = attempt;
        if (channel != null) {
            channel.close();
        }
    }
}
