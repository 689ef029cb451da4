package dev.recado.auth;

import dev.recado.spi.Peer;
import java.security.Principal;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * What a client says of itself when it connects. Compared by identity, and nothing in it that is secret appears in
 * {@link #toString}. Thread-safe.
 *
 * @since 0.1.0
 */
public final class Login {

    private final String clientId;
    private final String userName;
    private final byte[] password;
    private final Peer peer;

    /**
     * What a client said.
     *
     * @param clientId its client identifier, or the one assigned to it
     * @param userName {@code null} when it gave none
     * @param password {@code null} when it gave none; not copied
     * @param peer where it is
     */
    public Login(String clientId, String userName, byte[] password, Peer peer) {
        this.clientId = Objects.requireNonNull(clientId, "clientId");
        this.userName = userName;
        this.password = password;
        this.peer = Objects.requireNonNull(peer, "peer");
    }

    /**
     * Who it is on the wire.
     *
     * @return the client identifier
     */
    public String clientId() {
        return clientId;
    }

    /**
     * Its User Name.
     *
     * @return {@code null} for none
     */
    public String userName() {
        return userName;
    }

    /**
     * Its Password, which is binary data (MQTT 5, section 3.1.3.6).
     *
     * @return {@code null} for none; the array itself, not to be changed
     */
    public byte[] password() {
        return password;
    }

    /**
     * Where it is.
     *
     * @return its address and TLS session
     */
    public Peer peer() {
        return peer;
    }

    /**
     * Who its client certificate says it is: verified by the broker's trust store. The whole chain is in {@code
     * peer().tlsSession()}.
     *
     * @return the certificate's subject; empty without TLS, and when the client has shown none
     */
    public Optional<Principal> certificatePrincipal() {
        return peer.tlsSession().map(Login::subject);
    }

    /** {@code null} when the client has shown no certificate. */
    private static Principal subject(SSLSession session) {
        try {
            return session.getPeerPrincipal();
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    @Override
    public String toString() {
        return "Login[" + clientId + ", user " + userName + ", " + (password == null ? "no password" : "a password")
                + ", " + peer.address() + "]";
    }
}
