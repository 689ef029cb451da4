package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static dev.recado.QoS.AT_MOST_ONCE;
import static dev.recado.QoS.EXACTLY_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.QueuePolicy;
import dev.recado.ReasonCode;
import dev.recado.RolePolicy;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions that outlive their connection. */
class BrokerSessionTest {

    private final BrokerFixture fixture = new BrokerFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    private WireClient resume(String clientId, boolean present) {
        return resume(fixture, BrokerFixture.resume(clientId, 60), present);
    }

    private static WireClient resume(BrokerFixture fixture, Packet.Connect connect, boolean present) {
        WireClient client = fixture.open().send(connect);
        Packet.ConnAck answer = client.expect(Packet.ConnAck.class);
        assertThat(answer.reasonCode()).isEqualTo(ReasonCode.SUCCESS);
        assertThat(answer.sessionPresent()).isEqualTo(present);
        return client;
    }

    @Test
    void shouldKeepSubscriptionsAndMessagesForAClientThatIsAway() {
        WireClient away = resume("s", false);
        away.subscribe(AT_LEAST_ONCE, "a");
        away.cut();
        WireClient publisher = fixture.connect("p");
        publisher.publish("a", "1", AT_LEAST_ONCE, false).expectAnswer(PacketType.PUBACK, 7, ReasonCode.SUCCESS);
        publisher.publish("a", "lost", AT_MOST_ONCE, false);
        publisher.publish("a", "2", EXACTLY_ONCE, false).expectAnswer(PacketType.PUBREC, 7, ReasonCode.SUCCESS);

        WireClient back = resume("s", true);

        assertThat(back.expectMessage("a", "1").dup()).isFalse();
        assertThat(back.expectMessage("a", "2").qos()).isEqualTo(AT_LEAST_ONCE);
        publisher.publish("a", "3", AT_MOST_ONCE, false);
        back.expectMessage("a", "3");
        assertThat(fixture.broker.stats().messagesDropped()).isEqualTo(1);
        assertThat(fixture.broker.stats().messagesQueued()).isZero();
    }

    @Test
    void shouldSendWhatWasUnacknowledgedAgainInItsOrderAndBeforeAllElse() {
        WireClient first = resume("s", false);
        first.subscribe(EXACTLY_ONCE, "#");
        WireClient publisher = fixture.connect("p");
        publisher.publish("a", "1", AT_LEAST_ONCE, false);
        publisher.publish("a", "2", EXACTLY_ONCE, false).answer(PacketType.PUBREL, 7);
        publisher.publish("a", "3", EXACTLY_ONCE, false).answer(PacketType.PUBREL, 7);
        publisher.publish("a", "4", AT_LEAST_ONCE, false);
        Packet.Publish one = first.expectMessage("a", "1");
        Packet.Publish two = first.expectMessage("a", "2");
        Packet.Publish three = first.expectMessage("a", "3");
        Packet.Publish four = first.expectMessage("a", "4");
        first.answer(PacketType.PUBREC, two.packetId())
                .expectAnswer(PacketType.PUBREL, two.packetId(), ReasonCode.SUCCESS);
        first.acknowledge(four.packetId());
        first.cut();
        publisher.publish("a", "5", AT_LEAST_ONCE, false);

        WireClient second = resume("s", true);

        Packet.Publish again = second.expectMessage("a", "1");
        assertThat(again.dup()).isTrue();
        assertThat(again.packetId()).isEqualTo(one.packetId());
        second.expectAnswer(PacketType.PUBREL, two.packetId(), ReasonCode.SUCCESS);
        again = second.expectMessage("a", "3");
        assertThat(again.dup()).isTrue();
        assertThat(again.packetId()).isEqualTo(three.packetId());
        assertThat(second.expectMessage("a", "5").dup()).isFalse();
        second.expectNothing();
    }

    @Test
    void shouldHoldToTheReceiveMaximumOfEachConnection() {
        WireClient first = resume("s", false);
        first.subscribe(AT_LEAST_ONCE, "a");
        WireClient publisher = fixture.connect("p");
        for (int i = 1; i <= 3; i++) {
            publisher.publish("a", "" + i, AT_LEAST_ONCE, false);
        }
        first.drain();
        first.cut();
        publisher.publish("a", "4", AT_LEAST_ONCE, false);

        Properties oneByOne = Properties.builder()
                .set(Property.SESSION_EXPIRY_INTERVAL, 60)
                .set(Property.RECEIVE_MAXIMUM, 1)
                .build();
        WireClient second = resume(fixture, BrokerFixture.resume("s", oneByOne), true);

        for (int i = 1; i <= 4; i++) {
            Packet.Publish message = second.expectMessage("a", "" + i);
            second.expectNothing();
            second.acknowledge(message.packetId());
        }
        second.expectNothing();
    }

