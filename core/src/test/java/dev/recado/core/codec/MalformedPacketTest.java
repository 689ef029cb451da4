package dev.recado.core.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.recado.ReasonCode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Packets that break a rule of their own type, each by one field; properties have {@link PropertyTableTest}. */
class MalformedPacketTest {

    /** The reason code that decoding fails with, the same in every way there is to decode. */
    private static CodecException refusal(ProtocolVersion version, byte[] bytes) {
        CodecException failure = catchThrowableOfType(CodecException.class, () -> Bytes.decode(bytes, version));
        assertThat(failure).as("refused").isNotNull();
        CodecException inPlace = catchThrowableOfType(CodecException.class, () -> {
            PacketReader reader = Bytes.reader(bytes);
            switch (reader.type()) {
                case PUBLISH -> new PublishView().decode(reader, version);
                case PUBACK, PUBREC, PUBREL, PUBCOMP -> new AckView().decode(reader, version);
                default -> throw failure;
            }
        });
        assertThat(inPlace.reasonCode()).isEqualTo(failure.reasonCode());
        assertThat(inPlace).hasMessage(failure.getMessage());
        assertThat(failure.getStackTrace()).isEmpty();
        return failure;
    }

    private static void assertRefused(ProtocolVersion version, String packet, ReasonCode code, String mentions) {
        byte[] bytes = Bytes.hex(packet);
        CodecException failure = refusal(version, Bytes.packet(bytes[0], Arrays.copyOfRange(bytes, 1, bytes.length)));
        assertThat(failure.reasonCode()).as(failure.getMessage()).isEqualTo(code);
        assertThat(failure).hasMessageContaining(mentions);
    }

