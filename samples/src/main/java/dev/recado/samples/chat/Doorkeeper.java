package dev.recado.samples.chat;

import dev.recado.ReasonCode;
import dev.recado.auth.Access;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Authenticator;
import dev.recado.auth.Authorizer;
import dev.recado.auth.Identity;
import dev.recado.auth.Login;
import dev.recado.auth.Permission;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Who may come in, and what they may do there: everyone writes in their own name only, and reads what is said to all or to them.
 * Other MQTT clients may well connect; they are held to the same.
 */
final class Doorkeeper implements Authenticator, Authorizer {

    private static final String ANYONE = "+";

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

    @Override
    public CompletionStage<Permission> authorize(Identity who, Access access, String topic) {
        boolean publishes = access == Access.PUBLISH;
        return isAllowed(who.principal(), publishes, topic.split("/", -1))
                ? Permission.granted().now()
                : Permission.denied(who.principal() + " may not " + (publishes ? "write" : "read") + " '" + topic + "'")
                        .now();
    }

    /** See {@link Names} for the levels. */
    private static boolean isAllowed(String nick, boolean publishes, String[] levels) {
        int last = levels.length - 1;
        if (last < 3 || !levels[0].equals("chat") || !Names.isName(levels[1])) {
            return false;
        }
        if (!levels[last].equals(publishes ? nick : ANYONE)) {
            return false;
        }
        return switch (levels[2]) {
            case "from", "users" -> last == 3;
            case "to" ->
                last == 5 && levels[4].equals("from") && (publishes ? Names.isName(levels[3]) : levels[3].equals(nick));
            default -> false;
        };
    }
}
