package dev.recado.auth;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Decides at the broker who may connect. Its methods are called on a transport's thread and must not block: what takes time
 * completes its result elsewhere; until then nothing else of that connection is read. Whoever throws, or fails, or is late,
 * has said no. Thread-safe.
 *
 * @since 0.1.0
 */
public interface Authenticator {

    /**
     * A client connects with a user name and a password, or without.
     *
     * @param login what it says
     * @return the decision
     */
    CompletionStage<AuthStep.Decision> authenticate(Login login);

    /**
     * A client names an Authentication Method, in CONNECT or to authenticate again.
     *
     * @param method such as {@code SCRAM-SHA-256}
     * @param login what else it says
     * @return a new exchange; empty when the method is not known, which refuses it with 0x8C (MQTT-4.12.0-1)
     */
    default Optional<AuthExchange> exchange(String method, Login login) {
        return Optional.empty();
    }
}
