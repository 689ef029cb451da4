package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Broker;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.RefusedException;
import dev.recado.Subscriber;
import dev.recado.auth.ClientAuthentication;
import dev.recado.auth.ScramSha256;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our clients authenticate at our broker, and again while they are connected, on both transports. */
@ResourceLock(value = ChildProcesses.LOCK, mode = ResourceAccessMode.READ)
class ScramTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final ClientAuthentication ANA = ScramSha256.client("ana", "segredo");

    private final Map<String, ScramSha256.Verifier> users =
            new ConcurrentHashMap<>(Map.of("ana", ScramSha256.Verifier.of("segredo", 4_096)));

    private Broker start(String transport) {
        return Broker.builder()
                .transport(transport)
                .authenticator(ScramSha256.authenticator(users::get))
                .listen("mqtt://127.0.0.1:0")
                .start();
    }

    @ParameterizedTest(name = "broker on {0}, clients on {1}")
    @CsvSource({"nio, nio", "nio, blocking", "blocking, nio", "blocking, blocking"})
    void shouldAuthenticateAgainWhileMessagesFlow(String transport, String clients) {
        try (Broker broker = start(transport);
                Subscriber subscriber = Subscriber.builder(broker.endpoint())
                        .transport(clients)
                        .authentication(ANA)
                        .topic("news/#")
                        .open();
                Publisher publisher = Publisher.builder(broker.endpoint())
                        .transport(clients)
                        .authentication(ANA)
                        .topic("news/br")
                        .open()) {
            for (int i = 0; i < 3; i++) {
                CompletableFuture<Void> one = publisher.reauthenticate();
                CompletableFuture<Void> other = subscriber.reauthenticate();
                publisher.publish("bom dia " + i);
                assertThat(one).succeedsWithin(SOON);
                assertThat(other).succeedsWithin(SOON);
                assertThat(subscriber.receive(SOON)).map(Message::text).contains("bom dia " + i);
            }
            assertThat(broker.stats().refusals()).isZero();
        }
    }

    @ParameterizedTest(name = "broker on {0}, clients on {1}")
    @CsvSource({"nio, nio", "nio, blocking", "blocking, nio", "blocking, blocking"})
    void shouldEndAClientThatIsNotTakenAnyMore(String transport, String clients) {
        try (Broker broker = start(transport);
                Publisher publisher = Publisher.builder(broker.endpoint())
                        .transport(clients)
                        .authentication(ANA)
                        .topic("news/br")
                        .open()) {
            users.remove("ana");
            assertThat(publisher.reauthenticate())
                    .failsWithin(SOON)
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(RefusedException.class);
            Awaitility.await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
            Awaitility.await().atMost(SOON).until(() -> broker.clients().isEmpty());
        }
    }
}
