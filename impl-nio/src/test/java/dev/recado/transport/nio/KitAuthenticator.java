package dev.recado.transport.nio;

import dev.recado.ReasonCode;
import dev.recado.auth.AuthExchange;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Authenticator;
import dev.recado.auth.ClientAuthentication;
import dev.recado.auth.Login;
import dev.recado.auth.ScramSha256;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Lets everybody in but one user and one Client Identifier, so that the kit sees refusals; knows SCRAM-SHA-256. */
final class KitAuthenticator implements Authenticator {

    static final String REFUSED_USER = "refused-user";
    static final String REFUSED_CLIENT_ID = "refusedClient";

    private static final String USER = "kit";
    private static final String PASSWORD = "pencil";

    private final Authenticator scram =
            ScramSha256.authenticator(Map.of(USER, ScramSha256.Verifier.of(PASSWORD, 4_096))::get);

    static ClientAuthentication scramClient() {
        return ScramSha256.client(USER, PASSWORD);
    }

    @Override
    public CompletionStage<AuthStep.Decision> authenticate(Login login) {
        return CompletableFuture.completedFuture(decision(login));
    }

    private static AuthStep.Decision decision(Login login) {
        if (login.clientId().equals(REFUSED_CLIENT_ID)) {
            return new AuthStep.Denied(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, "not this one");
        }
        return REFUSED_USER.equals(login.userName())
                ? AuthStep.badUserNameOrPassword()
                : AuthStep.accepted(login.clientId());
    }

    @Override
    public Optional<AuthExchange> exchange(String method, Login login) {
        return scram.exchange(method, login);
    }
}