    @Test
    void shouldIgnoreAnAcknowledgementThatComesTooLate() {
        WireClient first = resume("s", false);
        first.subscribe(AT_LEAST_ONCE, "a");
        fixture.connect("p").publish("a", "1", AT_LEAST_ONCE, false);
        Packet.Publish message = first.expectMessage("a", "1");
        // Taken over, but its acknowledgement is still on the way.
        WireClient second = resume("s", true);
        first.expectDisconnect(ReasonCode.SESSION_TAKEN_OVER);
        first.acknowledge(message.packetId());

        assertThat(second.expectMessage("a", "1").dup()).isTrue();
        second.cut();
        assertThat(resume("s", true).expectMessage("a", "1").dup()).isTrue();
    }

    @Test
    void shouldEndASessionWhenItExpires() {
        WireClient client = resume("s", false);
        client.subscribe(AT_LEAST_ONCE, "a");
        client.cut();
        fixture.connect("p").publish("a", "1", AT_LEAST_ONCE, false);

        fixture.advance(Duration.ofSeconds(59));
        resume("s", true).cut();
        fixture.advance(Duration.ofSeconds(59));
        assertThat(fixture.broker.stats().subscriptions()).isEqualTo(1);
        fixture.advance(Duration.ofSeconds(1));

        assertThat(fixture.broker.stats().subscriptions()).isZero();
        assertThat(fixture.broker.stats().messagesQueued()).isZero();
        resume("s", false);
    }

    @Test
    void shouldEndTheSessionForACleanStart() {
        WireClient client = resume("s", false);
        client.subscribe(AT_LEAST_ONCE, "a");
        client.cut();

        fixture.connect("s").cut();

        assertThat(fixture.broker.stats().subscriptions()).isZero();
        resume("s", false);
    }

    @Test
    void shouldTakeADifferentExpiryWithTheDisconnect() {
        WireClient client = resume("s", false);
        client.send(new Packet.Disconnect(ReasonCode.SUCCESS, expiry(0)));
        client.expectClosed();
        resume("s", false);

        WireClient clean = fixture.connect("clean");
        clean.send(new Packet.Disconnect(ReasonCode.SUCCESS, expiry(5)));
        clean.expectDisconnect(ReasonCode.PROTOCOL_ERROR);
    }

    private static Properties expiry(long seconds) {
        return Properties.builder()
                .set(Property.SESSION_EXPIRY_INTERVAL, seconds)
                .build();
    }

    @Test
    void shouldGrantNoMoreThanItsLongestExpiryAndSayWhichOne() {
        try (BrokerFixture limited =
                new BrokerFixture(b -> b.limits(l -> l.maxSessionExpiry(Duration.ofSeconds(10))))) {
            WireClient client = limited.open().send(BrokerFixture.resume("s", 60));
            assertThat(client.expect(Packet.ConnAck.class).properties().number(Property.SESSION_EXPIRY_INTERVAL, -1))
                    .isEqualTo(10);
            client.cut();
            limited.advance(Duration.ofSeconds(10));
            resume(limited, BrokerFixture.resume("s", 60), false);
        }
    }

    @Test
    void shouldKeepASessionOfMqtt311UntilACleanOne() {
        Packet.Connect keep =
                new Packet.Connect(ProtocolVersion.MQTT_3_1_1, false, 0, Properties.NONE, "s", null, null, null);
        WireClient client = resume(fixture, keep, false);
        client.subscribe(AT_LEAST_ONCE, "a");
        client.cut();
        fixture.connect("p").publish("a", "1", AT_LEAST_ONCE, false);
        fixture.advance(Duration.ofDays(30));

        resume(fixture, keep, true).expectMessage("a", "1");
        fixture.connect311("s").cut();
        resume(fixture, keep, false);
    }

