package dev.recado.core.codec;

import static dev.recado.core.codec.ProtocolVersion.MQTT_3_1;
import static dev.recado.core.codec.ProtocolVersion.MQTT_3_1_1;
import static dev.recado.core.codec.ProtocolVersion.MQTT_5;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each packet type against bytes written by hand from the standards, field by field; both ways. */
class PacketBytesTest {

    private static void check(ProtocolVersion version, String annotated, Packet packet) throws CodecException {
        byte[] bytes = Bytes.hex(annotated);
        assertThat(Bytes.hex(PacketEncoder.encode(packet, version)))
                .as("encoded")
                .isEqualTo(Bytes.hex(ByteBuffer.wrap(bytes)));
        assertThat(Bytes.decode(bytes, version)).as("decoded").isEqualTo(packet);
        assertThat(PacketEncoder.size(packet, version)).isEqualTo(bytes.length);
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Properties reason(String reason) {
        return Properties.builder().set(Property.REASON_STRING, reason).build();
    }

    @Test
    void shouldWriteAndReadConnectWithEverythingInMqtt5() throws CodecException {
        check(
                MQTT_5,
                """
                10 8B 01            # CONNECT, Remaining Length 139
                0004 4D515454       # Protocol Name "MQTT"
                05                  # Protocol Version
                EE                  # User Name, Password, Will Retain, Will QoS 1, Will, Clean Start
                003C                # Keep Alive 60
                2D                  # Property Length 45
                   11 00000E10      # Session Expiry Interval 3600
                   15 0005 5343524149 # Authentication Method "SCRAI"
                   16 0002 0102     # Authentication Data
                   17 00            # Request Problem Information 0
                   19 01            # Request Response Information 1
                   21 0014          # Receive Maximum 20
                   22 000A          # Topic Alias Maximum 10
                   27 00010000      # Maximum Packet Size 65536
                   26 0001 6B 0001 76 # User Property "k" = "v"
                   26 0000 0000     # User Property "" = ""
                0002 6331           # Client Identifier "c1"
                34                  # Will Property Length 52
                   01 01            # Payload Format Indicator 1
                   02 0000000A      # Message Expiry Interval 10
                   03 000A 746578742F706C61696E # Content Type "text/plain"
                   08 0005 7265706C79 # Response Topic "reply"
                   09 0003 010203   # Correlation Data
                   18 00000005      # Will Delay Interval 5
                   26 0001 61 0001 62 # User Property "a" = "b"
                   26 0000 0001 63  # User Property "" = "c"
                0004 77696C6C       # Will Topic "will"
                0004 676F6E65       # Will Payload "gone"
                0004 75736572       # User Name "user"
                0006 736563726574   # Password "secret"
                """,
                new Packet.Connect(
                        MQTT_5,
                        true,
                        60,
                        Properties.builder()
                                .set(Property.SESSION_EXPIRY_INTERVAL, 3600)
                                .set(Property.AUTHENTICATION_METHOD, "SCRAI")
                                .set(Property.AUTHENTICATION_DATA, ByteBuffer.wrap(new byte[] {1, 2}))
                                .set(Property.REQUEST_PROBLEM_INFORMATION, 0)
                                .set(Property.REQUEST_RESPONSE_INFORMATION, 1)
                                .set(Property.RECEIVE_MAXIMUM, 20)
                                .set(Property.TOPIC_ALIAS_MAXIMUM, 10)
                                .set(Property.MAXIMUM_PACKET_SIZE, 65536)
                                .userProperty("k", "v")
                                .userProperty("", "")
                                .build(),
                        "c1",
                        new Packet.Will(
                                QoS.AT_LEAST_ONCE,
                                true,
                                Properties.builder()
                                        .set(Property.PAYLOAD_FORMAT_INDICATOR, 1)
                                        .set(Property.MESSAGE_EXPIRY_INTERVAL, 10)
                                        .set(Property.CONTENT_TYPE, "text/plain")
                                        .set(Property.RESPONSE_TOPIC, "reply")
                                        .set(Property.CORRELATION_DATA, ByteBuffer.wrap(new byte[] {1, 2, 3}))
                                        .set(Property.WILL_DELAY_INTERVAL, 5)
                                        .userProperty("a", "b")
                                        .userProperty("", "c")
                                        .build(),
                                "will",
                                utf8("gone")),
                        "user",
                        utf8("secret")));
    }

    @Test
    void shouldWriteAndReadConnectWithAPasswordAloneInMqtt5() throws CodecException {
        check(MQTT_5, """
                10 10               # CONNECT, Remaining Length
                0004 4D515454 05    # Protocol Name "MQTT", Protocol Version
                40                  # Password
                0000                # Keep Alive off
                00                  # Property Length
                0000                # Client Identifier ""
                0001 70             # Password "p"
                """, new Packet.Connect(MQTT_5, false, 0, Properties.NONE, "", null, null, utf8("p")));
    }

    @Test
    void shouldWriteAndReadConnectInMqtt311() throws CodecException {
        check(
                MQTT_3_1_1,
                """
                10 22               # CONNECT, Remaining Length
                0004 4D515454 04    # Protocol Name "MQTT", Protocol Level 4
                D4                  # User Name, Password, Will QoS 2, Will
                FFFF                # Keep Alive 65535
                0002 6331           # Client Identifier "c1"
                0004 77696C6C       # Will Topic "will"
                0000                # Will Message ""
                0004 75736572       # User Name "user"
                0004 70617373       # Password "pass"
                """,
                new Packet.Connect(
                        MQTT_3_1_1,
                        false,
                        65535,
                        Properties.NONE,
                        "c1",
                        new Packet.Will(QoS.EXACTLY_ONCE, false, Properties.NONE, "will", ByteBuffer.allocate(0)),
                        "user",
                        utf8("pass")));
    }

    @Test
    void shouldWriteAndReadConnectInMqtt31() throws CodecException {
        check(MQTT_3_1, """
                10 10               # CONNECT, Remaining Length
                0006 4D5149736470   # Protocol Name "MQIsdp"
                03                  # Protocol Version 3
                02                  # Clean Session
                000A                # Keep Alive 10
                0002 6331           # Client Identifier "c1"
                """, new Packet.Connect(MQTT_3_1, true, 10, Properties.NONE, "c1", null, null, null));
    }

    @Test
    void shouldWriteAndReadConnAckInMqtt5() throws CodecException {
        check(
                MQTT_5,
                """
                20 41               # CONNACK, Remaining Length
                01                  # Session Present
                00                  # Success
                3E                  # Property Length
                   11 FFFFFFFF      # Session Expiry Interval: never
                   12 0002 6964     # Assigned Client Identifier "id"
                   13 0078          # Server Keep Alive 120
                   15 0001 6D       # Authentication Method "m"
                   16 0000          # Authentication Data
                   1A 0003 722F31   # Response Information "r/1"
                   1C 0002 7332     # Server Reference "s2"
                   1F 0002 6F6B     # Reason String "ok"
                   21 FFFF          # Receive Maximum 65535
                   22 0000          # Topic Alias Maximum 0
                   24 01            # Maximum QoS 1
                   25 00            # Retain Available 0
                   27 FFFFFFFF      # Maximum Packet Size 4294967295
                   28 00            # Wildcard Subscription Available 0
                   29 01            # Subscription Identifiers Available 1
                   2A 00            # Shared Subscription Available 0
                   26 0000 0000     # User Property
                """,
                new Packet.ConnAck(
                        true,
                        ReasonCode.SUCCESS,
                        Properties.builder()
                                .set(Property.SESSION_EXPIRY_INTERVAL, 0xFFFF_FFFFL)
                                .set(Property.ASSIGNED_CLIENT_IDENTIFIER, "id")
                                .set(Property.SERVER_KEEP_ALIVE, 120)
                                .set(Property.AUTHENTICATION_METHOD, "m")
                                .set(Property.AUTHENTICATION_DATA, ByteBuffer.allocate(0))
                                .set(Property.RESPONSE_INFORMATION, "r/1")
                                .set(Property.SERVER_REFERENCE, "s2")
                                .set(Property.REASON_STRING, "ok")
                                .set(Property.RECEIVE_MAXIMUM, 65535)
                                .set(Property.TOPIC_ALIAS_MAXIMUM, 0)
                                .set(Property.MAXIMUM_QOS, 1)
                                .set(Property.RETAIN_AVAILABLE, 0)
                                .set(Property.MAXIMUM_PACKET_SIZE, 0xFFFF_FFFFL)
                                .set(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, 0)
                                .set(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, 1)
                                .set(Property.SHARED_SUBSCRIPTION_AVAILABLE, 0)
                                .userProperty("", "")
                                .build()));
        check(MQTT_5, """
                20 03               # CONNACK, Remaining Length
                00 87 00            # no session, Not authorized, Property Length
                """, new Packet.ConnAck(false, ReasonCode.NOT_AUTHORIZED, Properties.NONE));
    }

    @Test
    void shouldWriteAndReadConnAckInMqtt311() throws CodecException {
        check(MQTT_3_1_1, """
                20 02               # CONNACK, Remaining Length
                01 00               # Session Present, accepted
                """, new Packet.ConnAck(true, ReasonCode.SUCCESS, Properties.NONE));
        check(MQTT_3_1_1, """
                20 02               # CONNACK, Remaining Length
                00 04               # no session, bad user name or password
                """, new Packet.ConnAck(false, ReasonCode.BAD_USER_NAME_OR_PASSWORD, Properties.NONE));
    }

    @Test
    void shouldWriteAndReadPublishInMqtt5() throws CodecException {
        check(
                MQTT_5,
                """
                3D 35               # PUBLISH, DUP, QoS 2, RETAIN; Remaining Length
                0003 612F62         # Topic Name "a/b"
                1234                # Packet Identifier
                2B                  # Property Length
                   01 01            # Payload Format Indicator 1
                   02 00000102      # Message Expiry Interval 258
                   03 0001 74       # Content Type "t"
                   08 0001 72       # Response Topic "r"
                   09 0001 FF       # Correlation Data
                   23 0007          # Topic Alias 7
                   0B 01            # Subscription Identifier 1
                   0B FFFFFF7F      # Subscription Identifier 268435455
                   26 0001 6B 0001 76 # User Property "k" = "v"
                   26 0001 6B 0001 77 # User Property "k" = "w"
                6869                # Payload "hi"
                """,
                new Packet.Publish(
                        true,
                        QoS.EXACTLY_ONCE,
                        true,
                        "a/b",
                        0x1234,
                        Properties.builder()
                                .set(Property.PAYLOAD_FORMAT_INDICATOR, 1)
                                .set(Property.MESSAGE_EXPIRY_INTERVAL, 258)
                                .set(Property.CONTENT_TYPE, "t")
                                .set(Property.RESPONSE_TOPIC, "r")
                                .set(Property.CORRELATION_DATA, ByteBuffer.wrap(new byte[] {-1}))
                                .set(Property.TOPIC_ALIAS, 7)
                                .subscriptionIdentifier(1)
                                .subscriptionIdentifier(268_435_455)
                                .userProperty("k", "v")
                                .userProperty("k", "w")
                                .build(),
                        utf8("hi")));
        check(
                MQTT_5,
                """
                30 06               # PUBLISH, QoS 0; Remaining Length
                0000                # Topic Name: stands for the alias
                03 23 0001          # Property Length, Topic Alias 1
                """,
                new Packet.Publish(
                        false,
                        QoS.AT_MOST_ONCE,
                        false,
                        "",
                        0,
                        Properties.builder().set(Property.TOPIC_ALIAS, 1).build(),
                        ByteBuffer.allocate(0)));
    }

    @Test
    void shouldWriteAndReadPublishInMqtt311() throws CodecException {
        check(
                MQTT_3_1_1,
                """
                32 09               # PUBLISH, QoS 1; Remaining Length
                0003 612F62         # Topic Name "a/b"
                0001                # Packet Identifier
                6869                # Payload "hi"
                """,
                new Packet.Publish(false, QoS.AT_LEAST_ONCE, false, "a/b", 1, Properties.NONE, utf8("hi")));
        check(
                MQTT_3_1_1,
                """
                31 05               # PUBLISH, QoS 0, RETAIN; Remaining Length
                0003 EFBBBF         # Topic Name U+FEFF, which is no byte-order mark (MQTT-1.5.4-3)
                """,
                new Packet.Publish(
                        false, QoS.AT_MOST_ONCE, true, "\uFEFF", 0, Properties.NONE, ByteBuffer.allocate(0)));
    }

    @Test
    void shouldWriteAndReadAcknowledgementsInMqtt5() throws CodecException {
        check(
                MQTT_5,
                "40 02 0001         # PUBACK, Remaining Length, Packet Identifier; nothing else means Success",
                new Packet.Ack(PacketType.PUBACK, 1, ReasonCode.SUCCESS, Properties.NONE));
        check(
                MQTT_5,
                "50 03 FFFF 10      # PUBREC, Remaining Length, Packet Identifier, No matching subscribers",
                new Packet.Ack(PacketType.PUBREC, 65535, ReasonCode.NO_MATCHING_SUBSCRIBERS, Properties.NONE));
        check(MQTT_5, """
                62 09               # PUBREL, Remaining Length
                0002                # Packet Identifier
                92                  # Packet Identifier not found
                05 1F 0002 6E6F     # Property Length, Reason String "no"
                """, new Packet.Ack(PacketType.PUBREL, 2, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, reason("no")));
        check(MQTT_5, """
                70 09               # PUBCOMP, Remaining Length
                0002                # Packet Identifier
                00                  # Success
                05 1F 0002 6F6B     # Property Length, Reason String "ok"
                """, new Packet.Ack(PacketType.PUBCOMP, 2, ReasonCode.SUCCESS, reason("ok")));
    }

    @Test
    void shouldWriteAndReadAcknowledgementsInMqtt311() throws CodecException {
        check(
                MQTT_3_1_1,
                "40 02 0001         # PUBACK, Remaining Length, Packet Identifier",
                new Packet.Ack(PacketType.PUBACK, 1, ReasonCode.SUCCESS, Properties.NONE));
        check(
                MQTT_3_1_1,
                "50 02 0100         # PUBREC, Remaining Length, Packet Identifier",
                new Packet.Ack(PacketType.PUBREC, 256, ReasonCode.SUCCESS, Properties.NONE));
        check(
                MQTT_3_1_1,
                "62 02 00FF         # PUBREL, Remaining Length, Packet Identifier",
                new Packet.Ack(PacketType.PUBREL, 255, ReasonCode.SUCCESS, Properties.NONE));
        check(
                MQTT_3_1_1,
                "70 02 FFFF         # PUBCOMP, Remaining Length, Packet Identifier",
                new Packet.Ack(PacketType.PUBCOMP, 65535, ReasonCode.SUCCESS, Properties.NONE));
    }

    @Test
    void shouldReadAcknowledgementsInTheirLongerForms() throws CodecException {
        Packet success = new Packet.Ack(PacketType.PUBACK, 1, ReasonCode.SUCCESS, Properties.NONE);
        assertThat(Bytes.decode(Bytes.hex("40 03 0001 00"), MQTT_5)).isEqualTo(success);
        assertThat(Bytes.decode(Bytes.hex("40 04 0001 00 00"), MQTT_5)).isEqualTo(success);
    }

    @Test
    void shouldWriteAndReadSubscribeInMqtt5() throws CodecException {
        check(
                MQTT_5,
                """
                82 1D               # SUBSCRIBE, Remaining Length
                000A                # Packet Identifier
                08                  # Property Length
                   0B 8001          # Subscription Identifier 128
                   26 0000 0000     # User Property
                0003 612F62         # Topic Filter "a/b"
                2E                  # Retain Handling 2, Retain As Published, No Local, QoS 2
                0001 23             # Topic Filter "#"
                10                  # Retain Handling 1, QoS 0
                0005 2B2F2B2F23     # Topic Filter "+/+/#"
                01                  # QoS 1
                """,
                new Packet.Subscribe(
                        10,
                        Properties.builder()
                                .subscriptionIdentifier(128)
                                .userProperty("", "")
                                .build(),
                        List.of(
                                new Packet.Subscription("a/b", QoS.EXACTLY_ONCE, true, true, 2),
                                new Packet.Subscription("#", QoS.AT_MOST_ONCE, false, false, 1),
                                new Packet.Subscription("+/+/#", QoS.AT_LEAST_ONCE, false, false, 0))));
    }

    @Test
    void shouldWriteAndReadSubscribeInMqtt311() throws CodecException {
        check(
                MQTT_3_1_1,
                """
                82 0C               # SUBSCRIBE, Remaining Length
                000A                # Packet Identifier
                0003 612F62 01      # Topic Filter "a/b", Requested QoS 1
                0001 23 02          # Topic Filter "#", Requested QoS 2
                """,
                new Packet.Subscribe(
                        10,
                        Properties.NONE,
                        List.of(
                                new Packet.Subscription("a/b", QoS.AT_LEAST_ONCE, false, false, 0),
                                new Packet.Subscription("#", QoS.EXACTLY_ONCE, false, false, 0))));
    }

    @Test
    void shouldWriteAndReadSubAckInMqtt5() throws CodecException {
        check(
                MQTT_5,
                """
                90 0C               # SUBACK, Remaining Length
                000A                # Packet Identifier
                05 1F 0002 6F6B     # Property Length, Reason String "ok"
                00 01 02 87         # Granted QoS 0, 1, 2, Not authorized
                """,
                new Packet.SubAck(
                        10,
                        reason("ok"),
                        List.of(
                                ReasonCode.SUCCESS,
                                ReasonCode.GRANTED_QOS_1,
                                ReasonCode.GRANTED_QOS_2,
                                ReasonCode.NOT_AUTHORIZED)));
    }

    @Test
    void shouldWriteAndReadSubAckInMqtt311() throws CodecException {
        check(
                MQTT_3_1_1,
                """
                90 06               # SUBACK, Remaining Length
                000A                # Packet Identifier
                00 01 02 80         # QoS 0, 1, 2, failure
                """,
                new Packet.SubAck(
                        10,
                        Properties.NONE,
                        List.of(
                                ReasonCode.SUCCESS,
                                ReasonCode.GRANTED_QOS_1,
                                ReasonCode.GRANTED_QOS_2,
                                ReasonCode.UNSPECIFIED_ERROR)));
    }

    @Test
    void shouldWriteAndReadUnsubscribeInMqtt5() throws CodecException {
        check(
                MQTT_5,
                """
                A2 10               # UNSUBSCRIBE, Remaining Length
                000B                # Packet Identifier
                05 26 0000 0000     # Property Length, User Property
                0003 612F62         # Topic Filter "a/b"
                0001 23             # Topic Filter "#"
                """,
                new Packet.Unsubscribe(
                        11, Properties.builder().userProperty("", "").build(), List.of("a/b", "#")));
    }

    @Test
    void shouldWriteAndReadUnsubscribeInMqtt311() throws CodecException {
        check(MQTT_3_1_1, """
                A2 07               # UNSUBSCRIBE, Remaining Length
                000B                # Packet Identifier
                0003 612F62         # Topic Filter "a/b"
                """, new Packet.Unsubscribe(11, Properties.NONE, List.of("a/b")));
    }

    @Test
    void shouldWriteAndReadUnsubAckInMqtt5() throws CodecException {
        check(
                MQTT_5,
                """
                B0 05               # UNSUBACK, Remaining Length
                000B                # Packet Identifier
                00                  # Property Length
                00 11               # Success, No subscription existed
                """,
                new Packet.UnsubAck(
                        11, Properties.NONE, List.of(ReasonCode.SUCCESS, ReasonCode.NO_SUBSCRIPTION_EXISTED)));
    }

    @Test
    void shouldWriteAndReadUnsubAckInMqtt311() throws CodecException {
        check(
                MQTT_3_1_1,
                "B0 02 000B         # UNSUBACK, Remaining Length, Packet Identifier",
                new Packet.UnsubAck(11, Properties.NONE, List.of()));
    }

    @Test
    void shouldWriteAndReadPings() throws CodecException {
        for (ProtocolVersion version : ProtocolVersion.values()) {
            check(version, "C0 00              # PINGREQ, Remaining Length", new Packet.PingReq());
            check(version, "D0 00              # PINGRESP, Remaining Length", new Packet.PingResp());
        }
    }

    @Test
    void shouldWriteAndReadDisconnectInMqtt5() throws CodecException {
        check(
                MQTT_5,
                "E0 00              # DISCONNECT, Remaining Length; nothing means Normal disconnection",
                new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE));
        check(
                MQTT_5,
                "E0 01 8E           # DISCONNECT, Remaining Length, Session taken over",
                new Packet.Disconnect(ReasonCode.SESSION_TAKEN_OVER, Properties.NONE));
        check(
                MQTT_5,
                """
                E0 07               # DISCONNECT, Remaining Length
                04                  # Disconnect with Will Message
                05 11 00000000      # Property Length, Session Expiry Interval 0
                """,
                new Packet.Disconnect(
                        ReasonCode.DISCONNECT_WITH_WILL_MESSAGE,
                        Properties.builder()
                                .set(Property.SESSION_EXPIRY_INTERVAL, 0)
                                .build()));
        assertThat(Bytes.decode(Bytes.hex("E0 02 00 00"), MQTT_5))
                .isEqualTo(new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE));
    }

    @Test
    void shouldWriteAndReadDisconnectInMqtt311() throws CodecException {
        check(
                MQTT_3_1_1,
                "E0 00              # DISCONNECT, Remaining Length",
                new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE));
    }

    @Test
    void shouldWriteAndReadAuthInMqtt5() throws CodecException {
        check(
                MQTT_5,
                """
                F0 0A               # AUTH, Remaining Length
                18                  # Continue authentication
                08                  # Property Length
                   15 0001 6D       # Authentication Method "m"
                   16 0001 2A       # Authentication Data
                """,
                new Packet.Auth(
                        ReasonCode.CONTINUE_AUTHENTICATION,
                        Properties.builder()
                                .set(Property.AUTHENTICATION_METHOD, "m")
                                .set(Property.AUTHENTICATION_DATA, ByteBuffer.wrap(new byte[] {42}))
                                .build()));
        check(
                MQTT_5,
                "F0 00              # AUTH, Remaining Length; nothing means Success",
                new Packet.Auth(ReasonCode.SUCCESS, Properties.NONE));
        check(
                MQTT_5,
                "F0 02 19 00        # AUTH, Remaining Length, Re-authenticate, Property Length",
                new Packet.Auth(ReasonCode.REAUTHENTICATE, Properties.NONE));
    }
}
