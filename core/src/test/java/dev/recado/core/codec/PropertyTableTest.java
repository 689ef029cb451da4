package dev.recado.core.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.fail;

import dev.recado.ReasonCode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every property in every place against table 2-4 of MQTT 5, as written down here once more. */
class PropertyTableTest {

    /** Name, identifier, a value on the wire, and the places; the User Property may stand everywhere. */
    private static final Map<Property, Row> TABLE = Map.ofEntries(
            row(Property.PAYLOAD_FORMAT_INDICATOR, "01", "01", "PUBLISH", "WILL"),
            row(Property.MESSAGE_EXPIRY_INTERVAL, "02", "00000000", "PUBLISH", "WILL"),
            row(Property.CONTENT_TYPE, "03", "0001 78", "PUBLISH", "WILL"),
            row(Property.RESPONSE_TOPIC, "08", "0001 78", "PUBLISH", "WILL"),
            row(Property.CORRELATION_DATA, "09", "0001 FF", "PUBLISH", "WILL"),
            row(Property.SUBSCRIPTION_IDENTIFIER, "0B", "01", "PUBLISH", "SUBSCRIBE"),
            row(Property.SESSION_EXPIRY_INTERVAL, "11", "FFFFFFFF", "CONNECT", "CONNACK", "DISCONNECT"),
            row(Property.ASSIGNED_CLIENT_IDENTIFIER, "12", "0001 78", "CONNACK"),
            row(Property.SERVER_KEEP_ALIVE, "13", "0000", "CONNACK"),
            row(Property.AUTHENTICATION_METHOD, "15", "0001 78", "CONNECT", "CONNACK", "AUTH"),
            row(Property.AUTHENTICATION_DATA, "16", "0001 FF", "CONNECT", "CONNACK", "AUTH"),
            row(Property.REQUEST_PROBLEM_INFORMATION, "17", "00", "CONNECT"),
            row(Property.WILL_DELAY_INTERVAL, "18", "00000000", "WILL"),
            row(Property.REQUEST_RESPONSE_INFORMATION, "19", "01", "CONNECT"),
            row(Property.RESPONSE_INFORMATION, "1A", "0001 78", "CONNACK"),
            row(Property.SERVER_REFERENCE, "1C", "0001 78", "CONNACK", "DISCONNECT"),
            row(
                    Property.REASON_STRING,
                    "1F",
                    "0001 78",
                    "CONNACK",
                    "PUBACK",
                    "PUBREC",
                    "PUBREL",
                    "PUBCOMP",
                    "SUBACK",
                    "UNSUBACK",
                    "DISCONNECT",
                    "AUTH"),
            row(Property.RECEIVE_MAXIMUM, "21", "0001", "CONNECT", "CONNACK"),
            row(Property.TOPIC_ALIAS_MAXIMUM, "22", "0000", "CONNECT", "CONNACK"),
            row(Property.TOPIC_ALIAS, "23", "0001", "PUBLISH"),
            row(Property.MAXIMUM_QOS, "24", "01", "CONNACK"),
            row(Property.RETAIN_AVAILABLE, "25", "00", "CONNACK"),
            row(Property.USER_PROPERTY, "26", "0001 78 0001 79", places().toArray(String[]::new)),
            row(Property.MAXIMUM_PACKET_SIZE, "27", "00000001", "CONNECT", "CONNACK"),
            row(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, "28", "00", "CONNACK"),
            row(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, "29", "00", "CONNACK"),
            row(Property.SHARED_SUBSCRIPTION_AVAILABLE, "2A", "00", "CONNACK"));

    private record Row(String id, String value, List<String> places) {
        byte[] bytes() {
            return Bytes.hex(id + value);
        }
    }

    private static Map.Entry<Property, Row> row(Property property, String id, String value, String... places) {
        return Map.entry(property, new Row(id, value, List.of(places)));
    }

