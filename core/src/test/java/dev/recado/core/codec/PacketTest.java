package dev.recado.core.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no version of MQTT allows cannot be made. */
class PacketTest {

    private static final Properties NONE = Properties.NONE;
    private static final Properties ALIAS =
            Properties.builder().set(Property.TOPIC_ALIAS, 1).build();
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private static void assertRefused(String mentions, ThrowingCallable code) {
        assertThatIllegalArgumentException().isThrownBy(code).withMessageContaining(mentions);
    }

    private static Packet.Connect connect(int keepAlive, Properties properties, String clientId, String userName) {
        return new Packet.Connect(ProtocolVersion.MQTT_5, true, keepAlive, properties, clientId, null, userName, null);
    }

    private static Packet.Publish publish(boolean dup, QoS qos, String topic, int packetId, Properties properties) {
        return new Packet.Publish(dup, qos, false, topic, packetId, properties, EMPTY);
    }

    @Test
    void shouldRefuseAConnectOutOfRange() {
        assertRefused("65536", () -> connect(65_536, NONE, "", null));
        assertRefused("-1", () -> connect(-1, NONE, "", null));
        assertRefused("TOPIC_ALIAS", () -> connect(0, ALIAS, "", null));
        assertRefused("Client Identifier", () -> connect(0, NONE, "\0", null));
        assertRefused("User Name", () -> connect(0, NONE, "", "\uD800"));
        assertRefused(
                "Password",
                () -> new Packet.Connect(
                        ProtocolVersion.MQTT_5, true, 0, NONE, "", null, "", ByteBuffer.allocate(65_536)));
    }

    @Test
    void shouldRefuseAWillThatCannotBePublished() {
        assertRefused("'#'", () -> new Packet.Will(QoS.AT_MOST_ONCE, false, NONE, "a/#", EMPTY));
        assertRefused("empty", () -> new Packet.Will(QoS.AT_MOST_ONCE, false, NONE, "", EMPTY));
        assertRefused("Will Properties", () -> new Packet.Will(QoS.AT_MOST_ONCE, false, ALIAS, "a", EMPTY));
        assertRefused("65536", () -> new Packet.Will(QoS.AT_MOST_ONCE, false, NONE, "a", ByteBuffer.allocate(65_536)));
    }

    @Test
    void shouldRefuseASessionPresentWithAnError() {
        assertRefused("MQTT-3.2.2-6", () -> new Packet.ConnAck(true, ReasonCode.NOT_AUTHORIZED, NONE));
        assertRefused("CONNACK", () -> new Packet.ConnAck(false, ReasonCode.GRANTED_QOS_1, NONE));
        assertRefused("CONNACK", () -> new Packet.ConnAck(false, ReasonCode.SUCCESS, ALIAS));
    }

    @Test
    void shouldRefuseAPublishThatContradictsItself() {
        assertRefused("MQTT-3.3.1-2", () -> publish(true, QoS.AT_MOST_ONCE, "a", 0, NONE));
        assertRefused("MQTT-2.2.1-2", () -> publish(false, QoS.AT_MOST_ONCE, "a", 1, NONE));
        assertRefused("is 0", () -> publish(false, QoS.AT_LEAST_ONCE, "a", 0, NONE));
        assertRefused("is 65536", () -> publish(false, QoS.EXACTLY_ONCE, "a", 65_536, NONE));
        assertRefused("MQTT-3.3.2-2", () -> publish(false, QoS.AT_MOST_ONCE, "a/+", 0, NONE));
        assertRefused("MQTT-3.3.2-2", () -> publish(false, QoS.AT_MOST_ONCE, "a/+", 0, ALIAS));
        assertRefused("empty", () -> publish(false, QoS.AT_MOST_ONCE, "", 0, NONE));
        assertRefused(
                "PUBLISH",
                () -> publish(
                        false,
                        QoS.AT_MOST_ONCE,
                        "a",
                        0,
                        Properties.builder().set(Property.RECEIVE_MAXIMUM, 1).build()));
        assertThat(publish(false, QoS.AT_MOST_ONCE, "", 0, ALIAS).topic()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65_536, -1})
    void shouldRefuseAPacketIdentifierOutOfRange(int packetId) {
        List<Packet.Subscription> subscriptions =
                List.of(new Packet.Subscription("a", QoS.AT_MOST_ONCE, false, false, 0));
        List<ReasonCode> codes = List.of(ReasonCode.SUCCESS);
        String mentions = "is " + packetId;
        assertRefused(mentions, () -> new Packet.Ack(PacketType.PUBACK, packetId, ReasonCode.SUCCESS, NONE));
        assertRefused(mentions, () -> new Packet.Subscribe(packetId, NONE, subscriptions));
        assertRefused(mentions, () -> new Packet.SubAck(packetId, NONE, codes));
        assertRefused(mentions, () -> new Packet.Unsubscribe(packetId, NONE, List.of("a")));
        assertRefused(mentions, () -> new Packet.UnsubAck(packetId, NONE, codes));
    }

    @Test
    void shouldRefusePropertiesThatBelongElsewhere() {
        List<ReasonCode> codes = List.of(ReasonCode.SUCCESS);
        assertRefused("PUBREL", () -> new Packet.Ack(PacketType.PUBREL, 1, ReasonCode.SUCCESS, ALIAS));
        assertRefused(
                "SUBSCRIBE",
                () -> new Packet.Subscribe(
                        1, ALIAS, List.of(new Packet.Subscription("a", QoS.AT_MOST_ONCE, false, false, 0))));
        assertRefused("SUBACK", () -> new Packet.SubAck(1, ALIAS, codes));
        assertRefused("UNSUBSCRIBE", () -> new Packet.Unsubscribe(1, ALIAS, List.of("a")));
        assertRefused("UNSUBACK", () -> new Packet.UnsubAck(1, ALIAS, codes));
        assertRefused("DISCONNECT", () -> new Packet.Disconnect(ReasonCode.SUCCESS, ALIAS));
        assertRefused("AUTH", () -> new Packet.Auth(ReasonCode.SUCCESS, ALIAS));
    }

