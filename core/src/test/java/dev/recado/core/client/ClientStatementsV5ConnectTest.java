package dev.recado.core.client;

import static dev.recado.core.client.ScriptedBroker.ack;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.ConnectionFailedException;
import dev.recado.Message;
import dev.recado.MqttVersion;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.RefusedException;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** MQTT 5, sections 3.1 and 3.2, as far as they bind a client. */
class ClientStatementsV5ConnectTest extends ClientStatements {

    ClientStatementsV5ConnectTest() {
        super(MqttVersion.V5);
    }

    @Test
    void required_v5_3_1_0_1_connectShouldBeTheFirstPacket() {
        sendsConnectFirst();
    }

    @Test
    void required_v5_3_1_2_1_protocolNameShouldBeMqtt() {
        assertThat(rawConnect(publisher())).matches("10 .. 00 04 4D 51 54 54 05 .*");
    }

    @Test
    void required_v5_3_1_2_4_cleanStartShouldBeginAfresh() {
        beginsAfreshAfterACleanStart();
    }

    @Test
    void required_v5_3_1_2_9_willFlagShouldComeWithTheWillFields() {
        assertThat(rawConnect(publisher()
                        .clientId("p")
                        .will(Message.builder("w")
                                .qos(QoS.EXACTLY_ONCE)
                                .retained(true)
                                .payload("x")
                                .build())))
                .endsWith("00 01 70 00 00 01 77 00 01 78");
    }

    @Test
    void required_v5_3_1_2_11_willQosShouldBeZeroWithoutAWill() {
        assertThat(rawConnect(publisher())).matches("10 .. 00 04 4D 51 54 54 05 02 .*");
    }

    @Test
    void required_v5_3_1_2_12_willQosShouldBeThatOfTheWill() {
        assertThat(rawConnect(publisher()
                        .will(Message.builder("w")
                                .qos(QoS.EXACTLY_ONCE)
                                .retained(true)
                                .payload("x")
                                .build())))
                .matches("10 .. 00 04 4D 51 54 54 05 36 .*");
    }

    @Test
    void required_v5_3_1_2_13_willRetainShouldBeZeroWithoutAWill() {
        assertThat(rawConnect(subscriber().will(Message.of("w", "x")))).matches("10 .. 00 04 4D 51 54 54 05 0E .*");
        assertThat(rawConnect(subscriber())).matches("10 .. 00 04 4D 51 54 54 05 02 .*");
    }

    @Test
    void required_v5_3_1_2_16_noUserNameShouldFollowWithoutItsFlag() {
        assertThat(rawConnect(publisher().clientId("p"))).matches("10 .. 00 04 4D 51 54 54 05 02 .* 00 01 70");
    }

    @Test
    void required_v5_3_1_2_17_userNameShouldFollowItsFlag() {
        assertThat(rawConnect(withUserNameAlone()))
                .matches("10 .. 00 04 4D 51 54 54 05 82 .*")
                .endsWith("00 01 70 00 03 61 6E 61");
    }

    @Test
    void required_v5_3_1_2_18_noPasswordShouldFollowWithoutItsFlag() {
        assertThat(rawConnect(publisher().clientId("p").will(Message.of("w", "x"))))
                .endsWith("00 01 70 00 00 01 77 00 01 78");
    }

    @Test
    void required_v5_3_1_2_19_passwordShouldFollowItsFlag() {
        assertThat(rawConnect(withPasswordAlone()))
                .matches("10 .. 00 04 4D 51 54 54 05 42 .*")
                .endsWith("00 01 70 00 01 78");
        assertThat(rawConnect(publisher().clientId("p").credentials("ana", "x")))
                .matches("10 .. 00 04 4D 51 54 54 05 C2 .*")
                .endsWith("00 01 70 00 03 61 6E 61 00 01 78");
    }

    @Test
    void required_v5_3_1_2_20_pingShouldFollowSilence() {
        pingsWhenIdle();
    }