    /** A packet with these properties in this place; all of it is fine but, perhaps, they. */
    private static byte[] packet(String place, byte[]... properties) {
        String connect = "0004 4D515454 05";
        return switch (place) {
            case "CONNECT" -> packet("10", connect + "02 0000", "0000", properties);
            case "WILL" -> packet("10", connect + "06 0000 00 0000", "0001 77 0000", properties);
            case "CONNACK" -> packet("20", "00 00", "", properties);
            case "PUBLISH" -> packet("30", "0001 61", "", properties);
            case "PUBACK" -> packet("40", "0001 00", "", properties);
            case "PUBREC" -> packet("50", "0001 00", "", properties);
            case "PUBREL" -> packet("62", "0001 00", "", properties);
            case "PUBCOMP" -> packet("70", "0001 00", "", properties);
            case "SUBSCRIBE" -> packet("82", "0001", "0001 61 00", properties);
            case "SUBACK" -> packet("90", "0001", "00", properties);
            case "UNSUBSCRIBE" -> packet("A2", "0001", "0001 61", properties);
            case "UNSUBACK" -> packet("B0", "0001", "00", properties);
            case "DISCONNECT" -> packet("E0", "00", "", properties);
            case "AUTH" -> packet("F0", "00", "", properties);
            default -> throw new IllegalArgumentException(place);
        };
    }

    private static byte[] packet(String first, String before, String after, byte[]... properties) {
        byte[] all = Bytes.concat(properties);
        assertThat(all.length).isLessThan(128);
        byte[] body = Bytes.concat(Bytes.hex(before), new byte[] {(byte) all.length}, all, Bytes.hex(after));
        return Bytes.packet(Integer.parseInt(first, 16), body);
    }

    private static Stream<String> places() {
        return Stream.of(
                "CONNECT",
                "WILL",
                "CONNACK",
                "PUBLISH",
                "PUBACK",
                "PUBREC",
                "PUBREL",
                "PUBCOMP",
                "SUBSCRIBE",
                "SUBACK",
                "UNSUBSCRIBE",
                "UNSUBACK",
                "DISCONNECT",
                "AUTH");
    }

    /** What has to stand before it. */
    private static byte[] companion(Property property) {
        return property == Property.AUTHENTICATION_DATA
                ? TABLE.get(Property.AUTHENTICATION_METHOD).bytes()
                : new byte[0];
    }

    private static Properties decode(String place, byte[]... properties) throws CodecException {
        Packet packet = Bytes.decode(packet(place, properties), ProtocolVersion.MQTT_5);
        if (packet instanceof Packet.Connect connect) {
            return place.equals("WILL") ? connect.will().properties() : connect.properties();
        } else if (packet instanceof Packet.ConnAck connAck) {
            return connAck.properties();
        } else if (packet instanceof Packet.Publish publish) {
            return publish.properties();
        } else if (packet instanceof Packet.Ack ack) {
            return ack.properties();
        } else if (packet instanceof Packet.Subscribe subscribe) {
            return subscribe.properties();
        } else if (packet instanceof Packet.SubAck subAck) {
            return subAck.properties();
        } else if (packet instanceof Packet.Unsubscribe unsubscribe) {
            return unsubscribe.properties();
        } else if (packet instanceof Packet.UnsubAck unsubAck) {
            return unsubAck.properties();
        } else if (packet instanceof Packet.Disconnect disconnect) {
            return disconnect.properties();
        } else if (packet instanceof Packet.Auth auth) {
            return auth.properties();
        }
        return fail(place);
    }

    private static void assertRefused(ReasonCode expected, String place, byte[]... properties) {
        byte[] packet = packet(place, properties);
        CodecException failure =
                catchThrowableOfType(CodecException.class, () -> Bytes.decode(packet, ProtocolVersion.MQTT_5));
        assertThat(failure).as("refused in " + place).isNotNull();
        assertThat(failure.reasonCode()).as(failure.getMessage()).isEqualTo(expected);
    }

    @Test
    void shouldKnowEveryProperty() {
        assertThat(TABLE.keySet()).containsExactlyInAnyOrder(Property.values());
        TABLE.forEach((property, row) -> assertThat(property.id()).isEqualTo(Integer.parseInt(row.id(), 16)));
    }

