package dev.recado.core.client;

import static dev.recado.core.client.ScriptedBroker.ack;
import static dev.recado.core.client.ScriptedBroker.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.MqttVersion;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.Reconnect;
import dev.recado.RetainHandling;
import dev.recado.Subscriber;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A subscriber's exchanges over lost connections, with and without a session that outlives them. */
class SubscriberSessionTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Reconnect QUICKLY = new Reconnect(Duration.ofMillis(1), Duration.ofMillis(5), 1000);

    private final ScriptedBroker broker = new ScriptedBroker().accepting(Properties.NONE);

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    private Subscriber.Builder exactlyOnce() {
        return broker.subscriber().qos(QoS.EXACTLY_ONCE).reconnect(QUICKLY);
    }

    private Subscriber.Builder durable() {
        return exactlyOnce().clientId("s").sessionExpiry(Duration.ofHours(1));
    }

    private static Packet.Publish exactlyOnce(String text, int packetId) {
        return message("t/a", text, QoS.EXACTLY_ONCE, packetId, false);
    }

    private static Packet.Publish again(String text, int packetId) {
        return message("t/a", text, QoS.EXACTLY_ONCE, packetId, true);
    }

    private static String receive(Subscriber subscriber) {
        return subscriber.receive(SOON).map(Message::text).orElse("nothing");
    }

    // ---- QoS 2 on one connection

    @ParameterizedTest
    @EnumSource(MqttVersion.class)
    void shouldAnswerPubRecWhenHandledAndPubCompWhenReleased(MqttVersion version) throws Exception {
        broker.on(PacketType.PUBREC, (session, packet) -> {});
        Semaphore permits = new Semaphore(0);
        CountDownLatch entered = new CountDownLatch(1);
        try (Subscriber subscriber = exactlyOnce()
                .version(version)
                .onMessage(m -> {
                    entered.countDown();
                    permits.acquireUninterruptibly();
                })
                .open()) {
            Session session = broker.session();
            session.send(exactlyOnce("x", 9));
            assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(session.count(Packet.Ack.class)).isZero();
            permits.release();
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREC, 9));
            session.send(ack(PacketType.PUBREL, 9));
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBCOMP, 9));
            assertThat(subscriber.state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    @Test
    void shouldAnswerARepeatedMessageAgainAndHandItOutOnce() {
        broker.on(PacketType.PUBREC, (session, packet) -> {});
        try (Subscriber subscriber = exactlyOnce().open()) {
            Session session = broker.session();
            session.send(exactlyOnce("x", 1), again("x", 1));
            assertThat(receive(subscriber)).isEqualTo("x");
            session.send(again("x", 1), ack(PacketType.PUBREL, 1), exactlyOnce("y", 1));
            assertThat(receive(subscriber)).isEqualTo("y");
            for (PacketType type : List.of(
                    PacketType.PUBREC, PacketType.PUBREC, PacketType.PUBREC, PacketType.PUBCOMP, PacketType.PUBREC)) {
                assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(type, 1));
            }
            assertThat(subscriber.receive(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void shouldAnswerAPubRelOfNothingAndRefuseOneThatComesTooEarly() {
        try (Subscriber subscriber = exactlyOnce().open()) {
            Session session = broker.session();
            session.send(ack(PacketType.PUBREL, 7));
            assertThat(session.next(Packet.Ack.class))
                    .isEqualTo(ack(PacketType.PUBCOMP, 7, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND));
            session.send(exactlyOnce("x", 1), ack(PacketType.PUBREL, 1));
            assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
            assertThat(receive(subscriber)).isEqualTo("x");
        }
    }

    @Test
    void shouldCountUnfinishedExchangesAgainstTheReceiveMaximum() {
        broker.on(PacketType.PUBREC, (session, packet) -> {});
        try (Subscriber subscriber = exactlyOnce().buffer(2).open()) {
            Session session = broker.session();
            session.send(exactlyOnce("1", 1), exactlyOnce("2", 2));
            assertThat(receive(subscriber)).isEqualTo("1");
            assertThat(receive(subscriber)).isEqualTo("2");
            session.send(ack(PacketType.PUBREL, 1), exactlyOnce("3", 1));
            assertThat(receive(subscriber)).isEqualTo("3");
            session.send(exactlyOnce("4", 4));
            assertThat(session.next(Packet.Disconnect.class).reasonCode())
                    .isEqualTo(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
        }
    }

    @Test
    void shouldHandleBeforeClosingWhatTheBrokerHeldBackAtQos2() {
        // This one sends two messages, and each further one when an exchange has ended.
        AtomicInteger sent = new AtomicInteger(2);
        broker.on(PacketType.PUBCOMP, (session, packet) -> {
            int next = sent.incrementAndGet();
            if (next <= 50) {
                session.write(exactlyOnce("m" + next, next));
            }
        });
        List<String> texts = new CopyOnWriteArrayList<>();
        Subscriber subscriber =
                exactlyOnce().buffer(2).onMessage(m -> texts.add(m.text())).open();
        broker.session().send(exactlyOnce("m1", 1), exactlyOnce("m2", 2));
        subscriber.close();
        assertThat(texts).hasSize(50).endsWith("m50");
    }

    // ---- over lost connections

    @ParameterizedTest
    @EnumSource(MqttVersion.class)
    void shouldHandOutOnceWhatTheSessionSendsAgain(MqttVersion version) {
        broker.resuming();
        broker.on(PacketType.PUBREC, (session, packet) -> {});
        try (Subscriber subscriber = durable().version(version).manualAck().open()) {
            Session first = broker.session();
            first.send(exactlyOnce("answered", 1), exactlyOnce("handled", 2), exactlyOnce("waiting", 3));
            Message answered = subscriber.receive(SOON).orElseThrow();
            Message handled = subscriber.receive(SOON).orElseThrow();
            subscriber.acknowledge(answered);
            assertThat(first.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREC, 1));
            first.breakOff();
            Session second = broker.session();
            Packet.Connect connect = second.next(Packet.Connect.class);
            assertThat(connect.cleanStart()).isFalse();
            await().atMost(SOON).until(() -> subscriber.state() == ConnectionState.CONNECTED);
            subscriber.acknowledge(handled);
            second.send(again("answered", 1), again("handled", 2), again("waiting", 3), exactlyOnce("new", 4));
            assertThat(second.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREC, 1));
            assertThat(second.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREC, 2));
            Message waiting = subscriber.receive(SOON).orElseThrow();
            assertThat(waiting.text()).isEqualTo("waiting");
            assertThat(receive(subscriber)).isEqualTo("new");
            assertThat(second.count(Packet.Ack.class)).isZero();
            subscriber.acknowledge(waiting);
            assertThat(second.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREC, 3));
            second.send(ack(PacketType.PUBREL, 1));
            assertThat(second.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBCOMP, 1));
        }
    }

    @Test
    void shouldForgetItsHalfOfASessionThatTheBrokerHasLost() {
        broker.on(PacketType.PUBREC, (session, packet) -> {});
        try (Subscriber subscriber = durable().open()) {
            Session first = broker.session();
            first.send(exactlyOnce("old", 1));
            assertThat(receive(subscriber)).isEqualTo("old");
            first.breakOff();
            Session second = broker.session();
            second.next(Packet.Subscribe.class);
            second.send(exactlyOnce("new", 1));
            assertThat(receive(subscriber)).isEqualTo("new");
        }
    }

    @Test
    void shouldSubscribeAgainOnlyWhenTheSessionIsGone() {
        broker.resuming();
        try (Subscriber subscriber = durable().open()) {
            Session first = broker.session();
            first.next(Packet.Subscribe.class);
            first.breakOff();
            Session second = broker.session();
            second.next(Packet.Connect.class);
            await().atMost(SOON).until(() -> subscriber.state() == ConnectionState.CONNECTED);
            second.send(exactlyOnce("x", 1));
            assertThat(receive(subscriber)).isEqualTo("x");
            assertThat(second.count(Packet.Subscribe.class)).isZero();
            broker.on(
                    PacketType.CONNECT,
                    (session, packet) -> session.write(new Packet.ConnAck(false, ReasonCode.SUCCESS, Properties.NONE)));
            second.breakOff();
            broker.session().next(Packet.Subscribe.class);
        }
    }

    @Test
    void shouldSubscribeWhenItGoesOnWithTheSessionOfAnEarlierProcess() {
        broker.resuming();
        try (Subscriber subscriber = durable().qos(QoS.AT_LEAST_ONCE).open()) {
            Session session = broker.session();
            assertThat(session.next(Packet.Connect.class).cleanStart()).isFalse();
            session.next(Packet.Subscribe.class);
            // From a subscription of before, with a higher QoS.
            session.send(again("left", 5));
            assertThat(receive(subscriber)).isEqualTo("left");
        }
    }

    @Test
    void shouldSubscribeAgainWhenTheAnswerToTheFirstTimeWasLost() {
        try (Subscriber subscriber = durable().open()) {
            broker.on(PacketType.SUBSCRIBE, (session, packet) -> session.breakOff());
            broker.session().breakOff();
            Session second = broker.session();
            second.next(Packet.Subscribe.class);
            broker.resuming();
            broker.onAsUsual(PacketType.SUBSCRIBE);
            await().atMost(SOON).until(() -> subscriber.state() == ConnectionState.CONNECTED);
        }
    }

    // ---- closing

    @Test
    void shouldLeaveTheRestInASessionThatOutlivesIt() {
        AtomicInteger sent = new AtomicInteger(2);
        broker.on(
                PacketType.PUBACK,
                (session, packet) -> session.write(message("t/a", "m", sent.incrementAndGet() % 1000 + 1)));
        AtomicInteger handled = new AtomicInteger();
        Subscriber subscriber = durable()
                .buffer(2)
                .timeout(Duration.ofMinutes(5))
                .onMessage(m -> handled.incrementAndGet())
                .open();
        Session session = broker.session();
        session.send(message("t/a", "m", 1001), message("t/a", "m", 1002));
        await().atMost(SOON).until(() -> handled.get() > 100);
        assertThat(Background.run(subscriber::close)).succeedsWithin(SOON);
        Packet.Disconnect disconnect = session.next(Packet.Disconnect.class);
        assertThat(disconnect.properties()).as("the session goes on").isEqualTo(Properties.NONE);
        assertThat(session.count(Packet.Unsubscribe.class)).isZero();
    }

    @Test
    void shouldNotHandOutAfterCloseWhatTheSessionWillSendAgain() {
        Subscriber subscriber = durable().open();
        Session session = broker.session();
        session.send(exactlyOnce("1", 1), message("t/a", "q0"), message("t/a", "2", 2), exactlyOnce("3", 3));
        assertThat(receive(subscriber)).isEqualTo("1");
        subscriber.close();
        assertThat(receive(subscriber)).isEqualTo("q0");
        assertThat(subscriber.receive(Duration.ZERO)).isEmpty();
    }

    // ---- subscribing

    @Test
    void shouldAskForTheSubscriptionOptionsWanted() {
        try (Subscriber subscriber = broker.subscriber()
                .topic("$share/g/u")
                .retainHandling(RetainHandling.SEND_IF_NEW)
                .retainAsPublished(true)
                .open()) {
            assertThat(broker.session().next(Packet.Subscribe.class).subscriptions())
                    .containsExactly(
                            new Packet.Subscription("t/#", QoS.AT_LEAST_ONCE, false, true, 1),
                            new Packet.Subscription("$share/g/u", QoS.AT_LEAST_ONCE, false, true, 1));
            assertThat(subscriber.topics()).containsExactly("t/#", "$share/g/u");
        }
    }

    // ---- topic aliases

    private static Packet.Publish aliased(String topic, int alias, String text) {
        return new Packet.Publish(
                false,
                QoS.AT_MOST_ONCE,
                false,
                topic,
                0,
                Properties.builder().set(Property.TOPIC_ALIAS, alias).build(),
                ScriptedBroker.utf8(text));
    }

    @Test
    void shouldResolveAliasesUpToTheMaximumThatItAnnounced() {
        try (Subscriber subscriber = broker.subscriber().open()) {
            Session session = broker.session();
            int max = (int) session.next(Packet.Connect.class).properties().number(Property.TOPIC_ALIAS_MAXIMUM, 0);
            assertThat(max).isPositive();
            for (int alias = 1; alias <= max; alias++) {
                session.send(aliased("t/" + alias, alias, "named"));
                assertThat(subscriber.receive(SOON)).map(Message::topic).contains("t/" + alias);
            }
            for (int alias = max; alias >= 1; alias--) {
                session.send(aliased("", alias, "aliased"));
                assertThat(subscriber.receive(SOON)).map(Message::topic).contains("t/" + alias);
            }
            session.send(aliased("t/other", 1, "named anew"), aliased("", 1, "aliased"));
            assertThat(subscriber.receive(SOON)).map(Message::topic).contains("t/other");
            assertThat(subscriber.receive(SOON)).map(Message::topic).contains("t/other");
            session.send(aliased("t/x", max + 1, "over the maximum"));
            assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.TOPIC_ALIAS_INVALID);
        }
    }

    @Test
    void shouldForgetAliasesWithTheirConnection() {
        try (Subscriber subscriber = broker.subscriber().reconnect(QUICKLY).open()) {
            Session first = broker.session();
            first.send(aliased("t/a", 1, "named"));
            assertThat(receive(subscriber)).isEqualTo("named");
            first.breakOff();
            Session second = broker.session();
            second.next(Packet.Subscribe.class);
            second.send(aliased("", 1, "aliased"));
            assertThat(second.next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
            assertThat(subscriber.receive(Duration.ZERO)).isEmpty();
        }
    }
}
