package dev.recado.testkit.mqtt;

import dev.recado.ReasonCode;
import dev.recado.auth.AuthExchange;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Authenticator;
import dev.recado.auth.Login;
import dev.recado.auth.ScramSha256;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * How Recado's own broker is configured and declared so that it skips no test for want of a declaration: for whoever runs
 * {@link MqttContract} over a transport.
 *
 * <pre>{@code
 * Broker broker = Broker.builder()
 *         .listen("mqtt://127.0.0.1:0")
 *         .transport("mine")
 *         .authenticator(RecadoUnderTest.authenticator())
 *         .start();
 * return RecadoUnderTest.at(broker.endpoint()).closing(broker);
 * }</pre>
 *
 * @since 0.1.0
 */
public final class RecadoUnderTest {

    /** A user whom {@link #authenticator()} refuses, whatever the password. */
    public static final String REFUSED_USER = "refusedUser";

    /** A Client Identifier that {@link #authenticator()} refuses. */
    public static final String REFUSED_CLIENT_ID = "refusedClient";

    private static final String USER = "kit";
    private static final String PASSWORD = "pencil";

    /** Once: a password takes its time. */
    private static final Map<String, ScramSha256.Verifier> VERIFIERS =
            Map.of(USER, ScramSha256.Verifier.of(PASSWORD, 4_096));

    private RecadoUnderTest() {}

    /**
     * Lets everybody in but {@link #REFUSED_USER} and {@link #REFUSED_CLIENT_ID}, and knows one user by SCRAM-SHA-256.
     *
     * @return a new one, for the broker's builder
     */
    public static Authenticator authenticator() {
        return new AlmostEverybody();
    }

    /**
     * A broker with that authenticator.
     *
     * @param endpoint as {@link BrokerUnderTest#at(URI)} takes it
     * @return a new description, with all that the broker refuses and takes
     */
    public static BrokerUnderTest at(URI endpoint) {
        return BrokerUnderTest.at(endpoint)
                .refusing(REFUSED_USER, "any password")
                .refusingClientId(REFUSED_CLIENT_ID)
                // Topics below $recado/ are the broker's own.
                .refusingTopic("$recado/kit")
                .authenticating(ScramSha256.client(USER, PASSWORD));
    }

    private static final class AlmostEverybody implements Authenticator {

        private final Authenticator scram = ScramSha256.authenticator(VERIFIERS::get);

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
}
