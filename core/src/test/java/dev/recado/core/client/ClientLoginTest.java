package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.recado.Broker;
import dev.recado.ClientInfo;
import dev.recado.ConnectionFailedException;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.MqttVersion;
import dev.recado.Publisher;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.Reconnect;
import dev.recado.RefusedException;
import dev.recado.Subscriber;
import dev.recado.auth.AuthStep;
import dev.recado.auth.Authenticator;
import dev.recado.auth.Credentials;
import dev.recado.auth.Login;
import dev.recado.auth.ScramSha256;
import dev.recado.core.TransportChoice;
import dev.recado.core.broker.BrokerBuilder;
import dev.recado.core.memory.MemoryTransport;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both sides of an authentication, against each other. */
class ClientLoginTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final URI ENDPOINT = URI.create("memory:login");
    private static final Reconnect QUICKLY = new Reconnect(Duration.ofMillis(1), Duration.ofMillis(5), 1000);

    private final MemoryTransport transport = new MemoryTransport();

    /** What "ana" has to say; changes while she is connected do not bother her. */
    private final AtomicReference<String> password = new AtomicReference<>("segredo");

    /** Of the publishers. */
    private final List<String> changes = new CopyOnWriteArrayList<>();

    private Broker broker;

    private Broker start(Authenticator authenticator) {
        broker = new BrokerBuilder()
                .authenticator(authenticator)
                .transport(transport)
                .listen(ENDPOINT)
                .start();
        return broker;
    }

    @AfterEach
    void close() {
        broker.close();
        transport.close();
    }

    private CompletionStage<AuthStep.Decision> byPassword(Login login) {
        boolean right = "ana".equals(login.userName())
                && login.password() != null
                && new String(login.password(), StandardCharsets.UTF_8).equals(password.get());
        return CompletableFuture.completedFuture(right ? AuthStep.accepted("ana") : AuthStep.badUserNameOrPassword());
    }

    private static Authenticator byScram(ScramSha256.Verifier verifier) {
        return ScramSha256.authenticator(Map.of("ana", verifier)::get);
    }

    private Publisher.Builder publisher() {
        return new PublisherBuilder(ENDPOINT, new TransportChoice(), null)
                .transport(transport)
                .topic("t")
                .clientId("p")
                .onStateChange((from, to, cause) -> changes.add(from + ">" + to))
                .reconnect(QUICKLY);
    }

    private Subscriber.Builder subscriber() {
        return new SubscriberBuilder(ENDPOINT, new TransportChoice(), null)
                .transport(transport)
                .topic("t")
                .clientId("s")
                .reconnect(QUICKLY);
    }

    /** Loses its connection, and publishes over the next one. */
    private void comesBack(Publisher publisher) {
        broker.disconnect("p", ReasonCode.SERVER_BUSY);
        await().atMost(SOON).until(() -> changes.contains("RECONNECTING>CONNECTED"));
        publisher.publish("bom dia");
    }

    private static RecadoException failureOf(Publisher.Builder builder) {
        return catchThrowableOfType(RecadoException.class, builder::open);
    }

    // ---- user name and password

    @ParameterizedTest
    @EnumSource(MqttVersion.class)
    void shouldConnectWithTheRightPasswordOnly(MqttVersion version) {
        start(this::byPassword);
        for (Publisher.Builder wrong : new Publisher.Builder[] {
            publisher().credentials("ana", "segred0"),
            publisher().credentials("bia", "segredo"),
            publisher().credentials(() -> new Credentials("ana", null)),
            publisher()
        }) {
            RecadoException thrown = failureOf(wrong.version(version));
            assertThat(thrown).isInstanceOf(RefusedException.class).message().doesNotContain("segred");
            assertThat(thrown.reasonCode()).contains(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        }
        exchangeAMessage(
                publisher().version(version).credentials("ana", "segredo"),
                subscriber().version(version).credentials("ana", "segredo"));
    }

    private void exchangeAMessage(Publisher.Builder publishers, Subscriber.Builder subscribers) {
        try (Subscriber subscriber = subscribers.open();
                Publisher publisher = publishers.open()) {
            publisher.publish("bom dia");
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("bom dia");
            assertThat(broker.clients()).extracting(ClientInfo::clientId).containsExactlyInAnyOrder("p", "s");
        }
    }

    @Test
    void shouldComeBackWithThePasswordOfTheDay() {
        start(this::byPassword);
        try (Publisher publisher = publisher()
                .credentials(() -> Credentials.of("ana", password.get()))
                .open()) {
            password.set("another");
            comesBack(publisher);
        }
    }

    @Test
    void shouldNotComeBackWithAPasswordThatIsWrongByNow() {
        start(this::byPassword);
        try (Publisher publisher = publisher().credentials("ana", "segredo").open()) {
            password.set("another");
            broker.disconnect("p", ReasonCode.SERVER_BUSY);
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
        }
        assertThat(broker.stats().refusals()).isEqualTo(1);
    }

    // ---- SCRAM-SHA-256

    @Test
    void shouldAuthenticateByScramAtEachConnection() {
        start(byScram(ScramSha256.Verifier.of("segredo", 4_096)));
        exchangeAMessage(
                publisher().authentication(ScramSha256.client("ana", "segredo")),
                subscriber().authentication(ScramSha256.client("ana", "segredo")));
        try (Publisher publisher =
                publisher().authentication(ScramSha256.client("ana", "segredo")).open()) {
            comesBack(publisher);
        }
        assertThat(broker.stats().refusals()).isZero();
    }

    /** Authenticates again and again while messages flow and connections break. */
    @Test
    void shouldAuthenticateAgainByScramWhateverElseGoesOn() {
        start(byScram(ScramSha256.Verifier.of("segredo", 4_096)));
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Jitter jitter = new Jitter(random.nextLong());
        int total = 200;
        List<String> arrived = new CopyOnWriteArrayList<>();
        int succeeded = 0;
        try (Subscriber subscriber = subscriber()
                        .buffer(3)
                        .layer(new Jitter(random.nextLong()))
                        .authentication(ScramSha256.client("ana", "segredo"))
                        .onMessage(message -> arrived.add(message.text()))
                        .open();
                Publisher publisher = publisher()
                        .retain(false)
                        .layer(jitter)
                        .authentication(ScramSha256.client("ana", "segredo"))
                        .open()) {
            CompletableFuture<Void> publishing = Background.run(() -> {
                for (int i = 0; i < total; i++) {
                    publisher.publish("" + i);
                }
            });
            for (int round = 0; !publishing.isDone() || succeeded < 10; round++) {
                assertThat(round).as("seed %d", seed).isLessThan(10_000);
                CompletableFuture<Void> one = publisher.reauthenticate();
                CompletableFuture<Void> other = subscriber.reauthenticate();
                if (random.nextInt(4) == 0) {
                    jitter.breakConnection();
                }
                assertThat(other).as("seed %d", seed).succeedsWithin(SOON);
                Throwable failure = one.handle((done, error) -> error)
                        .orTimeout(SOON.toSeconds(), TimeUnit.SECONDS)
                        .join();
                if (failure == null) {
                    succeeded++;
                } else {
                    assertThat(failure).as("seed %d", seed).isInstanceOf(ConnectionFailedException.class);
                }
            }
            assertThat(publishing).as("seed %d", seed).succeedsWithin(SOON);
            await().atMost(SOON).until(() -> arrived.contains("" + (total - 1)));
        }
        assertThat(List.copyOf(new LinkedHashSet<>(arrived)))
                .as("seed %d", seed)
                .isEqualTo(IntStream.range(0, total).mapToObj(Integer::toString).toList());
    }

    @Test
    void shouldEndWhenThePasswordIsWrongByTheTimeOfAuthenticatingAgain() {
        Map<String, ScramSha256.Verifier> users = new ConcurrentHashMap<>();
        users.put("ana", ScramSha256.Verifier.of("segredo", 4_096));
        start(ScramSha256.authenticator(users::get));
        try (Publisher publisher =
                publisher().authentication(ScramSha256.client("ana", "segredo")).open()) {
            assertThat(publisher.reauthenticate()).succeedsWithin(SOON);
            users.put("ana", ScramSha256.Verifier.of("another", 4_096));
            assertThat(publisher.reauthenticate())
                    .failsWithin(SOON)
                    .withThrowableOfType(ExecutionException.class)
                    .havingCause()
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refused -> assertThat(refused.reasonCode()).contains(ReasonCode.NOT_AUTHORIZED));
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
        }
        assertThat(broker.clients()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ana", "bia"})
    void shouldNotConnectByScramWithAWrongPasswordOrUser(String user) {
        start(byScram(ScramSha256.Verifier.of("segredo", 4_096)));
        RecadoException thrown = failureOf(publisher().authentication(ScramSha256.client(user, "segred0")));
        assertThat(thrown).isInstanceOf(RefusedException.class);
        assertThat(thrown.reasonCode()).contains(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        assertThat(broker.clients()).isEmpty();
    }

    @Test
    void shouldNotTrustABrokerThatDoesNotKnowTheServerKey() {
        ScramSha256.Verifier right = ScramSha256.Verifier.of("segredo", 4_096);
        start(byScram(new ScramSha256.Verifier(
                right.salt(), right.iterations(), right.storedKey(), new byte[right.serverKey().length])));
        RecadoException thrown = failureOf(publisher().authentication(ScramSha256.client("ana", "segredo")));
        assertThat(thrown)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("did not prove")
                .message()
                .doesNotContain("segredo");
        assertThat(thrown.reasonCode()).contains(ReasonCode.NOT_AUTHORIZED);
        await().atMost(SOON).until(() -> broker.clients().isEmpty());
    }

    @Test
    void shouldBeRefusedWhereTheMethodIsNotKnown() {
        start(this::byPassword);
        RecadoException thrown = failureOf(publisher().authentication(ScramSha256.client("ana", "segredo")));
        assertThat(thrown).isInstanceOf(RefusedException.class);
        assertThat(thrown.reasonCode()).contains(ReasonCode.BAD_AUTHENTICATION_METHOD);
    }

    @Test
    void shouldAuthenticateInTheBrokersOwnProcessAsWell() {
        start(this::byPassword);
        RecadoException thrown = failureOf(broker.publisher("t"));
        assertThat(thrown.reasonCode()).contains(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        exchangeAMessage(
                broker.publisher("t").clientId("p").credentials("ana", "segredo"),
                broker.subscriber("t").clientId("s").credentials("ana", "segredo"));
    }
}
