package dev.recado.core.codec;

import static dev.recado.core.codec.PacketType.AUTH;
import static dev.recado.core.codec.PacketType.CONNACK;
import static dev.recado.core.codec.PacketType.CONNECT;
import static dev.recado.core.codec.PacketType.DISCONNECT;
import static dev.recado.core.codec.PacketType.PUBACK;
import static dev.recado.core.codec.PacketType.PUBCOMP;
import static dev.recado.core.codec.PacketType.PUBLISH;
import static dev.recado.core.codec.PacketType.PUBREC;
import static dev.recado.core.codec.PacketType.PUBREL;
import static dev.recado.core.codec.PacketType.SUBACK;
import static dev.recado.core.codec.PacketType.SUBSCRIBE;
import static dev.recado.core.codec.PacketType.UNSUBACK;
import static dev.recado.core.codec.PacketType.UNSUBSCRIBE;

/**
 * The properties of MQTT 5 (section 2.2.2.2, table 2-4): identifier, form, range and the packets that may carry each. The
 * decoder, the encoder and {@link Properties} all go by this table.
 *
 * <p>The Will Properties of CONNECT are a place of their own, apart from the properties of CONNECT.
 */
public enum Property {
    /** 1: the payload is UTF-8 text. */
    PAYLOAD_FORMAT_INDICATOR(0x01, Form.BYTE, 0, 1, Will.YES, PUBLISH),
    /** Seconds. */
    MESSAGE_EXPIRY_INTERVAL(0x02, Form.FOUR_BYTES, 0, Form.FOUR_BYTES.max, Will.YES, PUBLISH),
    /** Such as a MIME type. */
    CONTENT_TYPE(0x03, Form.TEXT, Will.YES, PUBLISH),
    /** A topic name for the answer. */
    RESPONSE_TOPIC(0x08, Form.TEXT, Will.YES, PUBLISH),
    /** Comes back with the answer. */
    CORRELATION_DATA(0x09, Form.BINARY, Will.YES, PUBLISH),
    /** The only one besides USER_PROPERTY that may be repeated, and in PUBLISH only. */
    SUBSCRIPTION_IDENTIFIER(0x0B, Form.VARIABLE_BYTES, 1, Form.VARIABLE_BYTES.max, Will.NO, PUBLISH, SUBSCRIBE),
    /** Seconds; 0xFFFFFFFF: never. */
    SESSION_EXPIRY_INTERVAL(0x11, Form.FOUR_BYTES, 0, Form.FOUR_BYTES.max, Will.NO, CONNECT, CONNACK, DISCONNECT),
    /** Answers an empty Client Identifier. */
    ASSIGNED_CLIENT_IDENTIFIER(0x12, Form.TEXT, Will.NO, CONNACK),
    /** Seconds; replaces what the client asked for. */
    SERVER_KEEP_ALIVE(0x13, Form.TWO_BYTES, 0, Form.TWO_BYTES.max, Will.NO, CONNACK),
    /** Names the enhanced authentication. */
    AUTHENTICATION_METHOD(0x15, Form.TEXT, Will.NO, CONNECT, CONNACK, AUTH),
    /** Only together with AUTHENTICATION_METHOD. */
    AUTHENTICATION_DATA(0x16, Form.BINARY, Will.NO, CONNECT, CONNACK, AUTH),
    /** 0: no reason strings and user properties on acknowledgements, please. */
    REQUEST_PROBLEM_INFORMATION(0x17, Form.BYTE, 0, 1, Will.NO, CONNECT),
    /** Seconds. */
    WILL_DELAY_INTERVAL(0x18, Form.FOUR_BYTES, 0, Form.FOUR_BYTES.max, Will.YES),
    /** 1: RESPONSE_INFORMATION is welcome. */
    REQUEST_RESPONSE_INFORMATION(0x19, Form.BYTE, 0, 1, Will.NO, CONNECT),
    /** A basis for response topics. */
    RESPONSE_INFORMATION(0x1A, Form.TEXT, Will.NO, CONNACK),
    /** Another server to use. */
    SERVER_REFERENCE(0x1C, Form.TEXT, Will.NO, CONNACK, DISCONNECT),
    /** For people and logs. */
    REASON_STRING(
            0x1F, Form.TEXT, Will.NO, CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT, AUTH),
    /** Unacknowledged messages at QoS 1 and 2 that the sender of this is willing to take. */
    RECEIVE_MAXIMUM(0x21, Form.TWO_BYTES, 1, Form.TWO_BYTES.max, Will.NO, CONNECT, CONNACK),
    /** The highest alias that the sender of this takes. */
    TOPIC_ALIAS_MAXIMUM(0x22, Form.TWO_BYTES, 0, Form.TWO_BYTES.max, Will.NO, CONNECT, CONNACK),
    /** Stands for a topic name on this connection. */
    TOPIC_ALIAS(0x23, Form.TWO_BYTES, 1, Form.TWO_BYTES.max, Will.NO, PUBLISH),
    /** Absent: 2. */
    MAXIMUM_QOS(0x24, Form.BYTE, 0, 1, Will.NO, CONNACK),
    /** Absent: 1. */
    RETAIN_AVAILABLE(0x25, Form.BYTE, 0, 1, Will.NO, CONNACK),
    /** A name and a value; any number of them, order kept. */
    USER_PROPERTY(
            0x26,
            Form.TEXT_PAIR,
            Will.YES,
            CONNECT,
            CONNACK,
            PUBLISH,
            PUBACK,
            PUBREC,
            PUBREL,
            PUBCOMP,
            SUBSCRIBE,
            SUBACK,
            UNSUBSCRIBE,
            UNSUBACK,
            DISCONNECT,
            AUTH),
    /** Bytes of a whole packet. */
    MAXIMUM_PACKET_SIZE(0x27, Form.FOUR_BYTES, 1, Form.FOUR_BYTES.max, Will.NO, CONNECT, CONNACK),
    /** Absent: 1. */
    WILDCARD_SUBSCRIPTION_AVAILABLE(0x28, Form.BYTE, 0, 1, Will.NO, CONNACK),
    /** Absent: 1. */
    SUBSCRIPTION_IDENTIFIER_AVAILABLE(0x29, Form.BYTE, 0, 1, Will.NO, CONNACK),
    /** Absent: 1. */
    SHARED_SUBSCRIPTION_AVAILABLE(0x2A, Form.BYTE, 0, 1, Will.NO, CONNACK);

