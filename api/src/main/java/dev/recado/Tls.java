package dev.recado;

import dev.recado.spi.Transport;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * How a broker or a client encrypts: TLS 1.3 and 1.2, over any transport. Keys, certificates and whom to trust are the
 * {@link SSLContext}'s business. Immutable and thread-safe.
 *
 * <pre>{@code
 * Broker.builder().listen("mqtts://0.0.0.0:8883").tls(Tls.of(context).clientAuth(Tls.ClientAuth.REQUIRED))
 * }</pre>
 *
 * <p>A peer that asks to negotiate again (TLS 1.2) is refused: its connection ends. One that ends its stream without
 * {@code close_notify} has its connection reported as broken, for bytes may be missing (RFC 8446, section 6.1).
 *
 * @since 0.1.0
 */
public final class Tls {

    /** Whether a broker asks its clients for certificates. */
    public enum ClientAuth {
        /** It does not ask. */
        NONE,
        /** A client may show one; one that is not trusted is refused. */
        OPTIONAL,
        /** Who shows none is refused. */
        REQUIRED
    }

    private static final Set<String> KNOWN_PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");
    private static final Duration LONGEST_HANDSHAKE = Duration.ofMinutes(10);

    private final Supplier<SSLContext> context;
    private final ClientAuth clientAuth;
    private final boolean verifiesHost;
    private final Duration handshakeTimeout;
    private final List<String> protocols;

    private Tls(
            Supplier<SSLContext> context,
            ClientAuth clientAuth,
            boolean verifiesHost,
            Duration handshakeTimeout,
            List<String> protocols) {
        this.context = context;
        this.clientAuth = clientAuth;
        this.verifiesHost = verifiesHost;
        this.handshakeTimeout = handshakeTimeout;
        this.protocols = protocols;
    }

    /**
     * With a context that stays.
     *
     * @param context for a broker one with a certificate and its key, for a client one that trusts the broker's
     * @return no client certificates asked for, host names verified, 10 seconds for the handshake
     */
    public static Tls of(SSLContext context) {
        Objects.requireNonNull(context, "context");
        return of(() -> context);
    }

    /**
     * With a context that may change: a certificate is renewed without a restart.
     *
     * @param context asked for each new connection, on a transport's thread: it hands out what it holds and must not block.
     *     Throwing, or returning {@code null}, costs that connection only
     * @return as {@link #of(SSLContext)}
     */
    public static Tls of(Supplier<SSLContext> context) {
        return new Tls(
                Objects.requireNonNull(context, "context"),
                ClientAuth.NONE,
                true,
                Duration.ofSeconds(10),
                List.of("TLSv1.3", "TLSv1.2"));
    }

    /**
     * Whether a broker asks for client certificates. Who a client is then says {@link dev.recado.auth.Login#certificatePrincipal()}.
     * Counts for a broker only.
     *
     * @param policy default {@link ClientAuth#NONE}
     * @return a changed copy
     */
    public Tls clientAuth(ClientAuth policy) {
        return new Tls(context, Objects.requireNonNull(policy, "policy"), verifiesHost, handshakeTimeout, protocols);
    }

    /**
     * Has a client talk to any server whose certificate is trusted, whatever name is in it. Whoever holds another
     * certificate of the same authority can then pass for the broker, read everything and answer. Counts for clients only.
     *
     * @return a changed copy
     */
    public Tls withoutHostVerification() {
        return new Tls(context, clientAuth, false, handshakeTimeout, protocols);
    }

    /**
     * How long the handshake may take.
     *
     * @param limit positive, at most 10 minutes; default 10 seconds
     * @return a changed copy
     * @throws IllegalArgumentException when it is out of range
     */
    public Tls handshakeTimeout(Duration limit) {
        if (limit.isNegative() || limit.isZero() || limit.compareTo(LONGEST_HANDSHAKE) > 0) {
            throw new IllegalArgumentException(
                    "handshakeTimeout must be positive and at most " + LONGEST_HANDSHAKE + ", but is " + limit);
        }
        return new Tls(context, clientAuth, verifiesHost, limit, protocols);
    }

    /**
     * Which versions of TLS to speak.
     *
     * @param names {@code TLSv1.3}, {@code TLSv1.2} or both, which is the default; nothing older
     * @return a changed copy
     * @throws IllegalArgumentException when they are none of these
     */
    public Tls protocols(String... names) {
        Set<String> asked = new LinkedHashSet<>(List.of(names));
        if (asked.isEmpty() || !KNOWN_PROTOCOLS.containsAll(asked)) {
            throw new IllegalArgumentException("protocols must be TLSv1.3, TLSv1.2 or both, but are " + asked);
        }
        return new Tls(context, clientAuth, verifiesHost, handshakeTimeout, List.copyOf(asked));
    }

    /**
     * Encrypts what goes over a transport whose endpoints have another scheme than {@code mqtt}. For that one the endpoint
     * {@code mqtts://} is enough.
     *
     * <pre>{@code
     * Transport sockets = new MyUnixSocketTransport();
     * Broker.builder().transport(tls.over(sockets)).listen("unix:/run/broker")
     * }</pre>
     *
     * @param transport any; closed with the one that is returned
     * @return a transport that keeps the rules of {@link dev.recado.spi} and takes the same endpoints, and {@code mqtts://}
     *     where the other one takes {@code mqtt://}; the caller closes it
     */
    public Transport over(Transport transport) {
        return Engines.engine().tls(this, Objects.requireNonNull(transport, "transport"));
    }

    /**
     * The context for the next connection.
     *
     * @return what the source says now
     * @throws IllegalStateException when it says {@code null}
     */
    public SSLContext context() {
        SSLContext current = context.get();
        if (current == null) {
            throw new IllegalStateException("the source of the SSLContext returned null");
        }
        return current;
    }

    /**
     * See {@link #clientAuth(ClientAuth)}.
     *
     * @return the policy
     */
    public ClientAuth clientAuth() {
        return clientAuth;
    }

    /**
     * See {@link #withoutHostVerification()}.
     *
     * @return whether a client compares the broker's certificate with the name it connects to
     */
    public boolean verifiesHost() {
        return verifiesHost;
    }

    /**
     * See {@link #handshakeTimeout(Duration)}.
     *
     * @return the limit
     */
    public Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    /**
     * See {@link #protocols(String...)}.
     *
     * @return the names, unmodifiable
     */
    public List<String> protocols() {
        return protocols;
    }
}
