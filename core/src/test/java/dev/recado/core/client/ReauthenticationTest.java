package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.recado.ClosedException;
import dev.recado.ConnectionFailedException;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.MqttVersion;
import dev.recado.Publisher;
import dev.recado.ReasonCode;
import dev.recado.Reconnect;
import dev.recado.RefusedException;
import dev.recado.Subscriber;
import dev.recado.WaitTimeoutException;
import dev.recado.auth.ClientAuthentication;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.time.ManualTimers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client authenticates again, and what it asks the program for that, and at CONNECT, keeps nobody else waiting. */
class ReauthenticationTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Reconnect QUICKLY = new Reconnect(Duration.ofMillis(1), Duration.ofMillis(5), 1000);

    private final ScriptedBroker broker = new ScriptedBroker();
    private final ManualTimers timers = new ManualTimers();
    private final Riddle riddle = new Riddle();

    ReauthenticationTest() {
        accepting(Properties.NONE);
        // One riddle each time.
        broker.on(
                PacketType.AUTH,
                (session, packet) -> session.write(
                        ((Packet.Auth) packet).reasonCode() == ReasonCode.REAUTHENTICATE
                                ? Riddle.auth("1")
                                : Riddle.success("bye")));
    }

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    /** At CONNECT there is no riddle. */
    private void accepting(Properties more) {
        Properties.Builder properties = Properties.builder()
                .set(Property.AUTHENTICATION_METHOD, Riddle.METHOD)
                .set(Property.AUTHENTICATION_DATA, ScriptedBroker.utf8("bye"));
        if (more.has(Property.MAXIMUM_PACKET_SIZE)) {
            properties.set(Property.MAXIMUM_PACKET_SIZE, more.number(Property.MAXIMUM_PACKET_SIZE, 0));
        }
        broker.accepting(properties.build());
    }

    private Publisher.Builder publisher() {
        return broker.publisher().reconnect(QUICKLY).authentication(riddle);
    }

    private Subscriber.Builder subscriber() {
        return broker.subscriber().reconnect(QUICKLY).authentication(riddle);
    }

    private void ignoringAuth() {
        broker.on(PacketType.AUTH, (session, packet) -> {});
    }

    private static void fails(CompletableFuture<Void> call, Class<? extends Throwable> type, String... words) {
        assertThat(call)
                .failsWithin(SOON)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOf(type)
                .satisfies(failure -> assertThat(failure).hasMessageContainingAll(words));
    }

    // ---- the way it should be

    @Test
    void shouldAnswerWithAnExchangeOfItsOwnEachTime() {
        try (Publisher publisher = publisher().open();
                Subscriber subscriber = subscriber().open()) {
            Session[] sessions = {broker.session(), broker.session()};
            for (int i = 0; i < 2; i++) {
                assertThat(publisher.reauthenticate()).succeedsWithin(SOON);
                assertThat(subscriber.reauthenticate()).succeedsWithin(SOON);
            }
            assertThat(riddle.begun).hasValue(6);
            for (Session session : sessions) {
                for (int i = 0; i < 2; i++) {
                    assertThat(session.next(Packet.Auth.class))
                            .isEqualTo(Riddle.auth(ReasonCode.REAUTHENTICATE, Riddle.METHOD, "hello"));
                    assertThat(session.next(Packet.Auth.class)).isEqualTo(Riddle.auth("1!"));
                }
            }
        }
        assertThat(broker.waitingSessions()).isZero();
    }

    @Test
    void shouldSendAndReceiveMeanwhile() {
        ignoringAuth();
        try (Publisher publisher = publisher().open();
                Subscriber subscriber = subscriber().open()) {
            Session publishing = broker.session();
            Session subscribing = broker.session();
            CompletableFuture<Void> one = publisher.reauthenticate();
            CompletableFuture<Void> other = subscriber.reauthenticate();
            publishing.next(Packet.Auth.class);
            subscribing.next(Packet.Auth.class);
            publisher.publish("x");
            subscribing.send(ScriptedBroker.message("t/a", "y"));
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("y");
            assertThat(one).isNotDone();
            assertThat(other).isNotDone();
            publishing.send(Riddle.success("bye"));
            subscribing.send(Riddle.success("bye"));
            assertThat(one).succeedsWithin(SOON);
            assertThat(other).succeedsWithin(SOON);
        }
    }

    @Test
    void shouldJoinWhatHasBegun() {
        ignoringAuth();
        try (Publisher publisher = publisher().open()) {
            Session session = broker.session();
            CompletableFuture<Void> first = publisher.reauthenticate();
            CompletableFuture<Void> second = publisher.reauthenticate();
            CompletableFuture<Void> cancelled = publisher.reauthenticate();
            cancelled.cancel(false);
            session.next(Packet.Auth.class);
            session.send(Riddle.success("bye"));
            assertThat(first).succeedsWithin(SOON);
            assertThat(second).succeedsWithin(SOON);
            assertThat(session.count(Packet.Auth.class)).isZero();
            assertThat(riddle.begun).hasValue(2);
        }
    }

    // ---- what keeps it from beginning

    @Test
    void shouldFailWithoutAMethod() {
        broker.accepting(Properties.NONE);
        for (MqttVersion version : MqttVersion.values()) {
            try (Publisher publisher = broker.publisher().version(version).open();
                    Subscriber subscriber = broker.subscriber().version(version).open()) {
                fails(publisher.reauthenticate(), IllegalStateException.class, "publisher", "authentication(...)");
                fails(subscriber.reauthenticate(), IllegalStateException.class, "subscriber", "authentication(...)");
                assertThat(publisher.state()).isEqualTo(ConnectionState.CONNECTED);
            }
        }
    }

    @Test
    void shouldFailWithoutAConnection() {
        try (Publisher publisher = publisher().open()) {
            broker.on(PacketType.CONNECT, (session, packet) -> {});
            broker.session().breakOff();
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.RECONNECTING);
            fails(publisher.reauthenticate(), ConnectionFailedException.class, "RECONNECTING");
        }
    }

    @Test
    void shouldFailWhenClosed() {
        Publisher publisher = publisher().open();
        publisher.close();
        fails(publisher.reauthenticate(), ClosedException.class, "closed");
    }

    @Test
    void shouldStayConnectedWhenTheProgramHasNothingToBeginWith() {
        IllegalStateException cause = new IllegalStateException("the vault is closed");
        AtomicReference<RuntimeException> next = new AtomicReference<>();
        ClientAuthentication failing = new Hooked(riddle, () -> {
            if (next.get() != null) {
                throw next.get();
            }
        });
        try (Publisher publisher = publisher().authentication(failing).open()) {
            next.set(cause);
            assertThat(publisher.reauthenticate())
                    .failsWithin(SOON)
                    .withThrowableOfType(ExecutionException.class)
                    .withCause(cause);
            publisher.publish("x");
            assertThat(broker.session().count(Packet.Auth.class)).isZero();
        }
    }

    @Test
    void shouldNotBeginWithMoreThanTheBrokerTakes() {
        accepting(Properties.builder().set(Property.MAXIMUM_PACKET_SIZE, 20).build());
        try (Publisher publisher = publisher().open()) {
            fails(publisher.reauthenticate(), RefusedException.class, "AUTH has 21 bytes", "20", "MQTT-3.2.2-15");
            assertThat(broker.session().count(Packet.Auth.class)).isZero();
            assertThat(publisher.state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    // ---- failing

    private void isLeft(Session session, ReasonCode code) {
        session.awaitClosed();
        assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(code);
    }

    @Test
    void shouldBeBoundedInTime() {
        ignoringAuth();
        try (Publisher publisher = broker.publisher(timers)
                .reconnect(QUICKLY)
                .timeout(Duration.ofSeconds(7))
                .keepAlive(Duration.ZERO)
                .authentication(riddle)
                .open()) {
            Session session = broker.session();
            CompletableFuture<Void> call = publisher.reauthenticate();
            session.next(Packet.Auth.class);
            timers.advance(Duration.ofMillis(6_999));
            assertThat(call).isNotDone();
            timers.advance(Duration.ofMillis(1));
            fails(call, WaitTimeoutException.class, broker.endpoint.toString(), "PT7S", "MQTT-4.12.1-2");
            isLeft(session, ReasonCode.UNSPECIFIED_ERROR);
            timers.advance(Duration.ofMillis(10));
            broker.session().next(Packet.Connect.class);
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CONNECTED);
        }
    }

    @Test
    void shouldLeaveNoTimerBehind() {
        try (Publisher publisher = broker.publisher(timers)
                .keepAlive(Duration.ZERO)
                .authentication(riddle)
                .open()) {
            int before = timers.waiting();
            assertThat(publisher.reauthenticate()).succeedsWithin(SOON);
            assertThat(timers.waiting()).isEqualTo(before);
        }
    }

    @Test
    void shouldFailWithTheConnectionThatIsLost() {
        ignoringAuth();
        try (Subscriber subscriber = subscriber().open()) {
            Session session = broker.session();
            CompletableFuture<Void> call = subscriber.reauthenticate();
            session.next(Packet.Auth.class);
            session.breakOff();
            fails(call, ConnectionFailedException.class, "lost");
            Session next = broker.session();
            next.next(Packet.Subscribe.class);
            await().atMost(SOON).until(() -> subscriber.state() == ConnectionState.CONNECTED);
            CompletableFuture<Void> again = subscriber.reauthenticate();
            next.next(Packet.Auth.class);
            next.send(Riddle.success("bye"));
            assertThat(again).succeedsWithin(SOON);
        }
    }

    @Test
    void shouldFailWhenTheProgramClosesTheClientMeanwhile() {
        ignoringAuth();
        Publisher publisher = publisher().open();
        CompletableFuture<Void> call = publisher.reauthenticate();
        broker.session().next(Packet.Auth.class);
        publisher.close();
        fails(call, ClosedException.class, "closed");
    }

    @Test
    void shouldEndForGoodWhenTheBrokerSaysNo() {
        broker.on(
                PacketType.AUTH,
                (session, packet) -> session.write(new Packet.Disconnect(ReasonCode.NOT_AUTHORIZED, Properties.NONE)));
        Publisher publisher = publisher().open();
        fails(publisher.reauthenticate(), RefusedException.class, "NOT_AUTHORIZED");
        await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
        publisher.close();
        broker.session();
        assertThat(broker.waitingSessions()).isZero();
    }

    @Test
    void shouldEndForGoodWhenTheBrokerDoesNotProveWhoItIs() {
        broker.on(PacketType.AUTH, (session, packet) -> session.write(Riddle.success("wrong")));
        Publisher publisher = publisher().open();
        fails(publisher.reauthenticate(), RefusedException.class, "riddle", "no goodbye");
        isLeft(broker.session(), ReasonCode.UNSPECIFIED_ERROR);
        await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
        publisher.close();
        assertThat(broker.waitingSessions()).isZero();
    }

    @Test
    void shouldRefuseWhatIsNotDue() {
        List<Packet> wrong = List.of(
                Riddle.auth(ReasonCode.REAUTHENTICATE, Riddle.METHOD, "1"),
                Riddle.auth(ReasonCode.CONTINUE_AUTHENTICATION, "other", "1"),
                Riddle.auth(ReasonCode.SUCCESS, "other", "bye"),
                Riddle.auth(ReasonCode.SUCCESS, null, null));
        for (Packet packet : wrong) {
            broker.on(PacketType.AUTH, (session, auth) -> session.write(packet));
            try (Publisher publisher = publisher().reconnect(Reconnect.never()).open()) {
                fails(publisher.reauthenticate(), ConnectionFailedException.class, "AUTH", "PROTOCOL_ERROR");
                isLeft(broker.session(), ReasonCode.PROTOCOL_ERROR);
            }
        }
    }

    @Test
    void shouldRefuseAuthBehindItsEnd() {
        try (Publisher publisher = publisher().reconnect(Reconnect.never()).open()) {
            Session session = broker.session();
            assertThat(publisher.reauthenticate()).succeedsWithin(SOON);
            session.send(Riddle.success("bye"));
            isLeft(session, ReasonCode.PROTOCOL_ERROR);
        }
    }

    @Test
    void shouldNotAnswerChallengesWithoutEnd() {
        broker.on(PacketType.AUTH, (session, packet) -> session.write(Riddle.auth("1")));
        try (Publisher publisher = publisher().reconnect(Reconnect.never()).open()) {
            fails(publisher.reauthenticate(), ConnectionFailedException.class, "AUTH came 33 times", "allowed is 32");
        }
    }

    // ---- the program takes its time

    /** Does something before whatever it is asked. */
    private record Hooked(ClientAuthentication inner, Runnable hook) implements ClientAuthentication {
        @Override
        public String method() {
            return inner.method();
        }

        @Override
        public Exchange begin() {
            hook.run();
            Exchange exchange = inner.begin();
            return new Exchange() {
                @Override
                public byte[] first() {
                    hook.run();
                    return exchange.first();
                }

                @Override
                public byte[] answer(byte[] challenge) {
                    hook.run();
                    return exchange.answer(challenge);
                }

                @Override
                public void finish(byte[] data) {
                    hook.run();
                    exchange.finish(data);
                }
            };
        }
    }

    @Test
    void shouldNeverAskOnATransportsThread() {
        List<String> threads = new CopyOnWriteArrayList<>();
        ClientAuthentication noting =
                new Hooked(riddle, () -> threads.add(Thread.currentThread().getName()));
        broker.on(PacketType.CONNECT, (session, packet) -> session.write(Riddle.auth("1")));
        broker.on(PacketType.AUTH, (session, packet) -> session.write(Riddle.accepting(Riddle.METHOD, "bye")));
        try (Publisher publisher = publisher().authentication(noting).open()) {
            String caller = Thread.currentThread().getName();
            String own = "recado-connector-";
            assertThat(threads).hasSize(4);
            assertThat(threads.subList(0, 2)).containsOnly(caller);
            assertThat(threads.subList(2, 4)).allMatch(name -> name.startsWith(own));

            broker.on(PacketType.AUTH, (session, packet) -> session.write(Riddle.success("bye")));
            assertThat(publisher.reauthenticate()).succeedsWithin(SOON);
            assertThat(threads.subList(4, threads.size())).hasSize(3).allMatch(name -> name.startsWith(own));
        }
    }

    /** Keeps whoever comes waiting, from a moment on. */
    private static final class Gate implements Runnable {
        final CompletableFuture<Void> reached = new CompletableFuture<>();
        final CompletableFuture<Void> opened = new CompletableFuture<>();
        volatile boolean shut;

        @Override
        public void run() {
            if (shut) {
                reached.complete(null);
                opened.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
            }
        }
    }

    @Test
    void shouldDecodeNothingUntilTheProgramHasAnswered() {
        Gate gate = new Gate();
        ignoringAuth();
        try (Subscriber subscriber =
                        subscriber().authentication(new Hooked(riddle, gate)).open();
                Publisher other = publisher().open()) {
            Session session = broker.session();
            CompletableFuture<Void> call = subscriber.reauthenticate();
            session.next(Packet.Auth.class);
            gate.shut = true;
            session.send(
                    ScriptedBroker.message("t/a", "before"), Riddle.auth("1"), ScriptedBroker.message("t/a", "behind"));
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("before");
            assertThat(gate.reached).succeedsWithin(SOON);
            session.send(ScriptedBroker.message("t/a", "late"));
            // Nobody else notices.
            other.publish("x");
            assertThat(subscriber.receive(Duration.ZERO)).isEmpty();
            assertThat(session.count(Packet.Auth.class)).isZero();

            gate.opened.complete(null);

            assertThat(session.next(Packet.Auth.class)).isEqualTo(Riddle.auth("1!"));
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("behind");
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("late");
            session.send(Riddle.success("bye"));
            assertThat(call).succeedsWithin(SOON);
        }
    }

    @Test
    void shouldKeepToTheTimeLimitsWhileTheProgramTakesItsTime() {
        Gate gate = new Gate();
        try (Publisher publisher = broker.publisher(timers)
                .reconnect(QUICKLY)
                .keepAlive(Duration.ZERO)
                .authentication(new Hooked(riddle, gate))
                .open()) {
            Session session = broker.session();
            gate.shut = true;
            CompletableFuture<Void> call = publisher.reauthenticate();
            assertThat(gate.reached).succeedsWithin(SOON);
            timers.advance(Duration.ofSeconds(30));
            fails(call, WaitTimeoutException.class, "PT30S");
            isLeft(session, ReasonCode.UNSPECIFIED_ERROR);
            gate.opened.complete(null);
            timers.advance(Duration.ofMillis(10));
            broker.session().next(Packet.Connect.class);
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CONNECTED);
            assertThat(session.count(Packet.Auth.class)).isZero();
        }
    }

    @Test
    void shouldBoundConnectingWhileTheProgramTakesItsTime() {
        Gate gate = new Gate();
        broker.on(PacketType.CONNECT, (session, packet) -> {
            gate.shut = true;
            session.write(Riddle.auth("1"));
        });
        CompletableFuture<Publisher> opening = Background.get(() -> broker.publisher(timers)
                .authentication(new Hooked(riddle, gate))
                .open());
        assertThat(gate.reached).succeedsWithin(SOON);
        timers.advance(Duration.ofSeconds(10));
        broker.session().awaitClosed();
        gate.opened.complete(null);
        assertThat(opening)
                .failsWithin(SOON)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(WaitTimeoutException.class);
    }

    @Test
    void shouldGoOnDecodingWhenAStageClosesTheClient() {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        Publisher publisher = publisher().open();
        Session session = broker.session();
        CompletableFuture<Void> message = publisher.publishAsync("x");
        int id = session.next(Packet.Publish.class).packetId();
        broker.on(
                PacketType.AUTH,
                (at, packet) -> at.send(Riddle.success("bye"), ScriptedBroker.pubAck(id, ReasonCode.SUCCESS)));
        CompletableFuture<Void> closed = publisher.reauthenticate().thenRun(publisher::close);
        assertThat(closed).succeedsWithin(SOON);
        assertThat(message).succeedsWithin(SOON);
        await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
        session.awaitClosed();
        assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.SUCCESS);
    }

    @Test
    void shouldAuthenticateAgainFromAStageOfTheLast() {
        try (Publisher publisher = publisher().open()) {
            CompletableFuture<Void> both = publisher.reauthenticate().thenCompose(done -> publisher.reauthenticate());
            assertThat(both).succeedsWithin(SOON);
            assertThat(riddle.begun).hasValue(3);
            Session session = broker.session();
            for (String data : List.of("hello", "1!", "hello", "1!")) {
                assertThat(Riddle.data(session.next(Packet.Auth.class).properties()))
                        .isEqualTo(data);
            }
        }
    }
}