    /** First byte and body; the Remaining Length is right. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # protocol name and version
            10 0004 4D515458 05 02 0000 00 0000        | UNSUPPORTED_PROTOCOL_VERSION | MQTT-3.1.2-1
            10 0004 6D717474 05 02 0000 00 0000        | UNSUPPORTED_PROTOCOL_VERSION | MQTT-3.1.2-1
            10 0000 05 02 0000 00 0000                 | UNSUPPORTED_PROTOCOL_VERSION | MQTT-3.1.2-1
            10 0004 4D515454 06 02 0000 00 0000        | UNSUPPORTED_PROTOCOL_VERSION | Protocol Version 6
            10 0004 4D515454 03 02 0000 0000           | UNSUPPORTED_PROTOCOL_VERSION | Protocol Version 3
            10 0004 4D515454 00 02 0000 0000           | UNSUPPORTED_PROTOCOL_VERSION | Protocol Version 0
            10 0006 4D5149736470 04 02 0000 0000       | UNSUPPORTED_PROTOCOL_VERSION | Protocol Version 4
            10 0006 4D5149736470 05 02 0000 00 0000    | UNSUPPORTED_PROTOCOL_VERSION | Protocol Version 5
            10 0005 4D515454                           | MALFORMED_PACKET | Protocol Name
            10 0004 4D515454                           | MALFORMED_PACKET | Protocol Version
            10 00                                      | MALFORMED_PACKET | Protocol Name
            10                                         | MALFORMED_PACKET | Protocol Name
            # connect flags
            10 0004 4D515454 05 03 0000 00 0000        | MALFORMED_PACKET | MQTT-3.1.2-3
            10 0004 4D515454 05 0A 0000 00 0000        | MALFORMED_PACKET | MQTT-3.1.2-11
            10 0004 4D515454 05 12 0000 00 0000        | MALFORMED_PACKET | MQTT-3.1.2-11
            10 0004 4D515454 05 22 0000 00 0000        | MALFORMED_PACKET | MQTT-3.1.2-13
            10 0004 4D515454 05 1E 0000 00 0000 00 0001 77 0000 | MALFORMED_PACKET | MQTT-3.1.2-12
            # missing parts
            10 0004 4D515454 05                        | MALFORMED_PACKET | Connect Flags
            10 0004 4D515454 05 02 00                  | MALFORMED_PACKET | Keep Alive
            10 0004 4D515454 05 02 0000                | MALFORMED_PACKET | Property Length
            10 0004 4D515454 05 02 0000 00             | MALFORMED_PACKET | Client Identifier
            10 0004 4D515454 05 06 0000 00 0000        | MALFORMED_PACKET | Property Length
            10 0004 4D515454 05 06 0000 00 0000 00     | MALFORMED_PACKET | Will Topic
            10 0004 4D515454 05 06 0000 00 0000 00 0001 77 | MALFORMED_PACKET | Will Payload
            10 0004 4D515454 05 82 0000 00 0000        | MALFORMED_PACKET | User Name
            10 0004 4D515454 05 42 0000 00 0000        | MALFORMED_PACKET | Password
            10 0004 4D515454 05 C2 0000 00 0000 0000   | MALFORMED_PACKET | Password
            # parts without their flag
            10 0004 4D515454 05 02 0000 00 0000 0000   | MALFORMED_PACKET | 2 bytes behind
            # texts
            10 0004 4D515454 05 02 0000 00 0001 80     | MALFORMED_PACKET | Client Identifier
            10 0004 4D515454 05 02 0000 00 0001 00     | MALFORMED_PACKET | Client Identifier
            10 0004 4D515454 05 06 0000 00 0000 00 0001 80 0000 | MALFORMED_PACKET | Will Topic
            10 0004 4D515454 05 06 0000 00 0000 00 0001 23 0000 | TOPIC_NAME_INVALID | Will Topic
            10 0004 4D515454 05 06 0000 00 0000 00 0001 2B 0000 | TOPIC_NAME_INVALID | Will Topic
            10 0004 4D515454 05 06 0000 00 0000 00 0000 0000    | TOPIC_NAME_INVALID | Will Topic
            10 0004 4D515454 05 82 0000 00 0000 0001 80 | MALFORMED_PACKET | User Name
            # CONNACK
            20 02 00 00                                | MALFORMED_PACKET | MQTT-3.2.2-1
            20 80 00 00                                | MALFORMED_PACKET | MQTT-3.2.2-1
            20 01 87 00                                | PROTOCOL_ERROR | MQTT-3.2.2-6
            20 00 01 00                                | PROTOCOL_ERROR | 0x01
            20 00 00                                   | MALFORMED_PACKET | Property Length
            20 00                                      | MALFORMED_PACKET | Connect Reason Code
            20                                         | MALFORMED_PACKET | Connect Acknowledge Flags
            20 00 00 00 00                             | MALFORMED_PACKET | behind
            # PUBLISH
            36 0001 61 0001 00                         | MALFORMED_PACKET | MQTT-3.3.1-4
            3E 0001 61 0001 00                         | MALFORMED_PACKET | MQTT-3.3.1-4
            38 0001 61 00                              | MALFORMED_PACKET | MQTT-3.3.1-2
            32 0001 61 0000 00                         | PROTOCOL_ERROR | MQTT-2.2.1-3
            34 0001 61 0000 00                         | PROTOCOL_ERROR | MQTT-2.2.1-3
            30 0000 00                                 | PROTOCOL_ERROR | MQTT-4.7.3-1
            30 0001 2B 00                              | TOPIC_NAME_INVALID | MQTT-4.7.0-1
            30 0009 612F622F632F642F23 00              | TOPIC_NAME_INVALID | offset 8
            30 0001 23 03 23 0001                      | TOPIC_NAME_INVALID | MQTT-4.7.0-1
            30 0001 80 00                              | MALFORMED_PACKET | Topic Name
            30 0002 6100 00                            | MALFORMED_PACKET | Topic Name
            30 0003 EDA080 00                          | MALFORMED_PACKET | MQTT-1.5.4-1
            30 0001 61                                 | MALFORMED_PACKET | Property Length
            30 0002 61                                 | MALFORMED_PACKET | Topic Name
            30 00                                      | MALFORMED_PACKET | Topic Name
            30                                         | MALFORMED_PACKET | Topic Name
            32 0001 61 00                              | MALFORMED_PACKET | Packet Identifier
            30 0001 61 8000                            | MALFORMED_PACKET | MQTT-1.5.5-1
            30 0001 61 80808080 01                     | MALFORMED_PACKET | Property Length
            # acknowledgements
            40 0000                                    | PROTOCOL_ERROR | Packet Identifier
            50 0000                                    | PROTOCOL_ERROR | Packet Identifier
            62 0000                                    | PROTOCOL_ERROR | Packet Identifier
            70 0000                                    | PROTOCOL_ERROR | Packet Identifier
            40 00                                      | MALFORMED_PACKET | Packet Identifier
            40                                         | MALFORMED_PACKET | Packet Identifier
            40 0001 92                                 | PROTOCOL_ERROR | 0x92
            50 0001 05                                 | PROTOCOL_ERROR | 0x05
            62 0001 10                                 | PROTOCOL_ERROR | 0x10
            70 0001 80                                 | PROTOCOL_ERROR | 0x80
            40 0001 00 00 00                           | MALFORMED_PACKET | behind
            40 0001 00 01                              | MALFORMED_PACKET | Property Length
            # SUBSCRIBE
            82 0000 00 0001 61 00                      | PROTOCOL_ERROR | Packet Identifier
            82 0001 00                                 | PROTOCOL_ERROR | MQTT-3.8.3-2
            82 0001                                    | MALFORMED_PACKET | Property Length
            82 0001 00 0001 61                         | MALFORMED_PACKET | Subscription Options
            82 0001 00 0002 61                         | MALFORMED_PACKET | Topic Filter
            82 0001 00 0001 80 00                      | MALFORMED_PACKET | Topic Filter
            82 0001 00 0001 61 40                      | MALFORMED_PACKET | MQTT-3.8.3-5
            82 0001 00 0001 61 80                      | MALFORMED_PACKET | MQTT-3.8.3-5
            82 0001 00 0001 61 03                      | PROTOCOL_ERROR | Maximum QoS
            82 0001 00 0001 61 30                      | PROTOCOL_ERROR | Retain Handling
            82 0001 00 000A 2473686172652F672F61 04    | PROTOCOL_ERROR | MQTT-3.8.3-4
            82 0001 00 0001 61 00 00                   | MALFORMED_PACKET | Topic Filter
            # SUBACK
            90 0000 00 00                              | PROTOCOL_ERROR | Packet Identifier
            90 0001 00                                 | PROTOCOL_ERROR | MQTT-3.8.4-6
            90 0001                                    | MALFORMED_PACKET | Property Length
            90 0001 00 00 03                           | PROTOCOL_ERROR | 0x03
            # UNSUBSCRIBE
            A2 0000 00 0001 61                         | PROTOCOL_ERROR | Packet Identifier
            A2 0001 00                                 | PROTOCOL_ERROR | MQTT-3.10.3-2
            A2 0001                                    | MALFORMED_PACKET | Property Length
            A2 0001 00 0002 61                         | MALFORMED_PACKET | Topic Filter
            A2 0001 00 0001 80                         | MALFORMED_PACKET | Topic Filter
            A2 0001 00 0001 61 00                      | MALFORMED_PACKET | Topic Filter
            # UNSUBACK
            B0 0000 00 00                              | PROTOCOL_ERROR | Packet Identifier
            B0 0001 00                                 | PROTOCOL_ERROR | MQTT-3.11.3-2
            B0 0001                                    | MALFORMED_PACKET | Property Length
            B0 0001 00 01                              | PROTOCOL_ERROR | 0x01
            # PINGREQ, PINGRESP
            C0 00                                      | MALFORMED_PACKET | PINGREQ has 1 bytes
            D0 00                                      | MALFORMED_PACKET | PINGRESP has 1 bytes
            # DISCONNECT, AUTH
            E0 01                                      | PROTOCOL_ERROR | 0x01
            E0 00 00 00                                | MALFORMED_PACKET | behind
            E0 00 01                                   | MALFORMED_PACKET | Property Length
            F0 01 00                                   | PROTOCOL_ERROR | 0x01
            F0 18                                      | MALFORMED_PACKET | Property Length
            F0 00 00 00                                | MALFORMED_PACKET | behind
            """)
    void shouldRefuseInMqtt5(String packet, ReasonCode code, String mentions) {
        assertRefused(ProtocolVersion.MQTT_5, packet, code, mentions);
    }

    /** First byte and body; the Remaining Length is right. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # CONNECT
            10 0004 4D515454 04 03 0000 0000           | MALFORMED_PACKET | MQTT-3.1.2-3
            10 0004 4D515454 04 0A 0000 0000           | MALFORMED_PACKET | MQTT-3.1.2-11
            10 0004 4D515454 04 22 0000 0000           | MALFORMED_PACKET | MQTT-3.1.2-13
            10 0004 4D515454 04 1E 0000 0000 0001 77 0000 | MALFORMED_PACKET | MQTT-3.1.2-12
            10 0004 4D515454 04 42 0000 0000 0001 70   | MALFORMED_PACKET | MQTT-3.1.2-22
            10 0006 4D5149736470 03 42 0000 0000 0001 70 | MALFORMED_PACKET | MQTT-3.1.2-22
            10 0004 4D515454 04 02 0000                | MALFORMED_PACKET | Client Identifier
            10 0004 4D515454 04 06 0000 0000 0001 77   | MALFORMED_PACKET | Will Payload
            10 0004 4D515454 04 02 0000 0000 00        | MALFORMED_PACKET | behind
            # CONNACK
            20 02 00                                   | MALFORMED_PACKET | MQTT-3.2.2-1
            20 01 05                                   | PROTOCOL_ERROR | MQTT-3.2.2-6
            20 00 06                                   | PROTOCOL_ERROR | 6
            20 00                                      | MALFORMED_PACKET | Connect Reason Code
            20 00 00 00                                | MALFORMED_PACKET | behind
            # PUBLISH
            36 0001 61 0001                            | MALFORMED_PACKET | MQTT-3.3.1-4
            38 0001 61                                 | MALFORMED_PACKET | MQTT-3.3.1-2
            32 0001 61 0000                            | PROTOCOL_ERROR | Packet Identifier
            32 0001 61 00                              | MALFORMED_PACKET | Packet Identifier
            30 0000                                    | PROTOCOL_ERROR | MQTT-4.7.3-1
            30 0001 23                                 | TOPIC_NAME_INVALID | MQTT-4.7.0-1
            30 0001 FF                                 | MALFORMED_PACKET | Topic Name
            30 0002 61                                 | MALFORMED_PACKET | Topic Name
            # acknowledgements: a reason code is too much
            40 0000                                    | PROTOCOL_ERROR | Packet Identifier
            40 0001 00                                 | MALFORMED_PACKET | behind
            50 0001 00                                 | MALFORMED_PACKET | behind
            62 0001 00                                 | MALFORMED_PACKET | behind
            70 0001 00                                 | MALFORMED_PACKET | behind
            40 00                                      | MALFORMED_PACKET | Packet Identifier
            # SUBSCRIBE, SUBACK
            82 0000 0001 61 00                         | PROTOCOL_ERROR | Packet Identifier
            82 0001                                    | PROTOCOL_ERROR | MQTT-3.8.3-2
            82 0001 0001 61 03                         | MALFORMED_PACKET | MQTT-3.8.3-4
            82 0001 0001 61 04                         | MALFORMED_PACKET | MQTT-3.8.3-4
            82 0001 0001 61 80                         | MALFORMED_PACKET | MQTT-3.8.3-4
            82 0001 0001 61                            | MALFORMED_PACKET | Subscription Options
            90 0001                                    | PROTOCOL_ERROR | MQTT-3.8.4-6
            90 0001 03                                 | PROTOCOL_ERROR | 0x03
            90 0001 87                                 | PROTOCOL_ERROR | 0x87
            # UNSUBSCRIBE, UNSUBACK
            A2 0000 0001 61                            | PROTOCOL_ERROR | Packet Identifier
            A2 0001                                    | PROTOCOL_ERROR | MQTT-3.10.3-2
            A2 0001 0001                               | MALFORMED_PACKET | Topic Filter
            B0 0000                                    | PROTOCOL_ERROR | Packet Identifier
            B0 0001 00                                 | MALFORMED_PACKET | behind
            B0 00                                      | MALFORMED_PACKET | Packet Identifier
            # the rest
            C0 00                                      | MALFORMED_PACKET | behind
            D0 00                                      | MALFORMED_PACKET | behind
            E0 00                                      | MALFORMED_PACKET | behind
            F0                                         | MALFORMED_PACKET | 15 is reserved
            """)
    void shouldRefuseInMqtt311(String packet, ReasonCode code, String mentions) {
        assertRefused(ProtocolVersion.MQTT_3_1_1, packet, code, mentions);
        if (!packet.startsWith("10")) {
            assertRefused(ProtocolVersion.MQTT_3_1, packet, code, mentions);
        }
    }

    /** A packet cut anywhere, or one with a byte too many, is refused or is another packet, but never the same one. */
    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void shouldNeverTakeACutPacketForAWholeOne(ProtocolVersion version) {
        RandomPackets source = new RandomPackets(version);
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            Packet packet = source.packet();
            byte[] body = body(PacketEncoder.encode(packet, version));
            int first = PacketEncoder.encode(packet, version).get(0);
            for (int n = 0; n < 10 && body.length > 0; n++) {
                byte[] cut = Arrays.copyOf(body, source.random().nextInt(body.length));
                refused += requireDifferent(packet, Bytes.packet(first, cut), version, source);
            }
            byte[] longer = Bytes.concat(body, new byte[] {-1});
            refused += requireDifferent(packet, Bytes.packet(first, longer), version, source);
        }
        assertThat(refused).isGreaterThan(400);
    }

    private static int requireDifferent(Packet packet, byte[] bytes, ProtocolVersion version, RandomPackets source) {
        try {
            assertThat(Bytes.decode(bytes, version)).as(source.seed()).isNotEqualTo(packet);
            return 0;
        } catch (CodecException e) {
            return 1;
        }
    }

    private static byte[] body(ByteBuffer packet) {
        int start = 1;
        while (packet.get(start) < 0) {
            start++;
        }
        return Arrays.copyOfRange(packet.array(), start + 1, packet.limit());
    }

    @Test
    void shouldBoundTheUserPropertiesOfAPacket() throws CodecException {
        String two = "0A 26 0000 0000 26 0000 0000";
        for (String packet : new String[] {
            "30 0E 0001 61" + two,
            "40 0E 0001 00" + two,
            "E0 0C 00" + two,
            "10 17 0004 4D515454 05 02 0000" + two + "0000",
            "10 1D 0004 4D515454 05 06 0000 00 0000" + two + "0001 77 0000"
        }) {
            PacketReader reader = Bytes.reader(Bytes.hex(packet));
            assertThat(PacketDecoder.decode(reader, ProtocolVersion.MQTT_5, 2, 0))
                    .isNotNull();
            CodecException failure = catchThrowableOfType(
                    CodecException.class, () -> PacketDecoder.decode(reader, ProtocolVersion.MQTT_5, 1, 0));
            assertThat(failure.reasonCode()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
            assertThat(failure).hasMessageContaining("than the 1 allowed");
        }
    }

    @Test
    void shouldBoundTheFiltersOfAPacket() throws CodecException {
        for (String packet : new String[] {"82 0A 0001 0001 61 00 0001 62 00", "A2 08 0001 0001 61 0001 62"}) {
            PacketReader reader = Bytes.reader(Bytes.hex(packet));
            assertThat(PacketDecoder.decode(reader, ProtocolVersion.MQTT_3_1_1, 0, 2))
                    .isNotNull();
            CodecException failure = catchThrowableOfType(
                    CodecException.class, () -> PacketDecoder.decode(reader, ProtocolVersion.MQTT_3_1_1, 0, 1));
            assertThat(failure.reasonCode()).isEqualTo(ReasonCode.QUOTA_EXCEEDED);
        }
    }

    @Test
    void shouldTellTheVersionOfAConnectThatIsRefused() throws CodecException {
        assertThat(PacketDecoder.connectVersion(Bytes.reader(Bytes.hex("10 07 0004 4D515454 05"))))
                .isEqualTo(ProtocolVersion.MQTT_5);
        assertThat(PacketDecoder.connectVersion(Bytes.reader(Bytes.hex("10 07 0004 4D515454 04"))))
                .isEqualTo(ProtocolVersion.MQTT_3_1_1);
        assertThat(PacketDecoder.connectVersion(Bytes.reader(Bytes.hex("10 09 0006 4D5149736470 02"))))
                .isEqualTo(ProtocolVersion.MQTT_3_1_1);
        assertThat(PacketDecoder.connectVersion(Bytes.reader(Bytes.hex("10 07 0004 4D515454 06"))))
                .isEqualTo(ProtocolVersion.MQTT_5);
        assertThat(PacketDecoder.connectVersion(Bytes.reader(Bytes.hex("10 02 0004"))))
                .isNull();
    }
}