    /** How a value looks on the wire (section 1.5); {@link #max} is the largest number that fits. */
    enum Form {
        BYTE(0xFF),
        TWO_BYTES(0xFFFF),
        FOUR_BYTES(0xFFFF_FFFFL),
        VARIABLE_BYTES(Wire.MAX_VARIABLE_BYTE_INTEGER),
        TEXT(-1),
        BINARY(-1),
        TEXT_PAIR(-1);

        final long max;

        Form(long max) {
            this.max = max;
        }

        boolean isNumber() {
            return max > 0;
        }
    }

    private enum Will {
        YES,
        NO
    }

    /** The place number of the Will Properties; that of a packet's properties is {@link PacketType#value()}. */
    static final int WILL = 0;

    private static final Property[] BY_ID = new Property[0x2B];

    static {
        for (Property property : values()) {
            BY_ID[property.id] = property;
        }
    }

    private final int id;
    private final Form form;
    private final long min;
    private final long max;
    private final int places;

    Property(int id, Form form, Will will, PacketType... packets) {
        this(id, form, -1, -1, will, packets);
    }

    Property(int id, Form form, long min, long max, Will will, PacketType... packets) {
        this.id = id;
        this.form = form;
        this.min = min;
        this.max = max;
        int bits = will == Will.YES ? 1 << WILL : 0;
        for (PacketType packet : packets) {
            bits |= 1 << packet.value();
        }
        this.places = bits;
    }

    /** The property with this identifier, or {@code null} when the standard defines none. */
    static Property of(int id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
    }

    /**
     * The identifier on the wire.
     *
     * @return 0x01 to 0x2A
     */
    public int id() {
        return id;
    }

    Form form() {
        return form;
    }

    /** The smallest value of a number. */
    long min() {
        return min;
    }

    /** The largest value of a number. */
    long max() {
        return max;
    }

    /** Whether it may stand in this place: {@link #WILL}, or the value of a packet type. */
    boolean isAllowedIn(int place) {
        return (places & 1 << place) != 0;
    }

    /** Whether it may stand more than once in this place. */
    boolean isRepeatableIn(int place) {
        return this == USER_PROPERTY || (this == SUBSCRIPTION_IDENTIFIER && place == PUBLISH.value());
    }

    /**
     * Whether a server passes it on as it is: topic alias and subscription identifiers belong to one connection, the expiry
     * is written anew (MQTT-3.3.2-6), and the delay has passed when a will becomes a message.
     */
    boolean isForwardable() {
        return switch (this) {
            case TOPIC_ALIAS, SUBSCRIPTION_IDENTIFIER, MESSAGE_EXPIRY_INTERVAL, WILL_DELAY_INTERVAL -> false;
            default -> true;
        };
    }

    /** How messages name a place. */
    static String placeName(int place) {
        return place == WILL ? "the Will Properties" : PacketType.of(place).name();
    }

    /**
     * Name and identifier, as log lines and exceptions show them.
     *
     * @return such as {@code TOPIC_ALIAS (0x23)}
     */
    @Override
    public String toString() {
        return String.format("%s (0x%02X)", name(), id);
    }
}