    @Test
    void required_v5_3_1_2_21_serverKeepAliveShouldOverride() {
        broker.accepting(Properties.builder().set(Property.SERVER_KEEP_ALIVE, 7).build());
        Publisher publisher =
                broker.publisher(timers).keepAlive(Duration.ofSeconds(60)).open();
        Session session = broker.session();
        timers.advance(Duration.ofSeconds(7));
        session.next(Packet.PingReq.class);
        publisher.close();
    }

    @Test
    void required_v5_3_1_2_23_sessionStateShouldOutliveTheConnection() {
        sendsAgainWhatIsUnacknowledged(QoS.AT_LEAST_ONCE);
    }

    @Test
    void required_v5_3_1_2_30_nothingButAuthShouldComeBeforeConnAck() {
        broker.on(PacketType.CONNECT, (session, packet) -> session.send(Riddle.auth("1")));
        ignoring(PacketType.AUTH);
        CompletableFuture<Void> opening = Background.run(
                () -> subscriber().authentication(new Riddle()).open().close());
        Session session = broker.session();
        assertThat(session.next(Packet.Auth.class)).isEqualTo(Riddle.auth("1!"));
        session.send(Riddle.auth("2"));
        assertThat(session.next(Packet.Auth.class)).isEqualTo(Riddle.auth("2!"));
        assertThat(session.count(Packet.class)).isZero();
        session.send(Riddle.accepting(Riddle.METHOD, "bye"));
        session.next(Packet.Subscribe.class);
        assertThat(opening).succeedsWithin(SOON);
    }

    @Test
    void required_v5_3_1_3_1_payloadFieldsShouldBeInTheirOrder() {
        assertThat(rawConnect(publisher().clientId("p").will(Message.of("w", "x"), Duration.ofSeconds(5))))
                .endsWith("00 01 70 05 18 00 00 00 05 00 01 77 00 01 78");
    }

    @Test
    void required_v5_3_1_3_2_clientIdShouldIdentifyTheSession() {
        rejoinsItsSessionUnderItsName();
    }

    @Test
    void required_v5_3_1_3_3_clientIdShouldBeThereThoughEmpty() {
        assertThat(rawConnect(publisher())).endsWith("00 00");
    }

