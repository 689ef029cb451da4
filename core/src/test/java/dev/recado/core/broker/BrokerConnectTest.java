package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static dev.recado.QoS.AT_MOST_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BrokerConnectTest {

    private final BrokerFixture fixture =
            new BrokerFixture(builder -> builder.limits(limits -> limits.maxConnections(3)));

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void shouldAnnounceItsLimitsAndItself() {
        WireClient client = fixture.open();

        client.send(BrokerFixture.connectPacket("c", Properties.NONE));

        Packet.ConnAck connAck = client.expect(Packet.ConnAck.class);
        assertThat(connAck.reasonCode()).isEqualTo(ReasonCode.SUCCESS);
        assertThat(connAck.sessionPresent()).isFalse();
        assertThat(connAck.properties().number(Property.RECEIVE_MAXIMUM, -1)).isEqualTo(1024);
        assertThat(connAck.properties().number(Property.MAXIMUM_PACKET_SIZE, -1))
                .isEqualTo(16 * 1024 * 1024);
        assertThat(connAck.properties().number(Property.TOPIC_ALIAS_MAXIMUM, -1))
                .isEqualTo(64);
        assertThat(connAck.properties().has(Property.MAXIMUM_QOS)).isFalse();
        assertThat(connAck.properties().has(Property.SESSION_EXPIRY_INTERVAL)).isFalse();
        assertThat(connAck.properties().has(Property.ASSIGNED_CLIENT_IDENTIFIER))
                .isFalse();
        assertThat(connAck.properties().userProperties())
                .anySatisfy(property -> assertThat(property.name()).isEqualTo("recado"));
    }

    @Test
    void shouldGiveResponseInformationToThoseWhoAskForIt() {
        try (BrokerFixture answering = new BrokerFixture(builder -> builder.responseInformation("answers/"))) {
            Packet.Connect asking = BrokerFixture.connectPacket(
                    "asking",
                    Properties.builder()
                            .set(Property.REQUEST_RESPONSE_INFORMATION, 1)
                            .build());
            Packet.ConnAck answer = answering.open().send(asking).expect(Packet.ConnAck.class);
            assertThat(answer.properties().text(Property.RESPONSE_INFORMATION)).isEqualTo("answers/");

            Packet.Connect silent = BrokerFixture.connectPacket("silent", Properties.NONE);
            answer = answering.open().send(silent).expect(Packet.ConnAck.class);
            assertThat(answer.properties().has(Property.RESPONSE_INFORMATION)).isFalse();
        }
    }

    @Test
    void shouldAssignEachNamelessClientAnIdentifierOfItsOwn() {
        WireClient one = fixture.open().send(BrokerFixture.connectPacket("", Properties.NONE));
        WireClient two = fixture.open().send(BrokerFixture.connectPacket("", Properties.NONE));

        String first = one.expect(Packet.ConnAck.class).properties().text(Property.ASSIGNED_CLIENT_IDENTIFIER);
        String second = two.expect(Packet.ConnAck.class).properties().text(Property.ASSIGNED_CLIENT_IDENTIFIER);

        assertThat(first).isNotBlank().isNotEqualTo(second);
        assertThat(fixture.broker.clients())
                .extracting(client -> client.clientId())
                .contains(first, second);
    }

    @Test
    void shouldCloseWithoutAWordWhenTheFirstPacketIsNotConnect() {
        WireClient client = fixture.open();

        client.send(new Packet.PingReq());

        client.expectClosed();
        assertThat(fixture.broker.stats().refusals()).isEqualTo(1);
    }

    @Test
    void shouldEndAConnectionThatSendsASecondConnect() {
        WireClient client = fixture.connect("c");

        client.send(BrokerFixture.connectPacket("c", Properties.NONE));

        client.expectDisconnect(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void shouldNameTheReasonWhenTheVersionIsUnknown() {
        WireClient client = fixture.open();

        client.sendBytes(0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 6, 2, 0, 0, 0, 0, 0);

        assertThat(client.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
        client.expectClosed();
    }

    @Test
    void shouldAnswerAMalformedConnectOfMqtt5() {
        WireClient client = fixture.open();

        // Connect Flags with the reserved bit set (MQTT-3.1.2-3)
        client.sendBytes(0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 5, 3, 0, 0, 0, 0, 0);

        assertThat(client.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.MALFORMED_PACKET);
        client.expectClosed();
    }

    @Test
    void shouldCloseSilentlyOnAMalformedConnectOfMqtt311() {
        WireClient client = fixture.open();

        client.sendBytes(0x10, 12, 0, 4, 'M', 'Q', 'T', 'T', 4, 3, 0, 0, 0, 0);

        client.expectClosed();
    }

    @Test
    void shouldRefuseAnEmptyIdentifierWithAStoredSessionInMqtt311() {
        WireClient client = fixture.open();

        client.send(new Packet.Connect(ProtocolVersion.MQTT_3_1_1, false, 0, Properties.NONE, "", null, null, null));

        assertThat(client.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
        client.expectClosed();
    }

    @Test
    void shouldHandOverTheNameToTheClientWhoComesSecond() {
        WireClient first = fixture.connect("name");
        first.subscribe(AT_MOST_ONCE, "t");

        WireClient second = fixture.connect("name");

        first.expectDisconnect(ReasonCode.SESSION_TAKEN_OVER);
        second.publish("t", "x", AT_MOST_ONCE, false);
        second.expectNothing();
        assertThat(fixture.broker.clients()).hasSize(1);
        assertThat(fixture.broker.stats().subscriptions()).isZero();
    }

    @Test
    void shouldRefuseConnectionsOverTheLimit() {
        fixture.connect("1");
        fixture.connect("2");
        WireClient third = fixture.connect("3");
        WireClient fourth = fixture.open().send(BrokerFixture.connectPacket("4", Properties.NONE));

        Packet.ConnAck connAck = fourth.expect(Packet.ConnAck.class);
        assertThat(connAck.reasonCode()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        assertThat(connAck.properties().text(Property.REASON_STRING)).contains("3");
        fourth.expectClosed();

        third.send(new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE)).expectClosed();
        fixture.connect("4");
    }

    @Test
    void shouldEndAConnectionThatNeverConnects() {
        WireClient client = fixture.open();

        fixture.advance(Duration.ofSeconds(9));
        assertThat(client.isClosed()).isFalse();
        fixture.advance(Duration.ofSeconds(2));

        client.expectClosed();
    }

    @Test
    void shouldEndASilentClientAfterOneAndAHalfTimesItsKeepAlive() {
        WireClient client = fixture.connect(
                new Packet.Connect(ProtocolVersion.MQTT_5, true, 10, Properties.NONE, "c", null, null, null));

        fixture.advance(Duration.ofSeconds(14));
        client.send(new Packet.PingReq()).expect(Packet.PingResp.class);
        fixture.advance(Duration.ofSeconds(14));
        assertThat(client.isClosed()).isFalse();
        fixture.advance(Duration.ofSeconds(2));

        client.expectDisconnect(ReasonCode.KEEP_ALIVE_TIMEOUT);
    }

    @Test
    void shouldNotAskForSignsOfLifeWithoutKeepAlive() {
        WireClient client = fixture.connect("c");

        fixture.advance(Duration.ofDays(1));

        client.send(new Packet.PingReq()).expect(Packet.PingResp.class);
    }

    @Test
    void shouldRefuseEnhancedAuthentication() {
        WireClient client = fixture.open();

        client.send(BrokerFixture.connectPacket(
                "c",
                Properties.builder().set(Property.AUTHENTICATION_METHOD, "X").build()));

        assertThat(client.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.BAD_AUTHENTICATION_METHOD);
        client.expectClosed();
    }

    @Test
    void shouldDisconnectAClientByNameWithTheReasonGiven() {
        WireClient client = fixture.connect("c");
        WireClient old = fixture.connect311("old");

        assertThat(fixture.broker.disconnect("c", ReasonCode.ADMINISTRATIVE_ACTION))
                .isTrue();
        assertThat(fixture.broker.disconnect("old", ReasonCode.ADMINISTRATIVE_ACTION))
                .isTrue();
        assertThat(fixture.broker.disconnect("nobody", ReasonCode.ADMINISTRATIVE_ACTION))
                .isFalse();

        client.expectDisconnect(ReasonCode.ADMINISTRATIVE_ACTION);
        old.expectClosed();
        assertThat(fixture.broker.clients()).isEmpty();
    }

    @Test
    void shouldPublishTheWillOfAClientThatGoesWithoutGoodbye() {
        WireClient watcher = fixture.connect("watcher");
        watcher.subscribe(AT_LEAST_ONCE, "wills/#");
        WireClient dying = fixture.connect(withWill("dying"));
        WireClient polite = fixture.connect(withWill("polite"));

        polite.send(new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE));
        dying.connection.abort();
        fixture.settle();

        Packet.Publish will = watcher.expectMessage("wills/dying", "gone");
        assertThat(will.properties().text(Property.CONTENT_TYPE)).isEqualTo("text/plain");
        watcher.expectNothing();
        assertThat(fixture.connect("late").subscribe(AT_MOST_ONCE, "wills/#")).hasSize(1);
    }

    private static Packet.Connect withWill(String clientId) {
        Properties properties =
                Properties.builder().set(Property.CONTENT_TYPE, "text/plain").build();
        ByteBuffer payload = ByteBuffer.wrap("gone".getBytes(StandardCharsets.UTF_8));
        Packet.Will will = new Packet.Will(QoS.AT_LEAST_ONCE, true, properties, "wills/" + clientId, payload);
        return new Packet.Connect(ProtocolVersion.MQTT_5, true, 0, Properties.NONE, clientId, will, null, null);
    }
}
