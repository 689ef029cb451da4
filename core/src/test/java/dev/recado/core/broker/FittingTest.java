package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FittingTest {

    private static final ProtocolVersion VERSION = ProtocolVersion.MQTT_5;
    private static final Properties PLAIN = Properties.NONE;
    private static final Properties REASON =
            Properties.builder().set(Property.REASON_STRING, "because").build();
    private static final Properties USER =
            Properties.builder().userProperty("name", "value").build();
    private static final Properties BOTH = Properties.builder()
            .set(Property.REASON_STRING, "because")
            .userProperty("name", "value")
            .build();

    /** Each packet of a server that may carry text for people. */
    static Stream<Function<Properties, Packet>> packets() {
        return Stream.of(
                properties -> new Packet.ConnAck(true, ReasonCode.SUCCESS, properties),
                properties -> new Packet.Ack(PacketType.PUBREC, 7, ReasonCode.QUOTA_EXCEEDED, properties),
                properties -> new Packet.SubAck(7, properties, List.of(ReasonCode.NOT_AUTHORIZED)),
                properties -> new Packet.UnsubAck(7, properties, List.of(ReasonCode.SUCCESS)),
                properties -> new Packet.Disconnect(ReasonCode.SERVER_BUSY, properties),
                properties -> new Packet.Auth(ReasonCode.CONTINUE_AUTHENTICATION, properties));
    }

    private static int size(Packet packet) {
        return PacketEncoder.size(packet, VERSION);
    }

    @ParameterizedTest
    @MethodSource("packets")
    void shouldLeaveOutTheReasonStringFirstAndThenUserProperties(Function<Properties, Packet> make) {
        Packet whole = make.apply(BOTH);
        assertThat(Fitting.fit(whole, VERSION, size(whole))).isSameAs(whole);

        Packet withoutReason = make.apply(USER);
        assertThat(Fitting.fit(whole, VERSION, size(whole) - 1)).isEqualTo(withoutReason);
        assertThat(Fitting.fit(whole, VERSION, size(withoutReason))).isEqualTo(withoutReason);

        Packet bare = make.apply(PLAIN);
        assertThat(Fitting.fit(whole, VERSION, size(withoutReason) - 1)).isEqualTo(bare);
        assertThat(Fitting.fit(whole, VERSION, size(bare))).isEqualTo(bare);
        assertThat(Fitting.fit(make.apply(REASON), VERSION, size(bare))).isEqualTo(bare);

        assertThat(Fitting.fit(whole, VERSION, size(bare) - 1)).isNull();
    }

    /** What an application sent is not the broker's to shorten. */
    @Test
    void shouldTakeNothingFromAMessage() {
        Packet message = WireClient.publishPacket("a", "x", QoS.AT_LEAST_ONCE, false, USER);

        assertThat(Fitting.fit(message, VERSION, size(message))).isSameAs(message);
        assertThat(Fitting.fit(message, VERSION, size(message) - 1)).isNull();
    }
}
