package dev.recado.core.client;

import static dev.recado.core.client.ScriptedBroker.ack;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.Message;
import dev.recado.MqttVersion;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.Subscriber;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** MQTT 5, sections 3.3 to 3.7, as far as they bind a client. */
class ClientStatementsV5PublishTest extends ClientStatements {

    ClientStatementsV5PublishTest() {
        super(MqttVersion.V5);
    }

    @Test
    void required_v5_3_3_1_1_dupShouldBeSetWhenSentAgain() {
        sendsAgainWhatIsUnacknowledged(QoS.AT_LEAST_ONCE);
    }

    @Test
    void required_v5_3_3_1_2_dupShouldBeZeroAtQos0() {
        neverSetsDupAtQos0();
    }

    @Test
    void required_v5_3_3_1_4_qos3ShouldBeRefused() {
        subscriberRefuses(ReasonCode.MALFORMED_PACKET, publish(6, utf8("t"), 0, 1, 0));
    }

    @Test
    void required_v5_3_3_2_1_topicShouldComeFirst() {
        assertThat(rawPublish(message(QoS.EXACTLY_ONCE, "x"))).startsWith("34 07 00 01 74");
    }

    @Test
    void required_v5_3_3_2_2_wildcardsShouldBeRefused() {
        refusesWildcardsInTopicNames();
    }

    @Test
    void required_v5_3_3_2_7_aliasesShouldEndWithTheirConnection() {
        broker.accepting(
                Properties.builder().set(Property.TOPIC_ALIAS_MAXIMUM, 3).build());
        try (Publisher publisher = publisher().topic("a long topic name").open()) {
            publisher.publish("x");
            broker.session().breakOff();
            publisher.publish("y");
            Session second = broker.session();
            assertThat(second.next(Packet.Publish.class).topic()).isEqualTo("a long topic name");
        }
    }

    @Test
    void required_v5_3_3_2_8_aliasZeroShouldBeRefused() {
        subscriberRefuses(ReasonCode.TOPIC_ALIAS_INVALID, publish(0, utf8("t"), 3, 0x23, 0, 0));
    }

    @Test
    void required_v5_3_3_2_9_aliasOverTheMaximumShouldBeRefused() {
        subscriberRefuses(ReasonCode.TOPIC_ALIAS_INVALID, publish(0, utf8("t"), 3, 0x23, 0xFF, 0xFF));
    }

    @Test
    void required_v5_3_3_2_10_aliasesUpToTheMaximumShouldBeTaken() {
        try (Subscriber subscriber = subscriber().open()) {
            Session session = broker.session();
            int max = (int) session.next(Packet.Connect.class).properties().number(Property.TOPIC_ALIAS_MAXIMUM, 0);
            for (int alias = 1; alias <= max; alias++) {
                session.sendRaw(publish(0, utf8("t" + alias), 3, 0x23, 0, alias));
                session.sendRaw(publish(0, utf8(""), 3, 0x23, 0, alias));
                assertThat(subscriber.receive(SOON)).map(Message::topic).contains("t" + alias);
                assertThat(subscriber.receive(SOON)).map(Message::topic).contains("t" + alias);
            }
            assertThat(max).isPositive();
        }
    }

    @Test
    void required_v5_3_3_2_13_responseTopicShouldBeUtf8() {
        subscriberRefuses(
                ReasonCode.MALFORMED_PACKET,
                publish(0, utf8("t"), 6, 0x08, 0, 3, SURROGATE[0], SURROGATE[1], SURROGATE[2]));
    }

