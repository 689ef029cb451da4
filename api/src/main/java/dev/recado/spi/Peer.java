package dev.recado.spi;

import java.net.SocketAddress;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/**
 * The other end of a connection.
 *
 * @param address where it connects from, or was connected to
 * @param tlsSession present when a TLS layer has authenticated the connection
 * @since 0.1.0
 */
public record Peer(SocketAddress address, Optional<SSLSession> tlsSession) {

    /** Refuses {@code null}. */
    public Peer {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(tlsSession, "tlsSession");
    }

    /**
     * A peer without TLS.
     *
     * @param address where it is
     * @return the peer
     */
    public static Peer of(SocketAddress address) {
        return new Peer(address, Optional.empty());
    }
}
