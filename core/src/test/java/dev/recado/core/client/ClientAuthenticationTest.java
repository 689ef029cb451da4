package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.recado.ClientBuilder;
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
import dev.recado.auth.ClientAuthentication;
import dev.recado.auth.Credentials;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How a client says who it is, and what it does when the broker does not believe it, or it does not believe the broker. */
class ClientAuthenticationTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Reconnect QUICKLY = new Reconnect(Duration.ofMillis(1), Duration.ofMillis(5), 1000);

    private final ScriptedBroker broker = new ScriptedBroker().accepting(Properties.NONE);
    private final Riddle riddle = new Riddle();

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    private Publisher.Builder publisher() {
        return broker.publisher().reconnect(QUICKLY);
    }

    private static RecadoException failureOf(Publisher.Builder builder) {
        return catchThrowableOfType(RecadoException.class, builder::open);
    }

    /** Gives these, one after the other. */
    private static Supplier<Credentials> oneByOne(String... passwords) {
        Iterator<String> left = List.of(passwords).iterator();
        return () -> Credentials.of("ana", left.next());
    }

    private static void answer(Session session, Packet... packets) {
        for (Packet packet : packets) {
            session.write(packet);
        }
    }

    // ---- user name and password

    @ParameterizedTest
    @EnumSource(MqttVersion.class)
    void shouldSendUserNameAndPassword(MqttVersion version) {
        List<ClientBuilder<?>> builders = List.of(publisher(), broker.subscriber());
        for (ClientBuilder<?> builder : builders) {
            builder.version(version).credentials("ana", "segredo");
        }
        ((Publisher.Builder) builders.get(0)).open().close();
        ((Subscriber.Builder) builders.get(1)).open().close();
        for (int i = 0; i < builders.size(); i++) {
            Packet.Connect connect = broker.session().next(Packet.Connect.class);
            assertThat(connect.userName()).isEqualTo("ana");
            assertThat(connect.password()).isEqualTo(ScriptedBroker.utf8("segredo"));
        }
    }

    @Test
    void shouldSendOneOfTheTwo() {
        publisher().credentials(() -> new Credentials("ana", null)).open().close();
        publisher()
                .credentials(() -> new Credentials(null, new byte[] {0, -1}))
                .open()
                .close();
        Packet.Connect nameOnly = broker.session().next(Packet.Connect.class);
        assertThat(nameOnly.userName()).isEqualTo("ana");
        assertThat(nameOnly.password()).isNull();
        Packet.Connect passwordOnly = broker.session().next(Packet.Connect.class);
        assertThat(passwordOnly.userName()).isNull();
        assertThat(passwordOnly.password().remaining()).isEqualTo(2);
    }

    @Test
    void shouldAskForCredentialsOnceForEachConnectionOfAPublisher() {
        try (Publisher publisher =
                publisher().credentials(oneByOne("1", "2", "3")).open()) {
            for (String password : List.of("1", "2", "3")) {
                Session session = broker.session();
                assertThat(session.next(Packet.Connect.class).password()).isEqualTo(ScriptedBroker.utf8(password));
                publisher.publish("x");
                if (!password.equals("3")) {
                    session.breakOff();
                }
            }
        }
    }

    @Test
    void shouldAskForCredentialsOnceForEachConnectionOfASubscriber() {
        try (Subscriber subscriber = broker.subscriber()
                .reconnect(QUICKLY)
                .credentials(oneByOne("1", "2", "3"))
                .open()) {
            for (String password : List.of("1", "2", "3")) {
                Session session = broker.session();
                assertThat(session.next(Packet.Connect.class).password()).isEqualTo(ScriptedBroker.utf8(password));
                session.next(Packet.Subscribe.class);
                session.send(ScriptedBroker.message("t/a", password));
                assertThat(subscriber.receive(SOON)).map(Message::text).contains(password);
                if (!password.equals("3")) {
                    session.breakOff();
                }
            }
        }
    }

    @Test
    void shouldFailToOpenWithoutCredentialsAndSayWhy() {
        IllegalStateException cause = new IllegalStateException("the vault is closed");
        RecadoException thrown = failureOf(publisher().credentials(() -> {
            throw cause;
        }));
        assertThat(thrown)
                .isInstanceOf(ConnectionFailedException.class)
                .hasMessageContaining(broker.endpoint.toString())
                .hasMessageContaining("credentials")
                .hasCause(cause);
        assertThat(failureOf(publisher().credentials(() -> null)))
                .isInstanceOf(ConnectionFailedException.class)
                .hasCauseInstanceOf(NullPointerException.class);
        assertThat(broker.waitingSessions()).isZero();
    }

    @Test
    void shouldGoOnTryingWhileThereAreNoCredentials() {
        AtomicInteger asked = new AtomicInteger();
        try (Publisher publisher = publisher()
                .credentials(() -> {
                    if (asked.incrementAndGet() % 3 != 1) {
                        throw new IllegalStateException("not now");
                    }
                    return Credentials.of("ana", "segredo");
                })
                .open()) {
            broker.session().breakOff();
            publisher.publish("x");
            assertThat(asked).hasValue(4);
        }
    }

    /** Keeps whoever asks for the second time waiting until it is released. */
    private static final class Vault implements Supplier<Credentials> {
        final CompletableFuture<Void> askedAgain = new CompletableFuture<>();
        final CompletableFuture<Void> release = new CompletableFuture<>();
        private final AtomicInteger asked = new AtomicInteger();

        @Override
        public Credentials get() {
            if (asked.incrementAndGet() == 2) {
                askedAgain.complete(null);
                release.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
            }
            return Credentials.of("ana", "segredo");
        }
    }

    @Test
    void shouldCloseWhileCredentialsAreWaitedFor() {
        Vault vault = new Vault();
        Publisher publisher = publisher().credentials(vault).open();
        broker.session().breakOff();
        assertThat(vault.askedAgain).succeedsWithin(SOON);
        CompletableFuture<Void> closing = Background.run(publisher::close);
        await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
        vault.release.complete(null);
        assertThat(closing).succeedsWithin(SOON);
        assertThat(broker.waitingSessions()).isZero();
    }

    @Test
    void shouldKeepToTimeoutsWhileCredentialsAreWaitedFor() {
        Vault vault = new Vault();
        try (Publisher publisher =
                publisher().timeout(Duration.ofMillis(50)).credentials(vault).open()) {
            broker.session().breakOff();
            assertThat(vault.askedAgain).succeedsWithin(SOON);
            CompletableFuture<Void> call = publisher.publishAsync("x");
            await().atMost(SOON.dividedBy(2)).until(call::isCompletedExceptionally);
            vault.release.complete(null);
        }
    }

    @Test
    void shouldRefuseAPasswordAloneInMqtt311() {
        assertThatThrownBy(() -> publisher()
                        .version(MqttVersion.V3_1_1)
                        .credentials(() -> new Credentials(null, new byte[1]))
                        .open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MQTT-3.1.2-22");
        assertThat(broker.waitingSessions()).isZero();
    }

    @Test
    void shouldRefuseCredentialsThatTheWireCannotCarry() {
        assertThatThrownBy(() -> publisher()
                        .credentials(() -> new Credentials("ana", new byte[65_536]))
                        .open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Password")
                .hasMessageContaining("65536");
        AtomicReference<Credentials> next = new AtomicReference<>(Credentials.of("ana", "segredo"));
        AtomicReference<RecadoException> end = new AtomicReference<>();
        try (Publisher publisher = publisher()
                .credentials(next::get)
                .onStateChange((from, to, cause) -> end.set(cause))
                .open()) {
            next.set(Credentials.of("\uD800", "segredo"));
            broker.session().breakOff();
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
            await().atMost(SOON)
                    .untilAtomic(
                            end,
                            error -> assertThat(error)
                                    .isNotNull()
                                    .message()
                                    .contains("User Name")
                                    .doesNotContain("segredo"));
        }
    }

    // ---- the broker says no

    private static Stream<ReasonCode> refusals() {
        return Stream.of(
                ReasonCode.BAD_USER_NAME_OR_PASSWORD, ReasonCode.NOT_AUTHORIZED, ReasonCode.BAD_AUTHENTICATION_METHOD);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void shouldEndForGoodWhenTheBrokerDoesNotTakeIt(ReasonCode code) {
        AtomicInteger connects = new AtomicInteger();
        broker.on(
                PacketType.CONNECT,
                (session, packet) -> answer(
                        session,
                        new Packet.ConnAck(
                                false, connects.incrementAndGet() == 2 ? code : ReasonCode.SUCCESS, Properties.NONE)));
        AtomicReference<RecadoException> end = new AtomicReference<>();
        try (Publisher publisher = publisher()
                .credentials("ana", "segredo")
                .onStateChange((from, to, cause) -> end.set(cause))
                .open()) {
            broker.session().breakOff();
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
            await().atMost(SOON).until(() -> end.get() instanceof RefusedException);
            assertThat(end.get().reasonCode()).contains(code);
        }
        assertThat(connects).hasValue(2);
    }

    @ParameterizedTest
    @EnumSource(MqttVersion.class)
    void shouldFailToOpenWhenTheBrokerDoesNotTakeIt(MqttVersion version) {
        Stream<ReasonCode> codes =
                version == MqttVersion.V5 ? refusals() : refusals().limit(2);
        codes.forEach(code -> {
            broker.on(
                    PacketType.CONNECT,
                    (session, packet) -> answer(session, new Packet.ConnAck(false, code, Properties.NONE)));
            RecadoException thrown = failureOf(publisher().version(version).credentials("ana", "segredo"));
            assertThat(thrown).isInstanceOf(RefusedException.class).message().doesNotContain("segredo");
            assertThat(thrown.reasonCode()).contains(code);
        });
    }

    // ---- by steps

    /** Two riddles, then a CONNACK with this. */
    private void challenging(Packet.ConnAck connAck) {
        broker.on(PacketType.CONNECT, (session, packet) -> answer(session, Riddle.auth("1")));
        broker.on(
                PacketType.AUTH,
                (session, packet) -> answer(
                        session,
                        Riddle.data(((Packet.Auth) packet).properties()).equals("1!") ? Riddle.auth("2") : connAck));
    }

    @Test
    void shouldAnswerEveryChallengeAndBeginAfreshWithEachConnection() {
        challenging(Riddle.accepting(Riddle.METHOD, "bye"));
        try (Publisher publisher = publisher().authentication(riddle).open()) {
            for (int i = 1; i <= 2; i++) {
                Session session = broker.session();
                assertThat(Riddle.data(session.next(Packet.Connect.class).properties()))
                        .isEqualTo("hello");
                assertThat(session.next(Packet.Auth.class)).isEqualTo(Riddle.auth("1!"));
                assertThat(session.next(Packet.Auth.class)).isEqualTo(Riddle.auth("2!"));
                publisher.publish("x");
                assertThat(riddle.begun).hasValue(i);
                session.breakOff();
            }
        }
    }

    @Test
    void shouldSendUserNameAndPasswordAlongWithAMethod() {
        challenging(Riddle.accepting(Riddle.METHOD, "bye"));
        publisher().authentication(riddle).credentials("ana", "segredo").open().close();
        Packet.Connect connect = broker.session().next(Packet.Connect.class);
        assertThat(connect.userName()).isEqualTo("ana");
        assertThat(Riddle.data(connect.properties())).isEqualTo("hello");
    }

    @Test
    void shouldLeaveABrokerThatDoesNotProveWhoItIs() {
        challenging(Riddle.accepting(Riddle.METHOD, "wrong"));
        RecadoException thrown = failureOf(publisher().authentication(riddle));
        assertThat(thrown).isInstanceOf(RefusedException.class).hasMessageContaining("riddle", "no goodbye");
        assertThat(thrown.reasonCode()).contains(ReasonCode.NOT_AUTHORIZED);
        leftByTheClient(ReasonCode.UNSPECIFIED_ERROR);
    }

    private void leftByTheClient(ReasonCode code) {
        Session session = broker.session();
        session.awaitClosed();
        assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(code);
        assertThat(broker.waitingSessions()).isZero();
    }

    @Test
    void shouldLeaveABrokerWhoseChallengeIsNone() {
        broker.on(PacketType.CONNECT, (session, packet) -> answer(session, Riddle.auth(null)));
        assertThat(failureOf(publisher().authentication(riddle)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("that is no riddle");
        leftByTheClient(ReasonCode.UNSPECIFIED_ERROR);
    }

    @Test
    void shouldNotComeBackToABrokerThatDoesNotProveWhoItIs() {
        challenging(Riddle.accepting(Riddle.METHOD, "bye"));
        AtomicReference<RecadoException> end = new AtomicReference<>();
        try (Publisher publisher = publisher()
                .authentication(riddle)
                .onStateChange((from, to, cause) -> end.set(cause))
                .open()) {
            Session first = broker.session();
            challenging(Riddle.accepting(Riddle.METHOD, "wrong"));
            first.breakOff();
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
            await().atMost(SOON).until(() -> end.get() instanceof RefusedException);
        }
        leftByTheClient(ReasonCode.UNSPECIFIED_ERROR);
    }

    @Test
    void shouldTakeAMethodThatFailsForANo() {
        ClientAuthentication broken = new ClientAuthentication() {
            @Override
            public String method() {
                return Riddle.METHOD;
            }

            @Override
            public Exchange begin() {
                return new Exchange() {
                    @Override
                    public byte[] first() {
                        return null;
                    }

                    @Override
                    public byte[] answer(byte[] challenge) {
                        throw new IllegalStateException("for the log");
                    }

                    @Override
                    public void finish(byte[] data) {}
                };
            }
        };
        challenging(Riddle.accepting(Riddle.METHOD, null));
        assertThat(failureOf(publisher().authentication(broken)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("IllegalStateException");
        leftByTheClient(ReasonCode.UNSPECIFIED_ERROR);
    }

    @Test
    void shouldRefuseWhatIsNotDueBeforeConnAck() {
        List<Packet> wrong = List.of(
                Riddle.auth(ReasonCode.CONTINUE_AUTHENTICATION, "other", "1"),
                Riddle.auth(ReasonCode.CONTINUE_AUTHENTICATION, null, null),
                Riddle.auth(ReasonCode.SUCCESS, Riddle.METHOD, "1"),
                Riddle.auth(ReasonCode.REAUTHENTICATE, Riddle.METHOD, "1"),
                Riddle.accepting("other", "bye"),
                Riddle.accepting(null, null),
                new Packet.PingResp());
        for (Packet packet : wrong) {
            broker.on(PacketType.CONNECT, (session, connect) -> answer(session, packet));
            assertThat(failureOf(publisher().authentication(riddle)).reasonCode())
                    .as(packet.toString())
                    .contains(ReasonCode.PROTOCOL_ERROR);
            leftByTheClient(ReasonCode.PROTOCOL_ERROR);
        }
    }

    @Test
    void shouldRefuseAuthWithoutAMethodOrBehindConnAck() {
        broker.on(PacketType.CONNECT, (session, connect) -> answer(session, Riddle.auth("1")));
        assertThat(failureOf(publisher()).reasonCode()).contains(ReasonCode.PROTOCOL_ERROR);
        leftByTheClient(ReasonCode.PROTOCOL_ERROR);

        challenging(Riddle.accepting(Riddle.METHOD, "bye"));
        try (Publisher publisher =
                publisher().reconnect(Reconnect.never()).authentication(riddle).open()) {
            Session session = broker.session();
            session.send(Riddle.auth("3"));
            session.awaitClosed();
            assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
        }
    }

    @Test
    void shouldNotAnswerChallengesWithoutEnd() {
        broker.on(PacketType.CONNECT, (session, packet) -> answer(session, Riddle.auth("1")));
        broker.on(PacketType.AUTH, (session, packet) -> answer(session, Riddle.auth("1")));
        assertThat(failureOf(publisher().authentication(riddle)))
                .hasMessageContaining("AUTH came 33 times in one authentication, allowed is 32");
        Session session = broker.session();
        session.awaitClosed();
        assertThat(IntStream.range(0, 32).mapToObj(i -> session.next(Packet.Auth.class)))
                .hasSize(32);
        assertThat(session.count(Packet.Auth.class)).isZero();
    }

    @Test
    void shouldSendNothingButAuthBeforeConnAck() {
        broker.on(PacketType.CONNECT, (session, packet) -> answer(session, Riddle.auth("1")));
        broker.on(PacketType.AUTH, (session, packet) -> {});
        AtomicReference<Subscriber> opened = new AtomicReference<>();
        CompletableFuture<Void> opening = Background.run(
                () -> opened.set(broker.subscriber().authentication(riddle).open()));
        Session session = broker.session();
        session.next(Packet.Auth.class);
        assertThat(session.count(Packet.class)).isZero();
        session.send(Riddle.accepting(Riddle.METHOD, "bye"));
        session.next(Packet.Subscribe.class);
        assertThat(opening).succeedsWithin(SOON);
        session.send(ScriptedBroker.message("t/a", "x"));
        assertThat(opened.get().receive(SOON)).map(Message::text).contains("x");
        opened.get().close();
    }

    @Test
    void shouldRefuseAuthenticationInMqtt311() {
        assertThatThrownBy(() -> publisher()
                        .version(MqttVersion.V3_1_1)
                        .authentication(riddle)
                        .open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("riddle")
                .hasMessageContaining("MQTT 3.1.1");
        assertThat(broker.waitingSessions()).isZero();
    }
}