    @Test
    void required_v5_3_3_2_14_responseTopicShouldHaveNoWildcard() {
        try (Publisher publisher = publisher().open()) {
            assertThatThrownBy(() -> publisher.publish(
                            Message.builder("t").responseTopic("a/#").build()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        broker.session();
        subscriberRefuses(ReasonCode.TOPIC_NAME_INVALID, publish(0, utf8("t"), 4, 0x08, 0, 1, '#'));
    }

    @Test
    void required_v5_3_3_2_19_contentTypeShouldBeUtf8() {
        subscriberRefuses(
                ReasonCode.MALFORMED_PACKET,
                publish(0, utf8("t"), 6, 0x03, 0, 3, SURROGATE[0], SURROGATE[1], SURROGATE[2]));
    }

    @Test
    void required_v5_3_3_4_1_messagesShouldBeAnsweredAsTheirQosDemands() {
        answersAsTheQosDemands();
    }

    @Test
    void required_v5_3_3_4_6_noSubscriptionIdentifierShouldBeSent() {
        try (Publisher publisher = publisher().open()) {
            publisher.publish(Message.builder("t").userProperty("a", "1").build());
            assertThat(broker.session().next(Packet.Publish.class).properties().has(Property.SUBSCRIPTION_IDENTIFIER))
                    .isFalse();
        }
    }

    @Test
    void required_v5_3_3_4_7_receiveMaximumShouldBeKept() {
        ignoring(PacketType.PUBLISH, PacketType.PUBREL);
        broker.accepting(Properties.builder().set(Property.RECEIVE_MAXIMUM, 2).build());
        try (Publisher publisher = publisher().open()) {
            Session session = broker.session();
            for (int i = 0; i < 4; i++) {
                publisher.publishAsync(message(QoS.of(1 + i % 2), "m" + i));
            }
            int first = session.next(Packet.Publish.class).packetId();
            int second = session.next(Packet.Publish.class).packetId();
            // Two, for what the first one set free would have been sent before the answer to the second.
            for (int i = 0; i < 2; i++) {
                session.send(ack(PacketType.PUBREC, second));
                assertThat(session.next(Packet.Ack.class)).isEqualTo(ack(PacketType.PUBREL, second));
            }
            assertThat(session.count(Packet.Publish.class)).isZero();
            broker.onAsUsual(PacketType.PUBLISH);
            broker.onAsUsual(PacketType.PUBREL);
            session.send(ack(PacketType.PUBACK, first));
            assertThat(ScriptedBroker.text(session.next(Packet.Publish.class))).isEqualTo("m2");
            session.send(ack(PacketType.PUBCOMP, second));
        }
    }

    @Test
    void required_v5_3_3_4_8_usedUpReceiveMaximumShouldHoldBackPublishAlone() {
        ignoring(PacketType.PUBLISH);
        broker.accepting(Properties.builder().set(Property.RECEIVE_MAXIMUM, 1).build());
        Publisher publisher =
                broker.publisher(timers).timeout(Duration.ofHours(1)).open();
        Session session = broker.session();
        publisher.publishAsync("1");
        publisher.publishAsync("2");
        int first = session.next(Packet.Publish.class).packetId();
        timers.advance(Duration.ofSeconds(60));
        session.next(Packet.PingReq.class);
        assertThat(session.count(Packet.Publish.class)).isZero();
        broker.onAsUsual(PacketType.PUBLISH);
        session.send(ack(PacketType.PUBACK, first));
        publisher.close();
    }

    @Test
    void required_v5_3_4_2_1_pubAckCodesShouldBeOfTheList() {
        publisherRefuses(ReasonCode.PROTOCOL_ERROR, 0x40, 3, 0, 1, 0x01);
    }

    @Test
    void required_v5_3_4_2_2_pubAckShouldHaveNoReasonString() {
        assertThat(rawAnswer(QoS.AT_LEAST_ONCE, PacketType.PUBACK)).isEqualTo("40 02 00 07");
    }

    @Test
    void required_v5_3_4_2_3_pubAckShouldHaveNoUserProperty() {
        assertThat(rawAnswer(QoS.AT_LEAST_ONCE, PacketType.PUBACK)).isEqualTo("40 02 00 07");
    }

    @Test
    void required_v5_3_5_2_1_pubRecCodesShouldBeOfTheList() {
        publisherRefuses(ReasonCode.PROTOCOL_ERROR, 0x50, 3, 0, 1, 0x92);
    }

    @Test
    void required_v5_3_5_2_2_pubRecShouldHaveNoReasonString() {
        assertThat(rawAnswer(QoS.EXACTLY_ONCE, PacketType.PUBREC)).isEqualTo("50 02 00 07");
    }

    @Test
    void required_v5_3_5_2_3_pubRecShouldHaveNoUserProperty() {
        assertThat(rawAnswer(QoS.EXACTLY_ONCE, PacketType.PUBREC)).isEqualTo("50 02 00 07");
    }

    @Test
    void required_v5_3_6_1_1_pubRelFlagsShouldBeTwo() {
        assertThat(rawPubRel()).startsWith("62 02");
        subscriberRefuses(ReasonCode.MALFORMED_PACKET, 0x60, 2, 0, 1);
    }

    @Test
    void required_v5_3_6_2_1_pubRelCodesShouldBeOfTheList() {
        subscriberRefuses(ReasonCode.PROTOCOL_ERROR, 0x62, 3, 0, 1, 0x80);
    }

    @Test
    void required_v5_3_6_2_2_pubRelShouldHaveNoReasonString() {
        assertThat(rawPubRel()).isEqualTo("62 02 00 01");
    }

    @Test
    void required_v5_3_6_2_3_pubRelShouldHaveNoUserProperty() {
        assertThat(rawPubRel()).isEqualTo("62 02 00 01");
    }

    @Test
    void required_v5_3_7_2_1_pubCompCodesShouldBeOfTheList() {
        publisherRefuses(ReasonCode.PROTOCOL_ERROR, 0x70, 3, 0, 1, 0x80);
    }

    @Test
    void required_v5_3_7_2_2_pubCompShouldHaveNoReasonString() {
        assertThat(rawAnswer(QoS.EXACTLY_ONCE, PacketType.PUBCOMP)).isEqualTo("70 02 00 07");
    }

    @Test
    void required_v5_3_7_2_3_pubCompShouldHaveNoUserProperty() {
        assertThat(rawAnswer(QoS.EXACTLY_ONCE, PacketType.PUBCOMP)).isEqualTo("70 02 00 07");
    }
}
