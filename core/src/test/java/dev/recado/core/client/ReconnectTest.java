package dev.recado.core.client;

import static dev.recado.core.client.ScriptedBroker.message;
import static dev.recado.core.client.ScriptedBroker.pubAck;
import static dev.recado.core.client.ScriptedBroker.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recado.ClosedException;
import dev.recado.ConnectionFailedException;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.MqttVersion;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.Reconnect;
import dev.recado.RefusedException;
import dev.recado.StateListener;
import dev.recado.Subscriber;
import dev.recado.WaitTimeoutException;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.time.ManualTimers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens when a connection that was there is lost: by accident, by the broker's word, by silence. */
class ReconnectTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private static final Reconnect QUICKLY = new Reconnect(Duration.ofMillis(1), Duration.ofMillis(5), 1000);

    private final ScriptedBroker broker = new ScriptedBroker();
    private final ManualTimers timers = new ManualTimers();
    private final List<String> changes = new CopyOnWriteArrayList<>();
    private final StateListener recorder = (from, to, cause) -> changes.add(from + ">" + to);

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    private static Packet.Disconnect disconnect(ReasonCode code) {
        return new Packet.Disconnect(code, Properties.NONE);
    }

    // ---- publisher

    @Test
    void shouldSendUnacknowledgedMessagesAgainInOrderBeforeNewOnes() {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        try (Publisher publisher =
                broker.publisher().reconnect(QUICKLY).onStateChange(recorder).open()) {
            Session first = broker.session();
            List<CompletableFuture<Void>> calls = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                calls.add(publisher.publishAsync("m" + i));
            }
            for (int i = 0; i < 5; i++) {
                Packet.Publish publish = first.next(Packet.Publish.class);
                if (i == 1) {
                    first.send(pubAck(publish.packetId(), ReasonCode.SUCCESS));
                }
            }
            assertThat(calls.get(1)).succeedsWithin(SOON);
            broker.onAsUsual(PacketType.PUBLISH);
            first.breakOff();
            await().atMost(SOON).until(() -> changes.contains("CONNECTED>RECONNECTING"));
            calls.add(publisher.publishAsync("new"));
            Session second = broker.session();
            assertThat(second.next(Packet.Connect.class).clientId())
                    .as("the assigned name is used again")
                    .isEqualTo("assigned");
            for (String expected : List.of("m0", "m2", "m3", "m4", "new")) {
                Packet.Publish publish = second.next(Packet.Publish.class);
                assertThat(text(publish)).isEqualTo(expected);
                assertThat(publish.dup())
                        .as("the session is new, and so is every message in it")
                        .isFalse();
            }
            calls.forEach(call -> assertThat(call).succeedsWithin(SOON));
        }
        assertThat(changes)
                .containsExactly(
                        "CONNECTING>CONNECTED", "CONNECTED>RECONNECTING", "RECONNECTING>CONNECTED", "CONNECTED>CLOSED");
    }

    @Test
    void shouldLetCallsWaitForTheConnectionAtAnyQos() {
        try (Publisher publisher = broker.publisher(timers).open()) {
            Session first = broker.session();
            first.breakOff();
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.RECONNECTING);
            CompletableFuture<Void> atMostOnce = Background.run(() -> publisher.publish(
                    Message.builder("t").qos(QoS.AT_MOST_ONCE).payload("q0").build()));
            await().atMost(SOON).until(() -> timers.waiting() > 1);
            assertThat(atMostOnce).isNotDone();
            timers.advance(Duration.ofMillis(100));
            assertThat(atMostOnce).succeedsWithin(SOON);
            assertThat(text(broker.session().next(Packet.Publish.class))).isEqualTo("q0");
        }
    }

    @Test
    void shouldTimeOutWhileThereIsNoConnectionAndNotSendLater() {
        Publisher publisher = broker.publisher(timers)
                .timeout(Duration.ofSeconds(1))
                .reconnect(new Reconnect(Duration.ofSeconds(8), Duration.ofSeconds(8), 10))
                .open();
        broker.session().breakOff();
        await().atMost(SOON).until(() -> publisher.state() == ConnectionState.RECONNECTING);
        CompletableFuture<Void> call = publisher.publishAsync("late");
        timers.advance(Duration.ofSeconds(1));
        assertThatThrownBy(call::join)
                .cause()
                .isInstanceOf(WaitTimeoutException.class)
                .hasMessageContaining("RECONNECTING");
        timers.advance(Duration.ofSeconds(8));
        Session second = broker.session();
        await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CONNECTED);
        publisher.publish("in time");
        assertThat(text(second.next(Packet.Publish.class))).isEqualTo("in time");
        publisher.close();
    }

    @Test
    void shouldFailWhatTheNewBrokerDoesNotTake() {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        try (Publisher publisher = broker.publisher().reconnect(QUICKLY).open()) {
            Session first = broker.session();
            CompletableFuture<Void> large = publisher.publishAsync(Message.of("t", new byte[1000]));
            CompletableFuture<Void> small = publisher.publishAsync("small");
            first.next(Packet.Publish.class);
            broker.onAsUsual(PacketType.PUBLISH);
            broker.accepting(
                    Properties.builder().set(Property.MAXIMUM_PACKET_SIZE, 100).build());
            first.breakOff();
            assertThat(small).succeedsWithin(SOON);
            assertThatThrownBy(large::join)
                    .cause()
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Maximum Packet Size of 100");
        }
    }

    @Test
    void shouldIgnoreAcknowledgementsThatALostConnectionStillBrings() {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        try (Publisher publisher = broker.publisher().reconnect(QUICKLY).open()) {
            Session first = broker.session();
            CompletableFuture<Void> call = publisher.publishAsync("x");
            int id = first.next(Packet.Publish.class).packetId();
            // The broker ends the connection and acknowledges behind it.
            first.send(disconnect(ReasonCode.SERVER_BUSY), pubAck(id, ReasonCode.SUCCESS));
            Session second = broker.session();
            Packet.Publish again = second.next(Packet.Publish.class);
            assertThat(text(again)).isEqualTo("x");
            assertThat(call).isNotDone();
            second.send(pubAck(again.packetId(), ReasonCode.SUCCESS));
            assertThat(call).succeedsWithin(SOON);
            broker.onAsUsual(PacketType.PUBLISH);
        }
    }

    @Test
    void shouldKeepEachMessageThroughManyLosses() {
        int total = 300;
        List<String> arrived = new CopyOnWriteArrayList<>();
        AtomicInteger budget = new AtomicInteger();
        Set<Session> broken = ConcurrentHashMap.newKeySet();
        broker.on(PacketType.PUBLISH, (session, packet) -> {
            if (broken.contains(session)) {
                return;
            }
            // Every seventh message breaks the connection before its acknowledgement.
            if (budget.incrementAndGet() % 7 == 0) {
                broken.add(session);
                session.breakOff();
            } else {
                arrived.add(text((Packet.Publish) packet));
                session.answer(packet);
            }
        });
        try (Publisher publisher =
                broker.publisher().window(5).reconnect(QUICKLY).open()) {
            List<CompletableFuture<Void>> calls = new ArrayList<>();
            for (int i = 0; i < total; i++) {
                calls.add(publisher.publishAsync("m" + i));
            }
            calls.forEach(call -> assertThat(call).succeedsWithin(SOON));
        }
        // In order, with repeats only: whatever comes again is not newer than what came last.
        int last = -1;
        int distinct = 0;
        for (String text : arrived) {
            int number = Integer.parseInt(text.substring(1));
            assertThat(number).isLessThanOrEqualTo(last + 1);
            if (number == last + 1) {
                distinct++;
                last = number;
            }
        }
        assertThat(distinct).isEqualTo(total);
    }

    // ---- giving up

    @Test
    void shouldCloseAtOnceWhereReconnectingIsOff() {
        broker.on(PacketType.PUBLISH, (session, packet) -> session.breakOff());
        Publisher publisher = broker.publisher()
                .reconnect(Reconnect.never())
                .onStateChange(recorder)
                .open();
        assertThatThrownBy(() -> publisher.publish("x"))
                .isInstanceOf(ConnectionFailedException.class)
                .hasMessageContaining("memory:scripted")
                .hasRootCauseMessage("connection of 'memory:scripted' reset: the other side aborted it");
        assertThatThrownBy(() -> publisher.publish("y")).isInstanceOf(ConnectionFailedException.class);
        publisher.close();
        assertThat(publisher.state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(changes).containsExactly("CONNECTING>CONNECTED", "CONNECTED>CLOSED");
    }

    @Test
    void shouldPauseLongerAndLongerAndGiveUpAfterTheLastAttempt() {
        Publisher publisher = broker.publisher(timers)
                .reconnect(new Reconnect(Duration.ofSeconds(1), Duration.ofSeconds(3), 3))
                .onStateChange(recorder)
                .open();
        broker.on(PacketType.CONNECT, (session, packet) -> {});
        Session last = broker.session();
        for (int seconds : new int[] {1, 2, 3}) {
            // Lost only now: while time still passes, the pause would begin at an earlier moment.
            long before = timers.scheduled();
            last.breakOff();
            await().atMost(SOON).until(() -> timers.scheduled() > before);
            timers.advance(Duration.ofMillis(seconds * 500L - 1));
            assertThat(broker.waitingSessions())
                    .as("not before half of the delay")
                    .isZero();
            timers.advance(Duration.ofMillis(seconds * 500L + 1));
            last = broker.session();
        }
        last.breakOff();
        await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
        assertThatThrownBy(() -> publisher.publish("x"))
                .isInstanceOf(ConnectionFailedException.class)
                .hasMessageContaining("gave up after 3 attempts");
        publisher.close();
        assertThat(changes).containsExactly("CONNECTING>CONNECTED", "CONNECTED>RECONNECTING", "RECONNECTING>CLOSED");
        assertThat(timers.waiting()).isZero();
    }

    @ParameterizedTest
    @EnumSource(
            value = ReasonCode.class,
            names = {"SESSION_TAKEN_OVER", "NOT_AUTHORIZED", "ADMINISTRATIVE_ACTION", "SERVER_MOVED", "PACKET_TOO_LARGE"
            })
    void shouldCloseForGoodOnTheBrokersWord(ReasonCode code) {
        try (Publisher publisher = broker.publisher().reconnect(QUICKLY).open()) {
            broker.session().send(disconnect(code));
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
            assertThatThrownBy(() -> publisher.publish("x"))
                    .isInstanceOf(ClosedException.class)
                    .hasMessageContaining(code.toString())
                    .hasCauseInstanceOf(RefusedException.class);
            assertThat(broker.waitingSessions()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ReasonCode.class,
            names = {"SERVER_SHUTTING_DOWN", "SERVER_BUSY", "KEEP_ALIVE_TIMEOUT", "QUOTA_EXCEEDED"})
    void shouldTryAgainOnWordsThatPass(ReasonCode code) {
        try (Publisher publisher = broker.publisher().reconnect(QUICKLY).open()) {
            broker.session().send(disconnect(code));
            broker.session();
            publisher.publish("x");
        }
    }

    @Test
    void shouldGiveUpWhenTheBrokerRefusesForGoodWhileReconnecting() {
        try (Publisher publisher = broker.publisher().reconnect(QUICKLY).open()) {
            broker.on(
                    PacketType.CONNECT,
                    (session, packet) ->
                            session.write(new Packet.ConnAck(false, ReasonCode.NOT_AUTHORIZED, Properties.NONE)));
            broker.session().breakOff();
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CLOSED);
            assertThatThrownBy(publisher::flush)
                    .isInstanceOf(ClosedException.class)
                    .hasMessageContaining("NOT_AUTHORIZED");
        }
    }

    /** A broker with {@link dev.recado.DuplicateClientIds#REFUSE} that has not noticed yet that the connection is lost. */
    @ParameterizedTest
    @EnumSource
    void shouldKeepTryingWhileItsOwnLostConnectionMayHaveItsName(MqttVersion version) {
        try (Publisher publisher = loseConnectionAndName(version)) {
            for (int passed = 0; passed < 19; passed++) {
                letASecondPass(publisher);
            }
            assertThat(publisher.state()).isEqualTo(ConnectionState.RECONNECTING);

            broker.onAsUsual(PacketType.CONNECT);
            timers.advance(Duration.ofSeconds(1));
            await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CONNECTED);
        }
    }

    @Test
    void shouldGiveUpANameThatIsTakenForLongerThanItsOwnConnectionCanHaveIt() {
        try (Publisher publisher = loseConnectionAndName(MqttVersion.V5)) {
            for (int passed = 0; passed < 21; passed++) {
                letASecondPass(publisher);
            }
            assertThat(publisher.state()).isEqualTo(ConnectionState.CLOSED);
            assertThatThrownBy(publisher::flush)
                    .isInstanceOf(ClosedException.class)
                    .hasMessageContaining("CLIENT_IDENTIFIER_NOT_VALID")
                    .hasCauseInstanceOf(RefusedException.class);
        }
    }

    /** Its keep-alive is ten seconds, and it tries again each second. */
    private Publisher loseConnectionAndName(MqttVersion version) {
        Publisher publisher = broker.publisher(timers)
                .version(version)
                .retain(false)
                .clientId("ana")
                .keepAlive(Duration.ofSeconds(10))
                .reconnect(new Reconnect(Duration.ofSeconds(1), Duration.ofSeconds(1), 1000))
                .open();
        broker.on(
                PacketType.CONNECT,
                (session, packet) -> session.write(
                        new Packet.ConnAck(false, ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, Properties.NONE)));
        long before = timers.scheduled();
        broker.session().breakOff();
        await().atMost(SOON).until(() -> timers.scheduled() > before);
        return publisher;
    }

    /** In two halves, since half a second is the shortest pause: there is one attempt in each at most. */
    private void letASecondPass(Publisher publisher) {
        for (int half = 0; half < 2; half++) {
            long before = timers.scheduled();
            timers.advance(Duration.ofMillis(500));
            if (timers.scheduled() > before) {
                // The attempt has a time limit; then comes a pause, or the end.
                await().atMost(SOON)
                        .until(() -> publisher.state() == ConnectionState.CLOSED || timers.scheduled() >= before + 2);
            }
        }
    }

    @Test
    void shouldCloseWhileReconnecting() {
        Publisher publisher = broker.publisher(timers).open();
        broker.session().breakOff();
        await().atMost(SOON).until(() -> publisher.state() == ConnectionState.RECONNECTING);
        publisher.close();
        assertThat(publisher.state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(timers.waiting()).isZero();
        Subscriber subscriber = broker.subscriber(timers).open();
        broker.session().breakOff();
        await().atMost(SOON).until(() -> subscriber.state() == ConnectionState.RECONNECTING);
        subscriber.close();
        assertThat(subscriber.receive(Duration.ZERO)).isEmpty();
        assertThat(timers.waiting()).isZero();
    }

    @Test
    void shouldBeClosableFromTheStateListener() {
        AtomicReference<Publisher> self = new AtomicReference<>();
        Publisher publisher = broker.publisher(timers)
                .onStateChange((from, to, cause) -> {
                    changes.add(from + ">" + to);
                    if (to == ConnectionState.RECONNECTING) {
                        self.get().close();
                    }
                })
                .open();
        self.set(publisher);
        broker.session().breakOff();
        await().atMost(SOON).until(() -> changes.contains("RECONNECTING>CLOSED"));
        publisher.close();
        assertThat(timers.waiting()).isZero();
    }

    // ---- subscriber

    @Test
    void shouldSubscribeAgain() {
        try (Subscriber subscriber =
                broker.subscriber().topic("u").reconnect(QUICKLY).open()) {
            Session first = broker.session();
            first.next(Packet.Subscribe.class);
            first.send(message("t/a", "1", 1));
            first.connection.close();
            Session second = broker.session();
            assertThat(second.next(Packet.Subscribe.class).subscriptions())
                    .extracting(Packet.Subscription::filter)
                    .containsExactly("t/#", "u");
            second.send(message("t/a", "2", 1));
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("1");
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("2");
            assertThat(second.next(Packet.Ack.class).packetId()).isEqualTo(1);
            assertThat(second.count(Packet.Ack.class)).isZero();
        }
    }

    @Test
    void shouldNotBeConnectedBeforeTheSubscriptionsAreGrantedAgain() {
        try (Subscriber subscriber = broker.subscriber().reconnect(QUICKLY).open()) {
            broker.on(PacketType.SUBSCRIBE, (session, packet) -> {});
            broker.session().breakOff();
            Session second = broker.session();
            Packet subscribe = second.next(Packet.Subscribe.class);
            assertThat(subscriber.state()).isEqualTo(ConnectionState.RECONNECTING);
            second.answer(subscribe);
            second.connection.flush();
            await().atMost(SOON).until(() -> subscriber.state() == ConnectionState.CONNECTED);
        }
    }

    @Test
    void shouldReconnectThoughTheBufferIsFull() {
        try (Subscriber subscriber =
                broker.subscriber().buffer(2).reconnect(QUICKLY).open()) {
            Session first = broker.session();
            first.send(message("t/a", "1"), message("t/a", "2"), message("t/a", "never decoded"));
            await().atMost(SOON).until(() -> first.connection.pending() == 0);
            first.breakOff();
            Session second = broker.session();
            second.next(Packet.Subscribe.class);
            second.send(message("t/a", "3"), message("t/a", "4"), message("t/a", "5"));
            for (String expected : List.of("1", "2", "3", "4", "5")) {
                assertThat(subscriber.receive(SOON)).map(Message::text).contains(expected);
            }
            await().atMost(SOON).until(() -> subscriber.state() == ConnectionState.CONNECTED);
            assertThat(broker.waitingSessions()).isZero();
        }
    }

    @Test
    void shouldEndWhenASubscriptionIsRefusedWhileReconnecting() {
        Subscriber subscriber = broker.subscriber().reconnect(QUICKLY).open();
        broker.on(
                PacketType.SUBSCRIBE,
                (session, packet) ->
                        session.write(new Packet.SubAck(1, Properties.NONE, List.of(ReasonCode.NOT_AUTHORIZED))));
        broker.session().breakOff();
        assertThatThrownBy(() -> subscriber.receive(SOON))
                .isInstanceOf(ClosedException.class)
                .hasMessageContaining("'t/#'")
                .hasCauseInstanceOf(RefusedException.class);
        subscriber.close();
    }

    // ---- keep-alive

    @Test
    void shouldPingAfterSilenceAndGiveUpWithoutAnAnswer() {
        Publisher publisher = broker.publisher(timers).open();
        Session first = broker.session();
        timers.advance(Duration.ofMillis(59_999));
        assertThat(first.count(Packet.PingReq.class)).isZero();
        timers.advance(Duration.ofMillis(1));
        first.next(Packet.PingReq.class);
        // Its acknowledgement comes behind the PINGRESP.
        publisher.publish("x");
        broker.on(PacketType.PINGREQ, (session, packet) -> {});
        timers.advance(Duration.ofSeconds(60));
        first.next(Packet.PingReq.class);
        timers.advance(Duration.ofMillis(29_999));
        assertThat(publisher.state()).isEqualTo(ConnectionState.CONNECTED);
        timers.advance(Duration.ofMillis(1));
        assertThat(publisher.state()).isEqualTo(ConnectionState.RECONNECTING);
        first.awaitClosed();
        timers.advance(Duration.ofMillis(100));
        broker.session();
        await().atMost(SOON).until(() -> publisher.state() == ConnectionState.CONNECTED);
        publisher.close();
    }

    @Test
    void shouldFollowTheBrokersKeepAlive() {
        broker.accepting(Properties.builder().set(Property.SERVER_KEEP_ALIVE, 5).build());
        try (Publisher publisher = broker.publisher(timers).open()) {
            Session session = broker.session();
            timers.advance(Duration.ofSeconds(5));
            session.next(Packet.PingReq.class);
            assertThat(publisher.state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    @Test
    void shouldNotPingWhereKeepAliveIsOff() {
        try (Publisher publisher =
                broker.publisher(timers).keepAlive(Duration.ZERO).open()) {
            Session session = broker.session();
            assertThat(session.next(Packet.Connect.class).keepAlive()).isZero();
            timers.advance(Duration.ofDays(1));
            publisher.publish("x");
            session.next(Packet.Publish.class);
            assertThat(session.count(Packet.PingReq.class)).isZero();
        }
    }

    @Test
    void shouldNotTakeItsOwnPauseForTheBrokersSilence() {
        try (Subscriber subscriber = broker.subscriber(timers).buffer(1).open()) {
            Session session = broker.session();
            session.send(message("t/a", "1"), message("t/a", "2"), message("t/a", "3"));
            await().atMost(SOON).until(() -> session.connection.pending() == 0);
            timers.advance(Duration.ofMinutes(10));
            assertThat(session.next(Packet.PingReq.class)).isNotNull();
            assertThat(subscriber.state()).isEqualTo(ConnectionState.CONNECTED);
            for (String expected : List.of("1", "2", "3")) {
                assertThat(subscriber.receive(SOON)).map(Message::text).contains(expected);
            }
            assertThat(subscriber.state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }
}
