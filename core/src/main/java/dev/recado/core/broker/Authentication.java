package dev.recado.core.broker;

import dev.recado.ReasonCode;
import dev.recado.auth.AuthExchange;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Authenticator;
import dev.recado.auth.Login;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection's dealings with the {@link Authenticator}: at CONNECT, and whenever the client authenticates again. Used by the
 * thread that handles the connection's input; the authenticator may answer on any thread.
 */
final class Authentication {

    private static final Logger LOG = LoggerFactory.getLogger(Authentication.class);

    /** Whose turn it is. */
    enum Turn {
        /** Nothing is going on. To {@code AUTHENTICATOR}. */
        NOBODY,
        /** The authenticator was asked. To {@code CLIENT} with a challenge, otherwise to {@code NOBODY}. */
        AUTHENTICATOR,
        /** The client was challenged. To {@code AUTHENTICATOR} with its answer. */
        CLIENT;

        enum Event {
            ASKED,
            CHALLENGED,
            DECIDED
        }

        Turn after(Event event) {
            return switch (event) {
                case ASKED -> AUTHENTICATOR;
                case CHALLENGED -> CLIENT;
                case DECIDED -> NOBODY;
            };
        }
    }

    private final Authenticator authenticator;
    private final Login login;

    /** Null when the client logs in with a user name and a password, or with nothing. */
    private final String method;

    private final WarnLog warnings;
    private final Runnable whenAnswered;

    private Turn turn = Turn.NOBODY;
    private AuthExchange exchange;

    /** The authenticator's answer, until it is taken; set by any thread. */
    private volatile AuthStep answer;

    /**
     * Asks nothing yet.
     *
     * @param whenAnswered called on any thread when {@link #poll} has something
     */
    Authentication(Authenticator authenticator, Login login, String method, WarnLog warnings, Runnable whenAnswered) {
        this.authenticator = authenticator;
        this.login = login;
        this.method = method;
        this.warnings = warnings;
        this.whenAnswered = whenAnswered;
    }

    String method() {
        return method;
    }

    Turn turn() {
        return turn;
    }

    /** Asks from the beginning. */
    void begin(byte[] data) {
        if (method == null) {
            ask(() -> authenticator.authenticate(login));
            return;
        }
        Optional<AuthExchange> begun;
        try {
            begun = authenticator.exchange(method, login);
        } catch (RuntimeException | Error e) {
            ask(() -> {
                throw e;
            });
            return;
        }
        if (begun.isPresent()) {
            exchange = begun.get();
            next(data);
        } else {
            turn = turn.after(Turn.Event.ASKED);
            answered(
                    new AuthStep.Denied(
                            ReasonCode.BAD_AUTHENTICATION_METHOD,
                            "authentication method '" + method + "' is not supported"),
                    null);
        }
    }

    /** Goes on with the client's answer to a challenge. */
    void next(byte[] data) {
        ask(() -> exchange.next(data));
    }

    private interface Question {
        CompletionStage<? extends AuthStep> ask();
    }

    private void ask(Question question) {
        turn = turn.after(Turn.Event.ASKED);
        try {
            question.ask().whenComplete(this::answered);
        } catch (RuntimeException | Error e) {
            answered(null, e);
        }
    }

    private void answered(AuthStep step, Throwable failure) {
        answer = checked(step, failure);
        whenAnswered.run();
    }

    /** Whoever fails, or says what CONNACK cannot carry, has said no. */
    private AuthStep checked(AuthStep step, Throwable failure) {
        if (failure == null && step != null) {
            if (!(step instanceof AuthStep.Denied denied)) {
                return step;
            }
            try {
                new Packet.ConnAck(false, denied.reason(), Properties.NONE);
                return step;
            } catch (IllegalArgumentException e) {
                warnings.warn(
                        WarnLog.Kind.FAILED,
                        () -> "the authenticator refused client '" + login.clientId() + "' with " + denied.reason()
                                + ", which CONNACK cannot carry");
            }
        } else {
            warnings.warn(
                    WarnLog.Kind.FAILED,
                    () -> "the authenticator failed for client '" + login.clientId() + "': "
                            + (failure == null ? "answered null" : failure));
            LOG.debug("the authenticator failed for client '{}'", login.clientId(), failure);
        }
        return new AuthStep.Denied(ReasonCode.UNSPECIFIED_ERROR, "authentication failed");
    }

    /** What the authenticator has said; null when it has not, or that was taken before. */
    AuthStep poll() {
        AuthStep said = answer;
        if (said != null) {
            answer = null;
            turn = turn.after(said instanceof AuthStep.Challenge ? Turn.Event.CHALLENGED : Turn.Event.DECIDED);
        }
        return said;
    }
}
