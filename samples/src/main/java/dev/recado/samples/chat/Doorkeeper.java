package dev.recado.samples.chat;

import dev.recado.ReasonCode;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Authenticator;
import dev.recado.auth.Login;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Who may come in. */
final class Doorkeeper implements Authenticator {

    private final Authenticator accounts;

    /**
     * Asks for accounts, or not.
     *
     * @param accounts {@code null} when nicknames are free
     */
    Doorkeeper(Authenticator accounts) {
        this.accounts = accounts;
    }

    /** The principal is the nickname, whichever of a chatter's connections this is. */
    @Override
    public CompletionStage<AuthStep.Decision> authenticate(Login login) {
        String nick = Names.nickOf(login.clientId());
        String objection = Names.objection(nick);
        if (objection != null) {
            return denied(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, objection);
        }
        if (accounts == null) {
            return CompletableFuture.completedFuture(AuthStep.accepted(nick));
        }
        if (login.userName() != null && !login.userName().equals(nick)) {
            return denied(ReasonCode.NOT_AUTHORIZED, "the nickname must be the name of the account");
        }
        return accounts.authenticate(login);
    }

    private static CompletionStage<AuthStep.Decision> denied(ReasonCode reason, String what) {
        return CompletableFuture.completedFuture(new AuthStep.Denied(reason, what));
    }
}