    @ParameterizedTest
    @EnumSource(Property.class)
    void shouldAllowEachPropertyExactlyWhereTheTableSays(Property property) throws CodecException {
        Row row = TABLE.get(property);
        for (String place : places().toList()) {
            if (row.places().contains(place)) {
                assertThat(decode(place, companion(property), row.bytes()).has(property))
                        .as(place)
                        .isTrue();
            } else {
                assertRefused(ReasonCode.MALFORMED_PACKET, place, row.bytes());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Property.class)
    void shouldRefuseARepeatedProperty(Property property) throws CodecException {
        Row row = TABLE.get(property);
        for (String place : row.places()) {
            if (property == Property.USER_PROPERTY) {
                assertThat(decode(place, row.bytes(), row.bytes()).userProperties())
                        .hasSize(2);
            } else if (property == Property.SUBSCRIPTION_IDENTIFIER && place.equals("PUBLISH")) {
                assertThat(decode(place, row.bytes(), row.bytes()).subscriptionIdentifiers())
                        .hasSize(2);
            } else {
                byte[] between = TABLE.get(Property.USER_PROPERTY).bytes();
                assertRefused(ReasonCode.PROTOCOL_ERROR, place, companion(property), row.bytes(), row.bytes());
                assertRefused(ReasonCode.PROTOCOL_ERROR, place, companion(property), row.bytes(), between, row.bytes());
            }
        }
    }

    /** Property Length is one less than the property is long: the value must not be read past it. */
    @ParameterizedTest
    @EnumSource(Property.class)
    void shouldRefuseAPropertyThatIsCut(Property property) {
        byte[] bytes = TABLE.get(property).bytes();
        for (String place : TABLE.get(property).places()) {
            for (int length = 1; length < bytes.length; length++) {
                assertRefused(ReasonCode.MALFORMED_PACKET, place, companion(property), Arrays.copyOf(bytes, length));
            }
        }
    }

    static Stream<Property> numbers() {
        return Arrays.stream(Property.values())
                .filter(property -> property.form().isNumber());
    }

    @ParameterizedTest
    @CsvSource({
        "PAYLOAD_FORMAT_INDICATOR, 02, PROTOCOL_ERROR",
        "PAYLOAD_FORMAT_INDICATOR, FF, PROTOCOL_ERROR",
        "SUBSCRIPTION_IDENTIFIER, 00, PROTOCOL_ERROR",
        "SUBSCRIPTION_IDENTIFIER, 8100, MALFORMED_PACKET",
        "SUBSCRIPTION_IDENTIFIER, 8080808001, MALFORMED_PACKET",
        "REQUEST_PROBLEM_INFORMATION, 02, PROTOCOL_ERROR",
        "REQUEST_PROBLEM_INFORMATION, FF, PROTOCOL_ERROR",
        "REQUEST_RESPONSE_INFORMATION, 02, PROTOCOL_ERROR",
        "REQUEST_RESPONSE_INFORMATION, FF, PROTOCOL_ERROR",
        "RECEIVE_MAXIMUM, 0000, PROTOCOL_ERROR",
        "TOPIC_ALIAS, 0000, TOPIC_ALIAS_INVALID",
        "MAXIMUM_QOS, 02, PROTOCOL_ERROR",
        "MAXIMUM_QOS, FF, PROTOCOL_ERROR",
        "RETAIN_AVAILABLE, 02, PROTOCOL_ERROR",
        "RETAIN_AVAILABLE, FF, PROTOCOL_ERROR",
        "MAXIMUM_PACKET_SIZE, 00000000, PROTOCOL_ERROR",
        "WILDCARD_SUBSCRIPTION_AVAILABLE, 02, PROTOCOL_ERROR",
        "WILDCARD_SUBSCRIPTION_AVAILABLE, FF, PROTOCOL_ERROR",
        "SUBSCRIPTION_IDENTIFIER_AVAILABLE, 02, PROTOCOL_ERROR",
        "SUBSCRIPTION_IDENTIFIER_AVAILABLE, FF, PROTOCOL_ERROR",
        "SHARED_SUBSCRIPTION_AVAILABLE, 02, PROTOCOL_ERROR",
        "SHARED_SUBSCRIPTION_AVAILABLE, FF, PROTOCOL_ERROR",
        "RESPONSE_TOPIC, 0000, TOPIC_NAME_INVALID",
        "RESPONSE_TOPIC, 0003 612F2B, TOPIC_NAME_INVALID",
        "RESPONSE_TOPIC, 0001 23, TOPIC_NAME_INVALID"
    })
    void shouldRefuseAValueOutOfRange(Property property, String value, ReasonCode expected) {
        for (String place : TABLE.get(property).places()) {
            assertRefused(expected, place, Bytes.hex(TABLE.get(property).id() + value));
        }
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void shouldAcceptBothEndsOfARange(Property property) throws CodecException {
        for (long value : new long[] {property.min(), property.max()}) {
            Sink.Counter length = new Sink.Counter();
            ByteBuffer bytes = ByteBuffer.allocate(8);
            Sink out = new Sink.Into(bytes);
            for (Sink sink : new Sink[] {length, out}) {
                sink.u8(property.id());
                switch (property.form()) {
                    case BYTE -> sink.u8((int) value);
                    case TWO_BYTES -> sink.u16((int) value);
                    case FOUR_BYTES -> sink.u32(value);
                    default -> sink.variableByteInteger((int) value);
                }
            }
            String place = TABLE.get(property).places().get(0);
            Properties decoded = decode(place, Arrays.copyOf(bytes.array(), length.count()));
            assertThat(
                            property == Property.SUBSCRIPTION_IDENTIFIER
                                    ? decoded.subscriptionIdentifiers().get(0)
                                    : decoded.number(property, -2))
                    .isEqualTo(value);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0002 C080", "0003 EDA080", "0001 00", "0001 80", "0001 F0"})
    void shouldRefuseBadUtf8InEveryText(String text) {
        TABLE.forEach((property, row) -> {
            String place = row.places().get(0);
            if (property.form() == Property.Form.TEXT) {
                assertRefused(ReasonCode.MALFORMED_PACKET, place, Bytes.hex(row.id() + text));
            } else if (property.form() == Property.Form.TEXT_PAIR) {
                for (String each : row.places()) {
                    assertRefused(ReasonCode.MALFORMED_PACKET, each, Bytes.hex(row.id() + text + "0001 78"));
                    assertRefused(ReasonCode.MALFORMED_PACKET, each, Bytes.hex(row.id() + "0001 78" + text));
                }
            }
        });
    }

    @Test
    void shouldRefuseUnknownIdentifiers() {
        List<Integer> known = TABLE.values().stream()
                .map(row -> Integer.parseInt(row.id(), 16))
                .toList();
        for (int id = 0; id < 0x80; id++) {
            if (!known.contains(id)) {
                for (String place : places().toList()) {
                    assertRefused(ReasonCode.MALFORMED_PACKET, place, new byte[] {(byte) id, 0, 0, 0, 0});
                }
            }
        }
        assertRefused(ReasonCode.MALFORMED_PACKET, "PUBLISH", Bytes.hex("8002 00"));
        assertRefused(ReasonCode.MALFORMED_PACKET, "PUBLISH", Bytes.hex("8100 00")); // 0x01, not in its shortest form
        assertRefused(ReasonCode.MALFORMED_PACKET, "PUBLISH", Bytes.hex("FFFFFFFF7F"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONNECT", "CONNACK", "AUTH"})
    void shouldRefuseAuthenticationDataWithoutItsMethod(String place) throws CodecException {
        byte[] data = TABLE.get(Property.AUTHENTICATION_DATA).bytes();
        byte[] method = TABLE.get(Property.AUTHENTICATION_METHOD).bytes();

        assertRefused(ReasonCode.PROTOCOL_ERROR, place, data);
        assertThat(decode(place, data, method).has(Property.AUTHENTICATION_DATA))
                .isTrue();
        assertThat(decode(place, method).has(Property.AUTHENTICATION_DATA)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("places")
    void shouldRefuseAPropertyLengthBeyondThePacket(String place) {
        byte[] packet = packet(place);
        byte[] bytes = packet(place, TABLE.get(Property.USER_PROPERTY).bytes());
        // The two differ from Property Length on: in all but Remaining Length, which is the second byte.
        int at = 2;
        while (packet[at] == bytes[at]) {
            at++;
        }
        assertThat(bytes[at]).isEqualTo((byte) 7);
        bytes[at] = 0x7F;

        CodecException failure =
                catchThrowableOfType(CodecException.class, () -> Bytes.decode(bytes, ProtocolVersion.MQTT_5));

        assertThat(failure.reasonCode()).isEqualTo(ReasonCode.MALFORMED_PACKET);
        assertThat(failure).hasMessageContaining("127");
    }
}
