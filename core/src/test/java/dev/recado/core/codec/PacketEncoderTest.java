package dev.recado.core.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketEncoderTest {

    private static final byte[] TOPIC = "a/b".getBytes(StandardCharsets.UTF_8);

    private static String hex(String annotated) {
        return Bytes.hex(ByteBuffer.wrap(Bytes.hex(annotated)));
    }

    @Test
    void shouldWriteAPublishHeadWithItsPropertiesInOrder() {
        ByteBuffer out = ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN).position(3);
        ByteBuffer forwardable = ByteBuffer.wrap(Bytes.hex("FF 0101 03000174 FF"), 1, 6);

        int packetIdIndex = PacketEncoder.encodePublishHead(
                out,
                ProtocolVersion.MQTT_5,
                true,
                QoS.AT_LEAST_ONCE,
                true,
                TOPIC,
                0x1234,
                forwardable,
                258,
                new int[] {1, 268_435_455},
                1_000);

        assertThat(packetIdIndex).isEqualTo(11);
        assertThat(forwardable.position()).isEqualTo(1);
        assertThat(forwardable.remaining()).isEqualTo(6);
        assertThat(Bytes.hex(out.flip().position(3))).isEqualTo(hex("""
                        3B 82 08            # PUBLISH, DUP, QoS 1, RETAIN; Remaining Length 1026
                        0003 612F62         # Topic Name "a/b"
                        1234                # Packet Identifier
                        12                  # Property Length
                           02 00000102      # Message Expiry Interval 258
                           0B 01            # Subscription Identifier 1
                           0B FFFFFF7F      # Subscription Identifier 268435455
                           0101 03000174    # forwarded
                        """));
    }

    @ParameterizedTest
    @EnumSource(
            value = ProtocolVersion.class,
            names = {"MQTT_3_1", "MQTT_3_1_1"})
    void shouldLeavePropertiesOutBeforeMqtt5(ProtocolVersion version) {
        ByteBuffer out = ByteBuffer.allocate(100);

        int packetIdIndex = PacketEncoder.encodePublishHead(
                out,
                version,
                false,
                QoS.AT_MOST_ONCE,
                false,
                TOPIC,
                0,
                ByteBuffer.wrap(Bytes.hex("0101")),
                7,
                new int[] {1},
                2);

        assertThat(packetIdIndex).isEqualTo(-1);
        assertThat(Bytes.hex(out.flip())).isEqualTo(hex("30 07 0003 612F62"));
        assertThat(PacketEncoder.publishSize(version, QoS.AT_MOST_ONCE, 3, 2, 7, new int[] {1}, 2))
                .isEqualTo(9);
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void shouldWriteAForwardedPublishThatDecodes(ProtocolVersion version) throws CodecException {
        RandomPackets source = new RandomPackets(version);
        PublishView view = new PublishView();
        for (int i = 0; i < 500; i++) {
            Packet.Publish packet = source.publish();
            if (packet.topic().isEmpty()) {
                continue;
            }
            view.decode(Bytes.reader(PacketEncoder.encode(packet, version).array()), version);
            ByteBuffer forwardable = ByteBuffer.allocate(view.forwardableLength());
            view.copyForwardable(forwardable);
            int[] identifiers = packet.properties().subscriptionIdentifiers().stream()
                    .mapToInt(Integer::intValue)
                    .toArray();
            byte[] topic = packet.topic().getBytes(StandardCharsets.UTF_8);
            int payloadLength = packet.payload().remaining();
            int size = PacketEncoder.publishSize(
                    version,
                    packet.qos(),
                    topic.length,
                    view.forwardableLength(),
                    view.messageExpiry(),
                    identifiers,
                    payloadLength);
            ByteBuffer out = ByteBuffer.allocate(size);

            int packetIdIndex = PacketEncoder.encodePublishHead(
                    out,
                    version,
                    packet.dup(),
                    packet.qos(),
                    packet.retain(),
                    topic,
                    0xABCD,
                    forwardable.flip(),
                    view.messageExpiry(),
                    identifiers,
                    payloadLength);
            out.put(packet.payload());

            assertThat(out.hasRemaining()).as(source.seed()).isFalse();
            if (packet.qos() == QoS.AT_MOST_ONCE) {
                assertThat(packetIdIndex).isEqualTo(-1);
            } else {
                assertThat(out.getShort(packetIdIndex)).isEqualTo((short) 0xABCD);
                out.putShort(packetIdIndex, (short) packet.packetId());
            }
            assertThat(Bytes.decode(out.array(), version)).as(source.seed()).isEqualTo(withoutAlias(packet));
        }
    }

    private static Packet.Publish withoutAlias(Packet.Publish packet) {
        Properties all = packet.properties();
        Properties.Builder builder = Properties.builder();
        for (Property property : Property.values()) {
            if (all.has(property) && property != Property.TOPIC_ALIAS) {
                switch (property.form()) {
                    case BYTE, TWO_BYTES, FOUR_BYTES -> builder.set(property, all.number(property, -1));
                    case TEXT -> builder.set(property, all.text(property));
                    case BINARY -> builder.set(property, all.bytes(property));
                    case VARIABLE_BYTES -> all.subscriptionIdentifiers().forEach(builder::subscriptionIdentifier);
                    case TEXT_PAIR ->
                        all.userProperties().forEach(pair -> builder.userProperty(pair.name(), pair.value()));
                }
            }
        }
        return new Packet.Publish(
                packet.dup(),
                packet.qos(),
                packet.retain(),
                packet.topic(),
                packet.packetId(),
                builder.build(),
                packet.payload());
    }

    /** Where Remaining Length grows by a byte: the payload that makes it 127, 128, 16383, ... with a topic of 3 bytes. */
    @ParameterizedTest
    @CsvSource({
        "122, 129",
        "123, 131",
        "16378, 16386",
        "16379, 16388",
        "2097146, 2097155",
        "2097147, 2097157",
        "268435450, 268435460"
    })
    void shouldCountTheRemainingLength(int payloadLength, int size) {
        assertThat(PacketEncoder.publishSize(
                        ProtocolVersion.MQTT_3_1_1, QoS.AT_MOST_ONCE, 3, 0, -1, null, payloadLength))
                .isEqualTo(size);
    }

    @Test
    void shouldTakeTheLongestTopic() {
        assertThat(PacketEncoder.publishSize(ProtocolVersion.MQTT_5, QoS.AT_LEAST_ONCE, 65_535, 0, -1, null, 0))
                .isEqualTo(4 + 2 + 65_535 + 2 + 1);
    }

    @Test
    void shouldRefuseAPublishThatIsTooLarge() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PacketEncoder.publishSize(
                        ProtocolVersion.MQTT_3_1_1, QoS.AT_MOST_ONCE, 3, 0, -1, null, 268_435_451))
                .withMessageContaining("268435456")
                .withMessageContaining("268435455");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PacketEncoder.publishSize(
                        ProtocolVersion.MQTT_5, QoS.AT_MOST_ONCE, 3, Integer.MAX_VALUE, -1, null, Integer.MAX_VALUE));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        PacketEncoder.publishSize(ProtocolVersion.MQTT_5, QoS.AT_MOST_ONCE, 65_536, 0, -1, null, 0))
                .withMessageContaining("65536");
    }

    @ParameterizedTest
    @ValueSource(longs = {-2, 0x1_0000_0000L})
    void shouldRefuseAMessageExpiryOutOfRange(long expiry) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        PacketEncoder.publishSize(ProtocolVersion.MQTT_5, QoS.AT_MOST_ONCE, 3, 0, expiry, null, 0))
                .withMessageContaining("" + expiry);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 268_435_456})
    void shouldRefuseASubscriptionIdentifierOutOfRange(int identifier) {
        ByteBuffer out = ByteBuffer.allocate(100);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> PacketEncoder.encodePublishHead(
                        out,
                        ProtocolVersion.MQTT_5,
                        false,
                        QoS.AT_MOST_ONCE,
                        false,
                        TOPIC,
                        0,
                        null,
                        -1,
                        new int[] {identifier},
                        0))
                .withMessageContaining("" + identifier);
        assertThat(out.position()).isZero();
    }

    @Test
    void shouldWriteAcknowledgementsInTheirShortestForm() {
        ByteBuffer out = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);

        PacketEncoder.encodeAck(out, ProtocolVersion.MQTT_5, PacketType.PUBACK, 1, ReasonCode.SUCCESS);
        PacketEncoder.encodeAck(out, ProtocolVersion.MQTT_5, PacketType.PUBREC, 0xFFFE, ReasonCode.QUOTA_EXCEEDED);
        PacketEncoder.encodeAck(
                out, ProtocolVersion.MQTT_5, PacketType.PUBREL, 2, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
        PacketEncoder.encodeAck(out, ProtocolVersion.MQTT_3_1_1, PacketType.PUBCOMP, 3, ReasonCode.SUCCESS);
        PacketEncoder.encodeAck(out, ProtocolVersion.MQTT_3_1_1, PacketType.PUBACK, 0xFFFF, ReasonCode.NOT_AUTHORIZED);

        assertThat(Bytes.hex(out.flip())).isEqualTo(hex("""
                        40 02 0001          # PUBACK
                        50 03 FFFE 97       # PUBREC, Quota exceeded
                        62 03 0002 92       # PUBREL, Packet Identifier not found
                        70 02 0003          # PUBCOMP
                        40 02 FFFF          # PUBACK: MQTT 3.1.1 has no way to say no
                        """));
    }

    @Test
    void shouldRefuseAcknowledgementsThatDoNotExist() {
        ByteBuffer out = ByteBuffer.allocate(40);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        PacketEncoder.encodeAck(out, ProtocolVersion.MQTT_5, PacketType.SUBACK, 1, ReasonCode.SUCCESS))
                .withMessageContaining("SUBACK");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PacketEncoder.encodeAck(
                        out, ProtocolVersion.MQTT_5, PacketType.PUBCOMP, 1, ReasonCode.NOT_AUTHORIZED))
                .withMessageContaining("NOT_AUTHORIZED");
        for (int packetId : new int[] {0, 65_536, -1}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PacketEncoder.encodeAck(
                            out, ProtocolVersion.MQTT_5, PacketType.PUBACK, packetId, ReasonCode.SUCCESS))
                    .withMessageContaining("" + packetId);
        }
        assertThat(out.position()).isZero();
    }

    @Test
    void shouldLeaveOutWhatMqtt311HasNoPlaceFor() {
        Properties reason =
                Properties.builder().set(Property.REASON_STRING, "x").build();
        assertThat(Bytes.hex(PacketEncoder.encode(
                        new Packet.Ack(PacketType.PUBREC, 1, ReasonCode.NOT_AUTHORIZED, reason),
                        ProtocolVersion.MQTT_3_1_1)))
                .isEqualTo("50 02 00 01");
        assertThat(Bytes.hex(PacketEncoder.encode(
                        new Packet.Disconnect(ReasonCode.SESSION_TAKEN_OVER, reason), ProtocolVersion.MQTT_3_1_1)))
                .isEqualTo("E0 00");
        assertThat(Bytes.hex(PacketEncoder.encode(
                        new Packet.ConnAck(false, ReasonCode.BANNED, reason), ProtocolVersion.MQTT_3_1_1)))
                .isEqualTo("20 02 00 05");
        assertThat(Bytes.hex(PacketEncoder.encode(
                        new Packet.SubAck(1, reason, List.of(ReasonCode.GRANTED_QOS_2, ReasonCode.QUOTA_EXCEEDED)),
                        ProtocolVersion.MQTT_3_1_1)))
                .isEqualTo("90 04 00 01 02 80");
        assertThat(Bytes.hex(PacketEncoder.encode(
                        new Packet.UnsubAck(1, reason, List.of(ReasonCode.SUCCESS)), ProtocolVersion.MQTT_3_1_1)))
                .isEqualTo("B0 02 00 01");
        assertThat(Bytes.hex(PacketEncoder.encode(
                        new Packet.Subscribe(
                                1,
                                Properties.NONE,
                                List.of(new Packet.Subscription("a", QoS.AT_LEAST_ONCE, true, true, 2))),
                        ProtocolVersion.MQTT_3_1_1)))
                .isEqualTo("82 06 00 01 00 01 61 01");
    }

    @Test
    void shouldRefuseWhatWouldBeAnotherPacketInThatVersion() {
        ProtocolVersion old = ProtocolVersion.MQTT_3_1_1;
        ByteBuffer secret = ByteBuffer.wrap(new byte[] {1});
        Properties alias = Properties.builder().set(Property.TOPIC_ALIAS, 1).build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> PacketEncoder.encode(new Packet.Auth(ReasonCode.SUCCESS, Properties.NONE), old))
                .withMessageContaining("AUTH");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PacketEncoder.encode(
                        new Packet.Publish(false, QoS.AT_MOST_ONCE, false, "", 0, alias, secret), old))
                .withMessageContaining("MQTT-4.7.3-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PacketEncoder.encode(
                        new Packet.Connect(old, true, 0, Properties.NONE, "", null, null, secret), old))
                .withMessageContaining("MQTT-3.1.2-22");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PacketEncoder.encode(
                        new Packet.UnsubAck(1, Properties.NONE, List.of()), ProtocolVersion.MQTT_5))
                .withMessageContaining("MQTT-3.11.3-2");
    }

    @Test
    void shouldRefuseAPacketBeyondTheRemainingLength() {
        ByteBuffer large = ByteBuffer.allocate(67_108_864);
        Packet.Publish publish = new Packet.Publish(false, QoS.AT_MOST_ONCE, false, "t", 0, Properties.NONE, large);
        assertThat(PacketEncoder.size(publish, ProtocolVersion.MQTT_3_1_1)).isEqualTo(5 + 3 + 67_108_864);
        Sink.Counter counter = new Sink.Counter();
        counter.u16(0);
        for (int i = 0; i < 4; i++) {
            counter.bytes(large);
        }

        assertThatIllegalArgumentException().isThrownBy(counter::count).withMessageContaining("268435458");
    }

    @Test
    void shouldFailWithoutEnoughRoom() {
        assertThatExceptionOfType(BufferOverflowException.class)
                .isThrownBy(() ->
                        PacketEncoder.encode(new Packet.PingReq(), ProtocolVersion.MQTT_5, ByteBuffer.allocate(1)));
    }

    @Test
    void shouldEncodeTheSamePacketTwice() {
        Packet.Publish publish = new Packet.Publish(
                false, QoS.AT_MOST_ONCE, false, "t", 0, Properties.NONE, ByteBuffer.wrap(new byte[] {1, 2}));

        ByteBuffer first = PacketEncoder.encode(publish, ProtocolVersion.MQTT_5);

        assertThat(PacketEncoder.encode(publish, ProtocolVersion.MQTT_5)).isEqualTo(first);
        assertThat(Bytes.hex(first)).isEqualTo("30 06 00 01 74 00 01 02");
    }
}
