package dev.recado.auth;

import dev.recado.spi.Peer;
import java.util.Objects;

/**
 * Who an {@link Authorizer} is asked about.
 *
 * @param clientId the client identifier, which any client may choose
 * @param principal who the {@link Authenticator} says it is; empty for nobody in particular, as where there is none
 * @param userName the User Name of CONNECT, as the client states it: proves nothing by itself; {@code null} for none
 * @param peer where it is, or was
 * @since 0.1.0
 */
public record Identity(String clientId, String principal, String userName, Peer peer) {

    /** Refuses {@code null}, but for the user name. */
    public Identity {
        Objects.requireNonNull(clientId, "clientId");
        Objects.requireNonNull(principal, "principal");
        Objects.requireNonNull(peer, "peer");
    }

    @Override
    public String toString() {
        return "'" + clientId + "'" + (principal.isEmpty() ? "" : " of '" + principal + "'");
    }
}
