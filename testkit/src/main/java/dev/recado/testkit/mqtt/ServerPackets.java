package dev.recado.testkit.mqtt;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what a broker sends, and accepts nothing that the standard forbids in any packet, whatever the test is about. Each
 * refusal is an {@link AssertionError} that cites its statement.
 */
final class ServerPackets {

    private static final byte[] NO_PAYLOAD = {};

    private final Version version;
    private final PacketType type;
    private final int flags;
    private final ByteBuffer body;
    private final int size;

    private int packetId = -1;
    private boolean sessionPresent;
    private final List<Integer> codes = new ArrayList<>();
    private String topic;
    private byte[] payload = NO_PAYLOAD;
    private Properties properties = new Properties();

    private ServerPackets(Version version, int firstByte, byte[] body, int size) {
        this.version = version;
        this.type = PacketType.of(firstByte);
        this.flags = firstByte & 0x0F;
        this.body = ByteBuffer.wrap(body);
        this.size = size;
    }

    /** {@code size} is that of the whole packet. */
    static Received read(Version version, int firstByte, byte[] body, int size) {
        return new ServerPackets(version, firstByte, body, size).read();
    }

    private Received read() {
        if (type != PacketType.PUBLISH && flags != type.flags) {
            throw violation("2.1.3-1", "2.2.2-1", "has flags " + flags + ", but must have " + type.flags);
        }
        switch (type) {
            case CONNACK -> connAck();
            case PUBLISH -> publish();
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> acknowledgement();
            case SUBACK -> subAck();
            case UNSUBACK -> unsubAck();
            case PINGRESP -> {}
            case DISCONNECT, AUTH -> codeAndProperties();
            default -> throw new AssertionError("a server must not send " + type + " (section 2.1.2)");
        }
        if (body.hasRemaining()) {
            throw new AssertionError(type + " has " + body.remaining() + " bytes too many at its end");
        }
        for (int code : codes) {
            check(code);
        }
        return new Received(
                type, flags, packetId, sessionPresent, List.copyOf(codes), topic, payload, properties, size);
    }

    private void connAck() {
        int acknowledgeFlags = u8();
        if (acknowledgeFlags > 1) {
            throw violation(
                    "3.2.2-1", "3.2.2-1", "has Acknowledge Flags " + acknowledgeFlags + ", allowed are 0 and 1");
        }
        sessionPresent = acknowledgeFlags == 1;
        codes.add(u8());
        properties();
        if (sessionPresent && codes.get(0) != 0) {
            throw violation("3.2.2-6", "3.2.2-4", "refuses with Session Present 1");
        }
    }

    private void publish() {
        int qos = flags >> 1 & 3;
        if (qos == 3) {
            throw violation("3.3.1-4", "3.3.1-4", "has QoS 3");
        }
        if (qos == 0 && flags >= 8) {
            throw violation("3.3.1-2", "3.3.1-2", "has QoS 0 and DUP 1");
        }
        topic = string();
        if (topic.indexOf('+') >= 0 || topic.indexOf('#') >= 0) {
            throw violation("3.3.2-2", "3.3.2-2", "has a wildcard in its topic '" + topic + "'");
        }
        if (qos > 0) {
            packetId();
        }
        properties();
        payload = new byte[body.remaining()];
        body.get(payload);
    }

    private void acknowledgement() {
        packetId();
        codeAndProperties();
    }

    private void codeAndProperties() {
        if (!version.hasProperties()) {
            if (type == PacketType.DISCONNECT || type == PacketType.AUTH) {
                throw new AssertionError("a server must not send " + type + " in MQTT 3.1.1");
            }
            return;
        }
        if (body.hasRemaining()) {
            codes.add(u8());
        }
        if (body.hasRemaining()) {
            properties();
        }
    }

    private void subAck() {
        packetId();
        properties();
        remainingCodes("3.8.4-6", "3.8.4-5");
    }

    private void unsubAck() {
        packetId();
        if (version.hasProperties()) {
            properties();
            remainingCodes("3.11.3-2", null);
        }
    }

    /** One for each filter, of which every request has one. */
    private void remainingCodes(String v5, String v311) {
        while (body.hasRemaining()) {
            codes.add(u8());
        }
        if (codes.isEmpty()) {
            throw violation(v5, v311, "has no Reason Code");
        }
    }