    @Test
    void shouldRefuseSeveralSubscriptionIdentifiersInSubscribe() {
        List<Packet.Subscription> subscriptions =
                List.of(new Packet.Subscription("a", QoS.AT_MOST_ONCE, false, false, 0));
        Properties two = Properties.builder()
                .subscriptionIdentifier(1)
                .subscriptionIdentifier(2)
                .build();

        assertRefused("2 times", () -> new Packet.Subscribe(1, two, subscriptions));
        assertThat(publish(false, QoS.AT_MOST_ONCE, "a", 0, two).properties()).isEqualTo(two);
        assertRefused(
                "CONNECT",
                () -> connect(0, Properties.builder().subscriptionIdentifier(1).build(), "", null));
    }

    @Test
    void shouldRefuseReasonCodesThatBelongElsewhere() {
        assertRefused("PUBREL", () -> new Packet.Ack(PacketType.PUBREL, 1, ReasonCode.NO_MATCHING_SUBSCRIBERS, NONE));
        assertRefused("SUBACK", () -> new Packet.SubAck(1, NONE, List.of(ReasonCode.BANNED)));
        assertRefused("UNSUBACK", () -> new Packet.UnsubAck(1, NONE, List.of(ReasonCode.GRANTED_QOS_1)));
        assertRefused("DISCONNECT", () -> new Packet.Disconnect(ReasonCode.BANNED, NONE));
        assertRefused("AUTH", () -> new Packet.Auth(ReasonCode.NOT_AUTHORIZED, NONE));
        assertRefused("SUBACK", () -> new Packet.Ack(PacketType.SUBACK, 1, ReasonCode.SUCCESS, NONE));
    }

    @Test
    void shouldRefuseEmptyLists() {
        assertRefused("MQTT-3.8.3-2", () -> new Packet.Subscribe(1, NONE, List.of()));
        assertRefused("MQTT-3.8.4-6", () -> new Packet.SubAck(1, NONE, List.of()));
        assertRefused("MQTT-3.10.3-2", () -> new Packet.Unsubscribe(1, NONE, List.of()));
    }

    @Test
    void shouldRefuseSubscriptionsThatDoNotExist() {
        assertRefused("is 3", () -> new Packet.Subscription("a", QoS.AT_MOST_ONCE, false, false, 3));
        assertRefused("is -1", () -> new Packet.Subscription("a", QoS.AT_MOST_ONCE, false, false, -1));
        assertRefused("MQTT-3.8.3-4", () -> new Packet.Subscription("$share/g/a", QoS.AT_MOST_ONCE, true, false, 0));
        assertRefused("MQTT-1.5.4-2", () -> new Packet.Subscription("\0", QoS.AT_MOST_ONCE, false, false, 0));
        assertRefused("MQTT-1.5.4-2", () -> new Packet.Unsubscribe(1, NONE, List.of("\0")));
    }

    @Test
    void shouldGiveBuffersOfTheirOwn() {
        Packet.Publish packet = new Packet.Publish(
                false, QoS.AT_MOST_ONCE, false, "a", 0, NONE, ByteBuffer.wrap(new byte[] {9, 1, 2, 9}, 1, 2));
        ByteBuffer payload = packet.payload();
        assertThatExceptionOfType(ReadOnlyBufferException.class).isThrownBy(() -> payload.put(0, (byte) 7));
        assertThat(payload.get()).isEqualTo((byte) 1);

        assertThat(packet.payload()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
        assertThat(packet)
                .isEqualTo(new Packet.Publish(
                        false, QoS.AT_MOST_ONCE, false, "a", 0, NONE, ByteBuffer.wrap(new byte[] {1, 2})));
    }

    @Test
    void shouldShowNoPasswordAndNoPayload() {
        ByteBuffer secret = ByteBuffer.wrap("hunter2".getBytes(StandardCharsets.UTF_8));
        Packet.Will will = new Packet.Will(QoS.AT_MOST_ONCE, false, NONE, "a", secret);

        assertThat(new Packet.Connect(ProtocolVersion.MQTT_5, true, 0, NONE, "c", will, "u", secret).toString())
                .doesNotContain("hunter2")
                .contains("clientId=c");
        assertThat(new Packet.Publish(false, QoS.AT_MOST_ONCE, false, "a", 0, NONE, secret).toString())
                .doesNotContain("hunter2");
    }

    @Test
    void shouldNumberTypesAndVersionsAsOnTheWire() {
        for (int value = 1; value <= 15; value++) {
            assertThat(PacketType.of(value).value()).isEqualTo(value);
        }
        assertThat(PacketType.of(3)).isEqualTo(PacketType.PUBLISH);
        assertRefused("is 0", () -> PacketType.of(0));
        assertRefused("is 16", () -> PacketType.of(16));
        assertThat(ProtocolVersion.values()).extracting(ProtocolVersion::level).containsExactly(3, 4, 5);
        assertThat(ProtocolVersion.values())
                .extracting(ProtocolVersion::toString)
                .containsExactly("MQTT 3.1", "MQTT 3.1.1", "MQTT 5");
    }
}