    @Test
    void shouldDropByThePolicyWhenTheQueueOfAnAbsentClientIsFull() {
        for (QueuePolicy policy : QueuePolicy.values()) {
            try (BrokerFixture limited =
                    new BrokerFixture(b -> b.limits(l -> l.maxQueuedMessages(2).whenQueueFull(policy)))) {
                WireClient client = resume(limited, BrokerFixture.resume("s", 60), false);
                client.subscribe(AT_LEAST_ONCE, "a");
                client.cut();
                WireClient publisher = limited.connect("p");
                for (int i = 1; i <= 4; i++) {
                    publisher.publish("a", "" + i, AT_LEAST_ONCE, false);
                }

                WireClient back = resume(limited, BrokerFixture.resume("s", 60), true);

                List<String> expected = policy == QueuePolicy.DROP_NEWEST ? List.of("1", "2") : List.of("3", "4");
                expected.forEach(text -> back.expectMessage("a", text));
                back.expectNothing();
                assertThat(limited.broker.stats().messagesDropped()).isEqualTo(2);
            }
        }
    }

    @Test
    void shouldMakeRoomInAFullQueueByWhatHasExpired() {
        try (BrokerFixture limited = new BrokerFixture(b -> b.limits(l -> l.maxQueuedMessages(2)))) {
            WireClient client = resume(limited, BrokerFixture.resume("s", 60), false);
            client.subscribe(AT_LEAST_ONCE, "a");
            client.cut();
            WireClient publisher = limited.connect("p");
            publisher.publish("a", "1", AT_LEAST_ONCE, false, messageExpiry(5));
            publisher.publish("a", "2", AT_LEAST_ONCE, false, messageExpiry(20));
            publisher.publish("a", "dropped", AT_LEAST_ONCE, false);
            limited.advance(Duration.ofSeconds(5));
            publisher.publish("a", "3", AT_LEAST_ONCE, false);

            WireClient back = resume(limited, BrokerFixture.resume("s", 60), true);

            assertThat(back.expectMessage("a", "2").properties().number(Property.MESSAGE_EXPIRY_INTERVAL, -1))
                    .isEqualTo(15);
            back.expectMessage("a", "3");
            back.expectNothing();
            assertThat(limited.broker.stats().messagesDropped()).isEqualTo(2);
        }
    }

    private static Properties messageExpiry(int seconds) {
        return Properties.builder()
                .set(Property.MESSAGE_EXPIRY_INTERVAL, seconds)
                .build();
    }

    @Test
    void shouldGoOnWithLastValuesThatTheClientHadNotTaken() {
        WireClient publisher = fixture.connect("p");
        for (String topic : List.of("a", "b", "c")) {
            publisher.publish(topic, topic, AT_LEAST_ONCE, true);
        }
        Properties oneByOne = Properties.builder()
                .set(Property.SESSION_EXPIRY_INTERVAL, 60)
                .set(Property.RECEIVE_MAXIMUM, 1)
                .build();
        WireClient first = resume(fixture, BrokerFixture.resume("s", oneByOne), false);
        first.subscribe(AT_LEAST_ONCE, "+");
        Packet.Publish one = first.expect(Packet.Publish.class);
        first.cut();

        WireClient second = resume("s", true);

        assertThat(second.drain())
                .hasSize(3)
                .extracting(packet -> ((Packet.Publish) packet).topic())
                .doesNotHaveDuplicates()
                .startsWith(one.topic());
    }

    @Test
    void shouldRefuseAClientThatWouldNeedOneSessionTooMany() {
        try (BrokerFixture limited = new BrokerFixture(b -> b.limits(l -> l.maxSessions(1)))) {
            resume(limited, BrokerFixture.resume("s", 60), false).cut();

            WireClient refused = limited.open().send(BrokerFixture.resume("other", 60));

            assertThat(refused.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
            resume(limited, BrokerFixture.resume("s", 60), true);
        }
    }

    @Test
    void shouldHoldAClientToItsExclusiveRoleAsLongAsItsSessionLasts() {
        try (BrokerFixture exclusive = new BrokerFixture(b -> b.roles(RolePolicy.EXCLUSIVE))) {
            WireClient client = resume(exclusive, BrokerFixture.resume("s", 60), false);
            client.subscribe(AT_LEAST_ONCE, "a");
            client.cut();

            WireClient back = resume(exclusive, BrokerFixture.resume("s", 60), true);
            back.publish("a", "x", AT_LEAST_ONCE, false);

            back.expectAnswer(PacketType.PUBACK, 7, ReasonCode.NOT_AUTHORIZED);
        }
    }
}
