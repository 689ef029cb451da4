package dev.recado.auth;

import java.util.concurrent.CompletionStage;

/**
 * The broker's side of one authentication by steps (MQTT 5, section 4.12). Called by one thread at a time.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface AuthExchange {

    /**
     * Goes on with what the client sent.
     *
     * @param data Authentication Data of CONNECT or AUTH; empty when it had none
     * @return what follows; must come within the time that {@link dev.recado.Limits#connectTimeout} gives the whole of
     *     connecting. Failing means no: 0x80, logged
     */
    CompletionStage<AuthStep> next(byte[] data);
}
