package dev.recado.transport.nio;

import dev.recado.spi.Endpoints;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.regex.Pattern;

/**
 * The way of one connection from an endpoint to an open socket (T3, T20): looks the host up, then tries its addresses in
 * turn. Belongs to the loop's thread, except for the lookup, which may block for seconds and runs elsewhere.
 */
final class Connector {

    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");

    private final URI endpoint;
    private final String host;
    private final int port;
    private final long timeoutNanos;
    private final Resolver resolver;
    private final Executor lookups;

    private long deadline;
    private int next;
    private InetSocketAddress current;
    private IOException failure;

    /** Set by the lookup before it asks the loop to go on. */
    private volatile InetAddress[] addresses = {};

    private volatile boolean unknown;

    /**
     * Reads the endpoint; does nothing yet.
     *
     * @throws IllegalArgumentException when the endpoint has no host, or a port that cannot be
     */
    Connector(URI endpoint, Duration timeout, Resolver resolver, Executor lookups) {
        this.endpoint = endpoint;
        this.host = Endpoints.host(endpoint);
        this.port = Endpoints.port(endpoint);
        this.timeoutNanos = timeout.toNanos();
        this.resolver = resolver;
        this.lookups = lookups;
    }

    void start(NioConnection connection) {
        deadline = System.nanoTime() + timeoutNanos;
        connection.expireAt(deadline);
        if (isLiteral(host)) {
            lookUp();
            attempt(connection);
            return;
        }
        try {
            lookups.execute(() -> {
                lookUp();
                connection.lookedUp();
            });
        } catch (RejectedExecutionException e) {
            // The transport is closing, and about to end this connection.
        }
    }

    /** An address is not looked up, and so need not wait for those hosts that are. */
    private static boolean isLiteral(String host) {
        return host.indexOf(':') >= 0 || IPV4.matcher(host).matches();
    }

    private void lookUp() {
        try {
            addresses = resolver.resolve(host);
        } catch (UnknownHostException e) {
            unknown = true;
        }
    }

    /** Begins to connect to the next address; when there is none left, the connection fails. */
    void attempt(NioConnection connection) {
        if (unknown) {
            connection.failed(new UnknownHostException("unknown host '" + host + "' in endpoint '" + endpoint + "'"));
            return;
        }
        while (next < addresses.length) {
            current = new InetSocketAddress(addresses[next++], port);
            try {
                // The time left is shared, so that an address that does not answer leaves some to the others.
                long now = System.nanoTime();
                connection.expireAt(now + (deadline - now) / (addresses.length - next + 1));
                connection.connectTo(current);
                return;
            } catch (IOException | RuntimeException e) {
                refused(e);
            }
        }
        connection.failed(failure);
    }

    /** The last attempt was answered with a refusal. */
    void refused(Exception cause) {
        ConnectException refusal =
                new ConnectException("cannot connect to '" + endpoint + "' at " + current + ": " + cause.getMessage());
        refusal.initCause(cause);
        remember(refusal);
    }

    /** The lookup, or the last attempt, was not answered in its time. */
    void unanswered() {
        remember(new SocketTimeoutException("no connection to '" + endpoint + "' within "
                + Duration.ofNanos(timeoutNanos).toMillis() + " ms"));
    }

    private void remember(IOException e) {
        if (failure == null) {
            failure = e;
        } else {
            failure.addSuppressed(e);
        }
    }
}
