package dev.recado.interop.proof;

import dev.recado.Broker;
import dev.recado.ReasonCode;
import dev.recado.auth.AuthExchange;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Authenticator;
import dev.recado.auth.Login;
import dev.recado.auth.ScramSha256;
import dev.recado.testkit.mqtt.BrokerUnderTest;
import dev.recado.testkit.mqtt.MqttContract;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;

/** The kit with our broker and the fault that a configuration parameter names. Not found by a build: it is there to fail. */
@ExtendWith(MutatedBroker.ByName.class)
class MutatedBroker extends MqttContract {

    static final String PARAMETER = "recado.proof.mutant";
    static final String METHOD = ScramSha256.METHOD;
    static final String WRONG_PASSWORD = "not the password";
    static final String REFUSED_CLIENT_ID = "refused";

    private static final String USER = "user of the kit";
    private static final String PASSWORD = "its password";
    private static final ScramSha256.Verifier VERIFIER = ScramSha256.Verifier.of(PASSWORD, 4_096);
    private static final Authenticator SCRAM = ScramSha256.authenticator(user -> user.equals(USER) ? VERIFIER : null);

    private Mutant mutant;

    @Override
    protected BrokerUnderTest startBroker() throws Exception {
        Broker broker = Broker.builder()
                .listen("mqtt://127.0.0.1:0")
                .transport("nio")
                .authenticator(new Everybody())
                .start();
        FaultyProxy proxy = new FaultyProxy(broker.endpoint(), mutant.faults());
        return BrokerUnderTest.at("127.0.0.1", proxy.port())
                .refusingTopic("$recado/kit")
                .refusing(USER, WRONG_PASSWORD)
                .refusingClientId(REFUSED_CLIENT_ID)
                .authenticating(ScramSha256.client(USER, PASSWORD))
                .closing(() -> {
                    try (broker;
                            proxy) {
                        // both, whatever happens to one of them
                    }
                });
    }

    /** Lets everybody in but those that the kit is told of. */
    private static final class Everybody implements Authenticator {

        @Override
        public CompletionStage<AuthStep.Decision> authenticate(Login login) {
            return CompletableFuture.completedFuture(decide(login));
        }

        private static AuthStep.Decision decide(Login login) {
            if (login.clientId().equals(REFUSED_CLIENT_ID)) {
                return new AuthStep.Denied(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, "this identifier is refused");
            }
            byte[] password = login.password();
            return password != null && Arrays.equals(password, WRONG_PASSWORD.getBytes(StandardCharsets.UTF_8))
                    ? AuthStep.badUserNameOrPassword()
                    : AuthStep.accepted(login.clientId());
        }

        @Override
        public Optional<AuthExchange> exchange(String method, Login login) {
            return SCRAM.exchange(method, login);
        }
    }

    static final class ByName implements TestInstancePostProcessor {

        @Override
        public void postProcessTestInstance(Object instance, ExtensionContext context) {
            if (instance instanceof MutatedBroker run) {
                run.mutant = Mutants.named(
                        context.getConfigurationParameter(PARAMETER).orElseThrow());
            }
        }
    }
}
