package dev.recado.core.client;

import static dev.recado.core.client.ScriptedBroker.ack;
import static dev.recado.core.client.ScriptedBroker.pubAck;
import static dev.recado.core.client.ScriptedBroker.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recado.ConnectionFailedException;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.MqttVersion;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.Reconnect;
import dev.recado.RefusedException;
import dev.recado.WaitTimeoutException;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.time.ManualTimers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A publisher's exchanges over lost connections, with and without a session that outlives them. */
class PublisherSessionTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Reconnect QUICKLY = new Reconnect(Duration.ofMillis(1), Duration.ofMillis(5), 1000);

    private final ScriptedBroker broker = new ScriptedBroker().accepting(Properties.NONE);

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    private Publisher.Builder durable() {
        return broker.publisher()
                .clientId("p")
                .qos(QoS.EXACTLY_ONCE)
                .sessionExpiry(Duration.ofHours(1))
                .reconnect(QUICKLY);
    }

    private static int id(Packet.Publish publish) {
        return publish.packetId();
    }

    // ---- QoS 2 on one connection

    @ParameterizedTest
    @EnumSource(MqttVersion.class)
    void shouldReturnFromPublishAtQos2WhenTheExchangeIsOver(MqttVersion version) {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        broker.on(PacketType.PUBREL, (session, packet) -> {});
        try (Publisher publisher =
                broker.publisher().version(version).qos(QoS.EXACTLY_ONCE).open()) {
            Session session = broker.session();
            CompletableFuture<Void> call = publisher.publishAsync("x");
            Packet.Publish publish = session.next(Packet.Publish.class);
            assertThat(publish.qos()).isEqualTo(QoS.EXACTLY_ONCE);
            assertThat(publish.dup()).isFalse();
            session.send(ack(PacketType.PUBREC, id(publish)));
            assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREL, id(publish)));
            assertThat(call).isNotDone();
            session.send(ack(PacketType.PUBCOMP, id(publish)));
            assertThat(call).succeedsWithin(SOON);
        }
    }

    @Test
    void shouldEndTheExchangeAtARefusingPubRec() {
        broker.on(
                PacketType.PUBLISH,
                (session, packet) ->
                        session.write(ack(PacketType.PUBREC, id((Packet.Publish) packet), ReasonCode.NOT_AUTHORIZED)));
        try (Publisher publisher =
                broker.publisher().window(1).qos(QoS.EXACTLY_ONCE).open()) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> publisher.publish("x"))
                        .isInstanceOfSatisfying(
                                RefusedException.class,
                                e -> assertThat(e.reasonCode()).contains(ReasonCode.NOT_AUTHORIZED));
            }
            assertThat(broker.session().count(Packet.Ack.class)).as("PUBRELs").isZero();
        }
    }

    @Test
    void shouldCountUnfinishedExchangesAgainstTheReceiveMaximumUntilPubComp() {
        broker.accepting(Properties.builder().set(Property.RECEIVE_MAXIMUM, 1).build());
        broker.on(PacketType.PUBREL, (session, packet) -> {});
        try (Publisher publisher = broker.publisher().qos(QoS.EXACTLY_ONCE).open()) {
            Session session = broker.session();
            publisher.publishAsync("1");
            publisher.publishAsync("2");
            int first = id(session.next(Packet.Publish.class));
            session.next(Packet.Ack.class);
            assertThat(session.count(Packet.Publish.class)).isZero();
            broker.onAsUsual(PacketType.PUBREL);
            session.send(ack(PacketType.PUBCOMP, first));
            assertThat(text(session.next(Packet.Publish.class))).isEqualTo("2");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = QoS.class,
            names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
    void shouldDisconnectABrokerThatAcknowledgesWithTheWrongPacket(QoS qos) {
        PacketType wrong = qos == QoS.EXACTLY_ONCE ? PacketType.PUBACK : PacketType.PUBREC;
        broker.on(PacketType.PUBLISH, (session, packet) -> session.write(ack(wrong, id((Packet.Publish) packet))));
        try (Publisher publisher =
                broker.publisher().reconnect(QUICKLY).qos(QoS.AT_LEAST_ONCE).open()) {
            Session session = broker.session();
            publisher.publishAsync(Message.builder("t").qos(qos).build());
            assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
            broker.onAsUsual(PacketType.PUBLISH);
        }
    }

    // ---- QoS 2 over lost connections

    @ParameterizedTest
    @EnumSource(MqttVersion.class)
    void shouldGoOnWithTheSessionWhereItWas(MqttVersion version) {
        broker.resuming();
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        broker.on(PacketType.PUBREL, (session, packet) -> {});
        try (Publisher publisher = durable().version(version).open()) {
            Session first = broker.session();
            Packet.Connect connect = first.next(Packet.Connect.class);
            assertThat(connect.cleanStart()).isEqualTo(version == MqttVersion.V5);
            assertThat(connect.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0))
                    .isEqualTo(version == MqttVersion.V5 ? 3600 : 0);
            List<CompletableFuture<Void>> calls = new ArrayList<>();
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                calls.add(publisher.publishAsync("m" + i));
                ids.add(id(first.next(Packet.Publish.class)));
            }
            // The third and the first are received, in this order; the fourth is done.
            for (int received : new int[] {2, 0, 3}) {
                first.send(ack(PacketType.PUBREC, ids.get(received)));
                assertThat(first.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREL, ids.get(received)));
            }
            first.send(ack(PacketType.PUBCOMP, ids.get(3)));
            assertThat(calls.get(3)).succeedsWithin(SOON);
            first.breakOff();

            Session second = broker.session();
            assertThat(second.next(Packet.Connect.class).cleanStart()).isFalse();
            assertThat(second.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREL, ids.get(2)));
            assertThat(second.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREL, ids.get(0)));
            for (int again : new int[] {1, 4}) {
                Packet.Publish publish = second.next(Packet.Publish.class);
                assertThat(text(publish)).isEqualTo("m" + again);
                assertThat(id(publish)).isEqualTo(ids.get(again));
                assertThat(publish.dup()).isTrue();
            }
            broker.onAsUsual(PacketType.PUBLISH);
            broker.onAsUsual(PacketType.PUBREL);
            second.send(ack(PacketType.PUBCOMP, ids.get(2)), ack(PacketType.PUBCOMP, ids.get(0)));
            second.send(ack(PacketType.PUBREC, ids.get(1)), ack(PacketType.PUBREC, ids.get(4)));
            calls.forEach(call -> assertThat(call).succeedsWithin(SOON));
            assertThat(second.count(Packet.Publish.class)).isZero();
            publisher.publish("new");
            Packet.Publish fresh = second.next(Packet.Publish.class);
            assertThat(fresh.dup()).isFalse();
        }
    }

    @Test
    void shouldFailAtQos2WhatALostSessionLeavesOpenAndPublishTheRestAnew() {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        try (Publisher publisher = durable().open()) {
            Session first = broker.session();
            CompletableFuture<Void> exactlyOnce = publisher.publishAsync("2");
            CompletableFuture<Void> atLeastOnce = publisher.publishAsync(
                    Message.builder("t").qos(QoS.AT_LEAST_ONCE).payload("1").build());
            first.next(Packet.Publish.class);
            first.next(Packet.Publish.class);
            broker.onAsUsual(PacketType.PUBLISH);
            first.breakOff();
            // It comes back without the session: this broker never resumes one.
            Session second = broker.session();
            assertThat(exactlyOnce)
                    .failsWithin(SOON)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(ConnectionFailedException.class)
                    .withMessageContaining("'t'")
                    .withMessageContaining("it may have arrived");
            assertThat(atLeastOnce).succeedsWithin(SOON);
            Packet.Publish anew = second.next(Packet.Publish.class);
            assertThat(text(anew)).isEqualTo("1");
            assertThat(anew.dup()).isFalse();
            publisher.publish("works on");
        }
    }

    @Test
    void shouldFailAtOnceWhatIsOpenAtQos2WithoutASessionThatOutlives() {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        Publisher publisher = broker.publisher()
                .qos(QoS.EXACTLY_ONCE)
                .reconnect(new Reconnect(Duration.ofHours(1), Duration.ofHours(1), 1))
                .open();
        Session first = broker.session();
        CompletableFuture<Void> call = publisher.publishAsync("2");
        first.next(Packet.Publish.class);
        first.breakOff();
        assertThat(call)
                .failsWithin(SOON)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(ConnectionFailedException.class);
        publisher.close();
    }

    @Test
    void shouldFinishAnExchangeThoughItsCallerHasGivenUp() {
        ManualTimers timers = new ManualTimers();
        broker.resuming();
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        Publisher publisher = broker.publisher(timers)
                .clientId("p")
                .qos(QoS.EXACTLY_ONCE)
                .sessionExpiry(Duration.ofHours(1))
                .timeout(Duration.ofSeconds(1))
                .open();
        Session first = broker.session();
        CompletableFuture<Void> call = publisher.publishAsync("x");
        int id = id(first.next(Packet.Publish.class));
        timers.advance(Duration.ofSeconds(1));
        assertThat(call).isCompletedExceptionally();
        first.breakOff();
        await().atMost(SOON).until(() -> publisher.state() == ConnectionState.RECONNECTING);
        timers.advance(Duration.ofSeconds(1));
        Session second = broker.session();
        Packet.Publish again = second.next(Packet.Publish.class);
        assertThat(id(again)).isEqualTo(id);
        assertThat(again.dup()).isTrue();
        broker.onAsUsual(PacketType.PUBLISH);
        second.send(ack(PacketType.PUBREC, id));
        second.next(Packet.Ack.class);
        publisher.close();
    }

    @Test
    void shouldArriveOnceThroughManyLosses() {
        broker.resuming();
        // A broker that keeps its half of the session, and breaks the connection at every third packet.
        List<String> arrived = new ArrayList<>();
        Set<Integer> open = new HashSet<>();
        AtomicInteger packets = new AtomicInteger();
        broker.on(PacketType.PUBLISH, (session, packet) -> {
            synchronized (arrived) {
                Packet.Publish publish = (Packet.Publish) packet;
                if (open.add(id(publish))) {
                    arrived.add(text(publish));
                }
            }
            answerOrBreak(session, packet, packets);
        });
        broker.on(PacketType.PUBREL, (session, packet) -> {
            synchronized (arrived) {
                open.remove(((Packet.Ack) packet).packetId());
            }
            answerOrBreak(session, packet, packets);
        });
        int total = 100;
        List<String> expected = new ArrayList<>();
        try (Publisher publisher = durable().window(7).open()) {
            List<CompletableFuture<Void>> calls = new ArrayList<>();
            for (int i = 0; i < total; i++) {
                expected.add("m" + i);
                calls.add(publisher.publishAsync("m" + i));
            }
            calls.forEach(call -> assertThat(call).succeedsWithin(SOON));
        }
        assertThat(arrived).isEqualTo(expected);
    }

    private static void answerOrBreak(Session session, Packet packet, AtomicInteger packets) {
        if (packets.incrementAndGet() % 7 == 3) {
            session.breakOff();
        } else {
            session.answer(packet);
        }
    }

    @Test
    void shouldNotLetABrokerMistakeANewMessageForOneOfAnEarlierProcess() {
        broker.resuming();
        try (Publisher publisher = durable().cleanStart(false).open()) {
            Session session = broker.session();
            assertThat(session.next(Packet.Connect.class).cleanStart()).isFalse();
            publisher.publish("x");
            Packet.Ack release = session.next(Packet.Ack.class);
            assertThat(release.type()).as("before the first PUBLISH").isEqualTo(PacketType.PUBREL);
            assertThat(id(session.next(Packet.Publish.class))).isEqualTo(release.packetId());
        }
    }

    // ---- the end of the session

    @Test
    void shouldEndItsSessionWhenClosed() {
        durable().open().close();
        assertThat(broker.session().next(Packet.Disconnect.class).properties())
                .isEqualTo(Properties.builder()
                        .set(Property.SESSION_EXPIRY_INTERVAL, 0)
                        .build());
        broker.publisher().open().close();
        assertThat(broker.session().next(Packet.Disconnect.class).properties()).isEqualTo(Properties.NONE);
    }

    @Test
    void shouldStartCleanWhereTheBrokerKeepsNoSession() {
        broker.accepting(
                Properties.builder().set(Property.SESSION_EXPIRY_INTERVAL, 0).build());
        try (Publisher publisher = durable().open()) {
            broker.session().breakOff();
            assertThat(broker.session().next(Packet.Connect.class).cleanStart()).isTrue();
            assertThat(publisher.clientId()).isEqualTo("p");
        }
    }

    // ---- expiry

    @Test
    void shouldTellWhatIsLeftOfAnExpiryAndNotSendWhatHasExpired() {
        ManualTimers timers = new ManualTimers();
        Publisher publisher = broker.publisher(timers)
                .reconnect(new Reconnect(Duration.ofSeconds(10), Duration.ofSeconds(10), 1))
                .open();
        broker.on(PacketType.CONNECT, (session, packet) -> {});
        broker.session().breakOff();
        await().atMost(SOON).until(() -> publisher.state() == ConnectionState.RECONNECTING);
        CompletableFuture<Void> shortLived = publisher.publishAsync(expiring("short", 10));
        CompletableFuture<Void> longLived = publisher.publishAsync(expiring("long", 12));
        CompletableFuture<Void> without = publisher.publishAsync("without");
        timers.advance(Duration.ofSeconds(10));
        Session second = broker.session();
        second.answer(second.next(Packet.Connect.class));
        second.connection.flush();
        Packet.Publish publish = second.next(Packet.Publish.class);
        assertThat(text(publish)).isEqualTo("long");
        assertThat(publish.properties().number(Property.MESSAGE_EXPIRY_INTERVAL, -1))
                .isEqualTo(2);
        assertThat(second.next(Packet.Publish.class).properties().has(Property.MESSAGE_EXPIRY_INTERVAL))
                .isFalse();
        assertThat(shortLived)
                .failsWithin(SOON)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(WaitTimeoutException.class)
                .withMessageContaining("10 seconds")
                .withMessageContaining("not sent");
        assertThat(longLived).succeedsWithin(SOON);
        assertThat(without).succeedsWithin(SOON);
        publisher.publish(expiring("at once", 0));
        assertThat(second.next(Packet.Publish.class).properties().number(Property.MESSAGE_EXPIRY_INTERVAL, -1))
                .isZero();
        publisher.close();
    }

    private static Message expiring(String text, int seconds) {
        return Message.builder("t")
                .payload(text)
                .expiry(Duration.ofSeconds(seconds))
                .build();
    }

    @Test
    void shouldNotDropForItsExpiryWhatTheSessionHas() {
        ManualTimers timers = new ManualTimers();
        broker.resuming();
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        Publisher publisher = broker.publisher(timers)
                .clientId("p")
                .sessionExpiry(Duration.ofHours(1))
                .reconnect(new Reconnect(Duration.ofSeconds(10), Duration.ofSeconds(10), 1))
                .open();
        Session first = broker.session();
        CompletableFuture<Void> call = publisher.publishAsync(expiring("x", 3));
        int id = id(first.next(Packet.Publish.class));
        first.breakOff();
        await().atMost(SOON).until(() -> publisher.state() == ConnectionState.RECONNECTING);
        timers.advance(Duration.ofSeconds(10));
        Session second = broker.session();
        Packet.Publish again = second.next(Packet.Publish.class);
        assertThat(again.properties().number(Property.MESSAGE_EXPIRY_INTERVAL, -1))
                .isZero();
        second.send(pubAck(id, ReasonCode.SUCCESS));
        assertThat(call).succeedsWithin(SOON);
        publisher.close();
    }
}
