package dev.recado.spi;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * The bookkeeping of one {@link Transport#connect} (T20): looks the host up, gives its addresses one after another, each
 * with its share of the time, and in the end the exception that names the endpoint and says what went wrong.
 *
 * <pre>{@code
 * attempts.lookUp();
 * for (InetSocketAddress address; (address = attempts.next()) != null; ) {
 *     // connect, in attempts.nanosLeft() at most; when it fails, attempts.refused(cause) or attempts.unanswered()
 * }
 * throw attempts.failure();
 * }</pre>
 *
 * <p>{@link Dialer} does this with blocking sockets. Not thread-safe, except that {@link #lookUp}, which may block for
 * seconds, may run on another thread: its result is seen by {@link #next} only.
 *
 * @since 0.1.0
 */
public final class ConnectAttempts {

    /** Even when the time is up: a caller that comes late, on a busy machine, has not given the address a chance yet. */
    private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");

    /** The addresses, or why there are none. */
    private record Lookup(InetAddress[] addresses, Exception failure) {}

    private final URI endpoint;
    private final String host;
    private final int port;
    private final Duration timeout;
    private final Resolver resolver;
    private final LongSupplier nanoTime;
    private final long deadline;
    private volatile Lookup lookup;
    private int begun;
    private InetSocketAddress current;
    private IOException failure;

    /**
     * Reads the endpoint and starts the clock; does nothing else yet.
     *
     * @param endpoint scheme, host and port
     * @param timeout for looking up and connecting together; positive
     * @param resolver asked for the host, unless it is an address already
     * @throws IllegalArgumentException when the endpoint has no host, or a port over 65535
     */
    public ConnectAttempts(URI endpoint, Duration timeout, Resolver resolver) {
        this(endpoint, timeout, resolver, System::nanoTime);
    }

    ConnectAttempts(URI endpoint, Duration timeout, Resolver resolver, LongSupplier nanoTime) {
        this.endpoint = endpoint;
        this.host = Endpoints.host(endpoint);
        this.port = Endpoints.port(endpoint);
        this.timeout = timeout;
        this.resolver = resolver;
        this.nanoTime = nanoTime;
        this.deadline = nanoTime.getAsLong() + timeout.toNanos();
    }

    /**
     * Whether {@link #lookUp} may block. An address is not looked up, and so need not wait for those hosts that are.
     *
     * @return {@code false} when the host is an address
     */
    public boolean needsLookup() {
        return host.indexOf(':') < 0 && !IPV4.matcher(host).matches();
    }

    /** Looks the host up; {@link #next} tells how it went. */
    public void lookUp() {
        Lookup result;
        try {
            InetAddress[] addresses = needsLookup() ? resolver.resolve(host) : InetAddress.getAllByName(host);
            result = new Lookup(addresses, null);
        } catch (UnknownHostException | RuntimeException e) {
            result = new Lookup(new InetAddress[0], e);
        }
        lookup = result;
    }

    /**
     * Goes on to the next address. Called after {@link #lookUp}.
     *
     * @return where to connect to; {@code null} when there is nothing left to try, see {@link #failure}
     */
    public InetSocketAddress next() {
        InetAddress[] addresses = lookup.addresses();
        current = begun < addresses.length ? new InetSocketAddress(addresses[begun++], port) : null;
        return current;
    }

    /**
     * How long the present step may take. While looking up, that is all the time left; then it is an address's share, so
     * that one that does not answer leaves some to the others.
     *
     * @return nanoseconds from now, at least a millisecond
     */
    public long nanosLeft() {
        long left = deadline - nanoTime.getAsLong();
        long share = current == null ? left : left / (lookup.addresses().length - begun + 1);
        return Math.max(SHORTEST_NANOS, share);
    }

    /**
     * The present address answered with a refusal, or could not be tried.
     *
     * @param cause why
     */
    public void refused(Exception cause) {
        remember(initialized(
                new ConnectException("cannot connect to '" + endpoint + "' at " + current + ": " + cause.getMessage()),
                cause));
    }

    /** The lookup, or the present address, did not answer in its time. */
    public void unanswered() {
        remember(
                new SocketTimeoutException("no connection to '" + endpoint + "' within " + timeout.toMillis() + " ms"));
    }

    private void remember(IOException e) {
        if (failure == null) {
            failure = e;
        } else {
            failure.addSuppressed(e);
        }
    }

    /**
     * What {@link ConnectionHandler#closed} is to be told when nothing is left to try.
     *
     * @return the first failure, with the others suppressed; an {@link UnknownHostException} when there was no address
     */
    public IOException failure() {
        if (failure != null) {
            return failure;
        }
        Exception cause = lookup == null ? null : lookup.failure();
        return initialized(
                new UnknownHostException("unknown host '" + host + "' in endpoint '" + endpoint + "'"), cause);
    }

    /** The exceptions of java.net that T20 asks for have no constructor with a cause. */
    private static IOException initialized(IOException e, Exception cause) {
        e.initCause(cause);
        return e;
    }
}