    private void check(int code) {
        if (version.hasProperties()) {
            if (!type.serverCodes.contains(code)) {
                throw new AssertionError(statementOnCodes() + ": " + type + " from a server must not have Reason Code "
                        + String.format("0x%02X", code));
            }
        } else if (type == PacketType.CONNACK && code > 5) {
            throw new AssertionError("MQTT-3.2.2-6: CONNACK has return code " + code + ", allowed are 0 to 5");
        } else if (type == PacketType.SUBACK && code > 2 && code != 0x80) {
            throw new AssertionError("MQTT-3.9.3-2: SUBACK has return code " + code + ", allowed are 0, 1, 2 and 128");
        }
    }

    private String statementOnCodes() {
        return "MQTT-"
                + switch (type) {
                    case CONNACK -> "3.2.2-8";
                    case PUBACK -> "3.4.2-1";
                    case PUBREC -> "3.5.2-1";
                    case PUBREL -> "3.6.2-1";
                    case PUBCOMP -> "3.7.2-1";
                    case SUBACK -> "3.9.3-2";
                    case UNSUBACK -> "3.11.3-2";
                    case DISCONNECT -> "3.14.2-1";
                    case AUTH -> "3.15.2-1";
                    default -> throw new IllegalStateException(type + " has no codes");
                };
    }

    // ---- Fields ----

    private void packetId() {
        packetId = u16();
        if (packetId == 0) {
            throw violation("2.2.1-4", "2.3.1-1", "has packet identifier 0");
        }
    }

    private void properties() {
        if (!version.hasProperties()) {
            return;
        }
        need(1, "Property Length (MQTT-2.2.2-1)");
        int length = variable();
        need(length, "properties");
        int end = body.position() + length;
        while (body.position() < end) {
            int id = variable();
            Property property = Property.of(id);
            if (property == null || !property.mayComeFromServerIn(type)) {
                throw new AssertionError(type + " from a server must not have property "
                        + (property == null ? "" : property + " ") + String.format("0x%02X (table 2-4)", id));
            }
            if (properties.has(property) && !property.mayBeRepeatedIn(type)) {
                throw new AssertionError(type + " must not repeat property " + property);
            }
            properties.add(property, value(property));
        }
        if (body.position() > end) {
            throw new AssertionError("the last property of " + type + " is longer than Property Length says");
        }
    }

    private Object value(Property property) {
        return switch (property.form) {
            case BYTE -> (long) u8();
            case TWO_BYTES -> (long) u16();
            case FOUR_BYTES -> (long) u16() << 16 | u16();
            case VARIABLE -> (long) variable();
            case TEXT -> string();
            case BINARY -> binary();
            case TEXT_PAIR -> new Properties.Pair(string(), string());
        };
    }

    private int u8() {
        need(1, "a byte");
        return body.get() & 0xFF;
    }

    private int u16() {
        need(2, "two bytes");
        return body.getShort() & 0xFFFF;
    }

    private int variable() {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = u8();
            value |= (digit & 0x7F) << 7 * i;
            if (digit < 0x80) {
                if (digit == 0 && i > 0) {
                    throw violation("1.5.5-1", null, "has the number " + value + " in " + (i + 1) + " bytes");
                }
                return value;
            }
        }
        throw violation("1.5.5-1", null, "has a Variable Byte Integer of more than 4 bytes");
    }

    private byte[] binary() {
        int length = u16();
        need(length, "a field of " + length + " bytes");
        byte[] data = new byte[length];
        body.get(data);
        return data;
    }

    private String string() {
        byte[] data = binary();
        CharBuffer text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data));
        } catch (CharacterCodingException e) {
            throw violation("1.5.4-1", "1.5.3-1", "has a string that is not UTF-8: " + Body.hex(data));
        }
        if (text.toString().indexOf('\0') >= 0) {
            throw violation("1.5.4-2", "1.5.3-2", "has a string with U+0000: " + Body.hex(data));
        }
        return text.toString();
    }

    private void need(int bytes, String what) {
        if (body.remaining() < bytes) {
            throw new AssertionError(type + " ends at byte " + body.position() + " of its body, where " + what + " of "
                    + bytes + " or more must follow");
        }
    }

    private AssertionError violation(String v5, String v311, String what) {
        String statement = version == Version.V5 ? v5 : v311;
        return new AssertionError("MQTT-" + statement + ": " + type + " " + what);
    }
}
