package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.PacketType.AUTH;
import static dev.recado.testkit.mqtt.PacketType.CONNACK;
import static dev.recado.testkit.mqtt.PacketType.CONNECT;
import static dev.recado.testkit.mqtt.PacketType.DISCONNECT;
import static dev.recado.testkit.mqtt.PacketType.PUBACK;
import static dev.recado.testkit.mqtt.PacketType.PUBCOMP;
import static dev.recado.testkit.mqtt.PacketType.PUBLISH;
import static dev.recado.testkit.mqtt.PacketType.PUBREC;
import static dev.recado.testkit.mqtt.PacketType.PUBREL;
import static dev.recado.testkit.mqtt.PacketType.SUBACK;
import static dev.recado.testkit.mqtt.PacketType.SUBSCRIBE;
import static dev.recado.testkit.mqtt.PacketType.UNSUBACK;
import static dev.recado.testkit.mqtt.PacketType.UNSUBSCRIBE;

import java.util.EnumSet;
import java.util.Set;

/** The properties of MQTT 5, each with the packets that have it (table 2-4). */
enum Property {
    PAYLOAD_FORMAT_INDICATOR(0x01, Form.BYTE, PUBLISH),
    MESSAGE_EXPIRY_INTERVAL(0x02, Form.FOUR_BYTES, PUBLISH),
    CONTENT_TYPE(0x03, Form.TEXT, PUBLISH),
    RESPONSE_TOPIC(0x08, Form.TEXT, PUBLISH),
    CORRELATION_DATA(0x09, Form.BINARY, PUBLISH),
    SUBSCRIPTION_IDENTIFIER(0x0B, Form.VARIABLE, PUBLISH, SUBSCRIBE),
    SESSION_EXPIRY_INTERVAL(0x11, Form.FOUR_BYTES, CONNECT, CONNACK, DISCONNECT),
    ASSIGNED_CLIENT_IDENTIFIER(0x12, Form.TEXT, CONNACK),
    SERVER_KEEP_ALIVE(0x13, Form.TWO_BYTES, CONNACK),
    AUTHENTICATION_METHOD(0x15, Form.TEXT, CONNECT, CONNACK, AUTH),
    AUTHENTICATION_DATA(0x16, Form.BINARY, CONNECT, CONNACK, AUTH),
    REQUEST_PROBLEM_INFORMATION(0x17, Form.BYTE, CONNECT),
    WILL_DELAY_INTERVAL(0x18, Form.FOUR_BYTES),
    REQUEST_RESPONSE_INFORMATION(0x19, Form.BYTE, CONNECT),
    RESPONSE_INFORMATION(0x1A, Form.TEXT, CONNACK),
    SERVER_REFERENCE(0x1C, Form.TEXT, CONNACK, DISCONNECT),
    REASON_STRING(0x1F, Form.TEXT, CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT, AUTH),
    RECEIVE_MAXIMUM(0x21, Form.TWO_BYTES, CONNECT, CONNACK),
    TOPIC_ALIAS_MAXIMUM(0x22, Form.TWO_BYTES, CONNECT, CONNACK),
    TOPIC_ALIAS(0x23, Form.TWO_BYTES, PUBLISH),
    MAXIMUM_QOS(0x24, Form.BYTE, CONNACK),
    RETAIN_AVAILABLE(0x25, Form.BYTE, CONNACK),
    USER_PROPERTY(
            0x26,
            Form.TEXT_PAIR,
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
    MAXIMUM_PACKET_SIZE(0x27, Form.FOUR_BYTES, CONNECT, CONNACK),
    WILDCARD_SUBSCRIPTION_AVAILABLE(0x28, Form.BYTE, CONNACK),
    SUBSCRIPTION_IDENTIFIER_AVAILABLE(0x29, Form.BYTE, CONNACK),
    SHARED_SUBSCRIPTION_AVAILABLE(0x2A, Form.BYTE, CONNACK);

    /** How a value looks on the wire. */
    enum Form {
        BYTE,
        TWO_BYTES,
        FOUR_BYTES,
        VARIABLE,
        TEXT,
        BINARY,
        TEXT_PAIR
    }

    private static final Set<Property> OF_WILL = EnumSet.of(
            PAYLOAD_FORMAT_INDICATOR,
            MESSAGE_EXPIRY_INTERVAL,
            CONTENT_TYPE,
            RESPONSE_TOPIC,
            CORRELATION_DATA,
            WILL_DELAY_INTERVAL,
            USER_PROPERTY);

    final int id;
    final Form form;
    private final Set<PacketType> packets;

    Property(int id, Form form, PacketType... packets) {
        this.id = id;
        this.form = form;
        this.packets = Set.of(packets);
    }

    /** The property with this identifier; {@code null} when there is none. */
    static Property of(int id) {
        for (Property property : values()) {
            if (property.id == id) {
                return property;
            }
        }
        return null;
    }

    /** Will Properties, which are in CONNECT as well, have {@link #isInWill}. */
    boolean isIn(PacketType type) {
        return packets.contains(type);
    }

    boolean isInWill() {
        return OF_WILL.contains(this);
    }

    boolean mayComeFromServerIn(PacketType type) {
        // MQTT-3.14.2-2: table 2-4 does not tell directions.
        return isIn(type) && !(this == SESSION_EXPIRY_INTERVAL && type == DISCONNECT);
    }

    boolean mayBeRepeatedIn(PacketType type) {
        return this == USER_PROPERTY || (this == SUBSCRIPTION_IDENTIFIER && type == PUBLISH);
    }
}