    @Test
    void required_v5_3_1_3_4_clientIdShouldBeUtf8() {
        assertThatThrownBy(() -> publisher().clientId("\uD800").open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Client Identifier");
    }

    @Test
    void required_v5_3_1_3_11_willTopicShouldBeUtf8() {
        assertThatThrownBy(() -> publisher().will(Message.of("\uD800", "x")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void required_v5_3_1_3_12_userNameShouldBeUtf8() {
        refusesUserNamesThatAreNoUtf8();
    }

    @Test
    void required_v5_3_2_2_1_reservedConnAckFlagsShouldBeRefused() {
        refusesConnAck(ReasonCode.MALFORMED_PACKET, 0x20, 3, 2, 0, 0);
    }

    @Test
    void required_v5_3_2_2_4_sessionPresentWithoutStateShouldCloseTheConnection() {
        refusesConnAck(ReasonCode.PROTOCOL_ERROR, 0x20, 3, 1, 0, 0);
    }

    @Test
    void required_v5_3_2_2_5_sessionStateShouldGoWithTheServers() {
        ignoring(PacketType.PUBLISH, PacketType.PUBREL);
        try (Publisher publisher =
                publisher().clientId("p").sessionExpiry(Duration.ofHours(1)).open()) {
            Session first = broker.session();
            CompletableFuture<Void> call = publisher.publishAsync(message(QoS.EXACTLY_ONCE, "x"));
            first.send(ack(PacketType.PUBREC, first.next(Packet.Publish.class).packetId()));
            first.next(Packet.Ack.class);
            first.breakOff();
            // The answer to the second CONNECT has Session Present 0.
            Session second = broker.session();
            assertThat(second.next(Packet.Connect.class).cleanStart()).isFalse();
            assertThat(call)
                    .failsWithin(SOON)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(ConnectionFailedException.class);
            broker.onAsUsual(PacketType.PUBLISH);
            publisher.publish(message(QoS.AT_LEAST_ONCE, "new"));
            assertThat(second.count(Packet.Ack.class)).as("PUBRELs").isZero();
            assertThat(second.next(Packet.Publish.class).dup()).isFalse();
        }
    }

    @Test
    void required_v5_3_2_2_11_maximumQosShouldBeKept() {
        broker.accepting(Properties.builder().set(Property.MAXIMUM_QOS, 1).build());
        try (Publisher publisher = publisher().open()) {
            assertThatThrownBy(() -> publisher.publish(message(QoS.EXACTLY_ONCE, "x")))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("MQTT-3.2.2-11");
            publisher.publish(message(QoS.AT_LEAST_ONCE, "y"));
            assertThat(broker.session().next(Packet.Publish.class).qos()).isEqualTo(QoS.AT_LEAST_ONCE);
        }
    }

    @Test
    void required_v5_3_2_2_14_nothingShouldBeRetainedWhereTheServerDoesNot() {
        broker.accepting(Properties.builder().set(Property.RETAIN_AVAILABLE, 0).build());
        assertThatThrownBy(() -> publisher().retain(true).open())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("MQTT-3.2.2-14");
        assertThat(broker.session().count(Packet.Publish.class)).isZero();
    }

    @Test
    void required_v5_3_2_2_15_maximumPacketSizeShouldBeKept() {
        broker.accepting(
                Properties.builder().set(Property.MAXIMUM_PACKET_SIZE, 50).build());
        try (Publisher publisher = publisher().open()) {
            for (int size = 35; size < 60; size++) {
                byte[] payload = new byte[size];
                if (size <= 42) {
                    publisher.publish(payload);
                } else {
                    assertThatThrownBy(() -> publisher.publish(payload))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("MQTT-3.2.2-15");
                }
            }
            Session session = broker.session();
            for (int i = 35; i <= 42; i++) {
                assertThat(session.nextRaw(PacketType.PUBLISH).split(" ")).hasSizeLessThanOrEqualTo(50);
            }
            assertThat(session.count(Packet.Publish.class)).isEqualTo(8);
        }
    }

    @Test
    void required_v5_3_2_2_17_aliasesShouldStayUnderTheServersMaximum() {
        broker.accepting(
                Properties.builder().set(Property.TOPIC_ALIAS_MAXIMUM, 3).build());
        try (Publisher publisher = publisher().topicsUnder("#").open()) {
            for (int i = 0; i < 20; i++) {
                publisher.publish("topic " + i % 10, "x");
            }
            Session session = broker.session();
            for (int i = 0; i < 20; i++) {
                assertThat(session.next(Packet.Publish.class).properties().number(Property.TOPIC_ALIAS, 0))
                        .isLessThanOrEqualTo(3);
            }
        }
    }

    @Test
    void required_v5_3_2_2_18_noAliasShouldBeUsedWithoutAMaximum() {
        try (Publisher publisher = publisher().topicsUnder("#").open()) {
            publisher.publish("a long topic name", "x");
            publisher.publish("a long topic name", "x");
            Session session = broker.session();
            session.next(Packet.Publish.class);
            assertThat(session.next(Packet.Publish.class).properties()).isEqualTo(Properties.NONE);
        }
    }

    @Test
    void required_v5_3_2_2_21_serverKeepAliveShouldBeWorkedTo() {
        broker.accepting(
                Properties.builder().set(Property.SERVER_KEEP_ALIVE, 90).build());
        Publisher publisher =
                broker.publisher(timers).keepAlive(Duration.ofSeconds(60)).open();
        Session session = broker.session();
        timers.advance(Duration.ofSeconds(89));
        assertThat(session.count(Packet.PingReq.class)).isZero();
        timers.advance(Duration.ofSeconds(1));
        session.next(Packet.PingReq.class);
        publisher.close();
    }
}
