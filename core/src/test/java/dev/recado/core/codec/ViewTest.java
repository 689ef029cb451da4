package dev.recado.core.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ViewTest {

    private final PublishView publish = new PublishView();
    private final AckView ack = new AckView();

    private static String text(ByteBuffer bytes, int start, int length) {
        byte[] text = new byte[length];
        bytes.get(start, text);
        return new String(text, StandardCharsets.UTF_8);
    }

    @Test
    void shouldShowEachFieldOfAPublish() throws CodecException {
        PacketReader reader = Bytes.reader(Bytes.hex("""
                3D 35               # PUBLISH, DUP, QoS 2, RETAIN; Remaining Length
                0003 612F62         # Topic Name "a/b"
                1234                # Packet Identifier
                2B                  # Property Length
                   01 01            # Payload Format Indicator 1
                   02 FFFFFFFF      # Message Expiry Interval 4294967295
                   03 0001 74       # Content Type "t"
                   08 0001 72       # Response Topic "r"
                   09 0001 FF       # Correlation Data
                   23 FFFF          # Topic Alias 65535
                   0B 01            # Subscription Identifier 1
                   0B FFFFFF7F      # Subscription Identifier 268435455
                   26 0001 6B 0001 76 # User Property "k" = "v"
                   26 0001 6B 0001 77 # User Property "k" = "w"
                6869                # Payload "hi"
                """));

        publish.decode(reader, ProtocolVersion.MQTT_5);

        assertThat(publish.dup()).isTrue();
        assertThat(publish.qos()).isEqualTo(QoS.EXACTLY_ONCE);
        assertThat(publish.retain()).isTrue();
        assertThat(publish.packetId()).isEqualTo(0x1234);
        assertThat(publish.size()).isEqualTo(55);
        assertThat(publish.buffer()).isSameAs(reader.buffer());
        assertThat(publish.topicStart()).isEqualTo(4);
        assertThat(publish.topicLength()).isEqualTo(3);
        assertThat(publish.payloadStart()).isEqualTo(53);
        assertThat(publish.payloadLength()).isEqualTo(2);
        assertThat(publish.topicAlias()).isEqualTo(65_535);
        assertThat(publish.messageExpiry()).isEqualTo(0xFFFF_FFFFL);
        assertThat(publish.utf8Payload()).isTrue();
        assertThat(publish.hasSubscriptionIdentifier()).isTrue();
        assertThat(publish.userPropertyCount()).isEqualTo(2);
        ByteBuffer out = ByteBuffer.allocate(publish.forwardableLength());
        publish.copyForwardable(out);
        assertThat(Bytes.hex(out.flip()))
                .isEqualTo(Bytes.hex(
                        ByteBuffer.wrap(Bytes.hex("0101 03000174 08000172 090001FF 2600016B000176 2600016B000177"))));
    }

    /** What one packet had must not show in the next one. */
    @Test
    void shouldForgetThePacketBefore() throws CodecException {
        publish.decode(
                Bytes.reader(Bytes.hex("3B 18 0001 61 0001 11 01 01 02 00000001 0B 01 23 0001 26 0000 0000 70")),
                ProtocolVersion.MQTT_5);
        assertThat(publish.userPropertyCount()).isEqualTo(1);

        publish.decode(Bytes.reader(Bytes.hex("30 04 0001 62 00")), ProtocolVersion.MQTT_5);

        assertThat(publish.dup()).isFalse();
        assertThat(publish.qos()).isEqualTo(QoS.AT_MOST_ONCE);
        assertThat(publish.retain()).isFalse();
        assertThat(publish.packetId()).isZero();
        assertThat(publish.topicAlias()).isZero();
        assertThat(publish.messageExpiry()).isEqualTo(-1);
        assertThat(publish.utf8Payload()).isFalse();
        assertThat(publish.hasSubscriptionIdentifier()).isFalse();
        assertThat(publish.userPropertyCount()).isZero();
        assertThat(publish.forwardableLength()).isZero();
        assertThat(publish.payloadLength()).isZero();

        publish.decode(Bytes.reader(Bytes.hex("30 04 0001 62 00")), ProtocolVersion.MQTT_3_1_1);
        assertThat(publish.payloadLength()).isEqualTo(1);
        publish.copyForwardable(ByteBuffer.allocate(0));
    }

    @Test
    void shouldNotTakeAPayloadFormatOfZeroForText() throws CodecException {
        publish.decode(Bytes.reader(Bytes.hex("30 06 0001 62 02 0100")), ProtocolVersion.MQTT_5);

        assertThat(publish.utf8Payload()).isFalse();
        assertThat(publish.forwardableLength()).isEqualTo(2);
    }

    @Test
    void shouldDecodeOneByOneAtTheirPlaceInTheStream() throws CodecException {
        PacketReader reader = new PacketReader(100);
        reader.feed(ByteBuffer.wrap(Bytes.hex("30 05 0001 61 00 31 30 05 0001 62 00 32")));
        assertThat(reader.next()).isTrue();
        assertThat(reader.next()).isTrue();

        publish.decode(reader, ProtocolVersion.MQTT_5);

        assertThat(text(publish.buffer(), publish.topicStart(), publish.topicLength()))
                .isEqualTo("b");
        assertThat(text(publish.buffer(), publish.payloadStart(), publish.payloadLength()))
                .isEqualTo("2");
        assertThat(publish.size()).isEqualTo(7);
    }

    /** The whole packet lies between them, wherever the reader's buffer has it. */
    @Test
    void shouldTellWhereThePacketStartsAndEnds() throws CodecException {
        PacketReader reader = new PacketReader(1_000);
        byte[] large = Bytes.packet(0x30, Bytes.concat(Bytes.hex("0001 62 00"), new byte[200]));
        reader.feed(ByteBuffer.wrap(Bytes.concat(Bytes.hex("FF 30 05 0001 61 00 31"), large))
                .position(1));
        assertThat(reader.next()).isTrue();
        publish.decode(reader, ProtocolVersion.MQTT_5);
        assertThat(publish.start()).isEqualTo(1);
        assertThat(publish.end()).isEqualTo(8);

        assertThat(reader.next()).isTrue();
        publish.decode(reader, ProtocolVersion.MQTT_5);
        assertThat(publish.start()).isEqualTo(8);
        assertThat(publish.end()).isEqualTo(8 + large.length);
    }

    @ParameterizedTest
    @CsvSource({
        "30 05 0002 612B 00, TOPIC_NAME_INVALID", // "a+"
        "30 04 0001 23 00, TOPIC_NAME_INVALID", // "#"
        "30 04 0001 FF 00, MALFORMED_PACKET", // no UTF-8
        "30 05 0002 6100 00, MALFORMED_PACKET", // U+0000
        "30 06 0003 EDA080 00, MALFORMED_PACKET", // a surrogate
        "30 07 0001 2B 03 230001, TOPIC_NAME_INVALID" // "+", with a topic alias
    })
    void shouldLeaveTheBytesOfATopicNameForLater(String packet, ReasonCode refusal) throws CodecException {
        PacketReader reader = Bytes.reader(Bytes.hex(packet));

        publish.decodeAllButTopic(reader, ProtocolVersion.MQTT_5);

        assertThat(publish.topicStart()).isEqualTo(4);
        assertThat(publish.topicLength()).isEqualTo(Bytes.hex(packet)[3]);
        CodecException later = catchThrowableOfType(CodecException.class, publish::checkTopic);
        assertThat(later.reasonCode()).isEqualTo(refusal);
        CodecException atOnce =
                catchThrowableOfType(CodecException.class, () -> publish.decode(reader, ProtocolVersion.MQTT_5));
        assertThat(atOnce).hasMessage(later.getMessage()).hasMessageContaining("Topic Name");
        assertThat(atOnce.reasonCode()).isEqualTo(refusal);
    }

    @ParameterizedTest
    @CsvSource({
        "30 03 0000 00, PROTOCOL_ERROR", // no name and no alias
        "30 04 0009 61 00, MALFORMED_PACKET", // longer than its packet
        "36 04 0001 61 00, MALFORMED_PACKET", // QoS 3
        "30 06 0001 61 02 01 02, PROTOCOL_ERROR", // a Payload Format Indicator of 2
        "32 06 0001 61 0000 00, PROTOCOL_ERROR" // packet identifier 0
    })
    void shouldLeaveNothingElseForLater(String packet, ReasonCode refusal) throws CodecException {
        PacketReader reader = Bytes.reader(Bytes.hex(packet));

        CodecException failure = catchThrowableOfType(
                CodecException.class, () -> publish.decodeAllButTopic(reader, ProtocolVersion.MQTT_5));

        assertThat(failure.reasonCode()).isEqualTo(refusal);
    }

    @Test
    void shouldFindNothingWrongWithANameOrWithAnAliasInItsPlace() throws CodecException {
        for (String packet : new String[] {"30 06 0003 61C3A9 00", "30 06 0000 03 230001"}) {
            publish.decodeAllButTopic(Bytes.reader(Bytes.hex(packet)), ProtocolVersion.MQTT_5);
            assertThatNoException().isThrownBy(publish::checkTopic);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', true",
        "'68 69', true",
        "'C3 84', true",
        "'00', true",
        "'61 00 00 62', true",
        "'61 00 FF', false",
        "'FF', false",
        "'61 C3', false"
    })
    void shouldTellTextFromOtherPayloads(String payload, boolean text) throws CodecException {
        byte[] bytes = Bytes.hex(payload);
        Packet.Publish packet = new Packet.Publish(
                false, QoS.AT_MOST_ONCE, false, "\u00C4", 0, Properties.NONE, ByteBuffer.wrap(bytes));

        publish.decode(
                Bytes.reader(
                        PacketEncoder.encode(packet, ProtocolVersion.MQTT_5).array()),
                ProtocolVersion.MQTT_5);

        assertThat(publish.isPayloadUtf8()).isEqualTo(text);
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void shouldAgreeWithThePacketOnEveryPublish(ProtocolVersion version) throws CodecException {
        RandomPackets source = new RandomPackets(version);
        for (int i = 0; i < 3 * RandomPackets.ROUNDS; i++) {
            Packet.Publish packet = source.publish();
            publish.decode(Bytes.reader(PacketEncoder.encode(packet, version).array()), version);

            Properties properties = packet.properties();
            assertThat(publish.toPacket()).as(source.seed()).isEqualTo(packet);
            assertThat(publish.topicAlias()).isEqualTo((int) properties.number(Property.TOPIC_ALIAS, 0));
            assertThat(publish.messageExpiry()).isEqualTo(properties.number(Property.MESSAGE_EXPIRY_INTERVAL, -1));
            assertThat(publish.userPropertyCount())
                    .isEqualTo(properties.userProperties().size());
            assertThat(publish.payloadLength()).isEqualTo(packet.payload().remaining());
            assertThat(publish.forwardableLength()).isEqualTo(properties.forwardableLength());
            ByteBuffer fromView = ByteBuffer.allocate(publish.forwardableLength() + 2);
            fromView.position(1);
            publish.copyForwardable(fromView);
            assertThat(fromView.position()).isEqualTo(1 + publish.forwardableLength());
            ByteBuffer fromPacket = ByteBuffer.allocate(properties.forwardableLength());
            properties.copyForwardable(fromPacket);
            assertThat(fromView.flip().position(1)).as(source.seed()).isEqualTo(fromPacket.flip());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = PacketType.class,
            names = {"PUBACK", "PUBREC", "PUBREL", "PUBCOMP"})
    void shouldAgreeWithThePacketOnEveryAcknowledgement(PacketType type) throws CodecException {
        for (ProtocolVersion version : ProtocolVersion.values()) {
            RandomPackets source = new RandomPackets(version);
            for (int i = 0; i < RandomPackets.ROUNDS; i++) {
                Packet.Ack packet = (Packet.Ack) source.packet(type);

                ack.decode(Bytes.reader(PacketEncoder.encode(packet, version).array()), version);

                assertThat(ack.packetId()).as(source.seed()).isEqualTo(packet.packetId());
                assertThat(ack.reasonCode()).as(source.seed()).isEqualTo(packet.reasonCode());
            }
        }
    }

    @Test
    void shouldForgetTheReasonCodeBefore() throws CodecException {
        ack.decode(Bytes.reader(Bytes.hex("40 03 0001 87")), ProtocolVersion.MQTT_5);
        assertThat(ack.reasonCode()).isEqualTo(ReasonCode.NOT_AUTHORIZED);

        ack.decode(Bytes.reader(Bytes.hex("40 02 FFFF")), ProtocolVersion.MQTT_5);

        assertThat(ack.reasonCode()).isEqualTo(ReasonCode.SUCCESS);
        assertThat(ack.packetId()).isEqualTo(0xFFFF);
    }

    @Test
    void shouldRefuseAPacketOfAnotherType() throws CodecException {
        PacketReader ping = Bytes.reader(Bytes.hex("C000"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> publish.decode(ping, ProtocolVersion.MQTT_5))
                .withMessageContaining("PINGREQ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ack.decode(ping, ProtocolVersion.MQTT_5))
                .withMessageContaining("PINGREQ");
    }
}
