package dev.recado.core.codec;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import java.nio.ByteBuffer;

/**
 * Packets to bytes, always in the shortest form. Stateless.
 *
 * <p>What a version has no place for is left out: properties, reason codes of acknowledgements and of DISCONNECT, and all
 * Subscription Options but the QoS, in MQTT 3.1.1. Refused with {@link IllegalArgumentException}, before anything is
 * written, is what would not be the packet meant: AUTH, a topic alias without topic name, or a password without user
 * name in MQTT 3.1.1; and more bytes than a packet can have (section 2.1.4).
 *
 * <p>All methods write at the position of {@code out}, whatever its byte order, and throw
 * {@link java.nio.BufferOverflowException} when it has too little room; what it then holds is undefined.
 */
public final class PacketEncoder {

    private static final int DUP = 8;
    private static final int RETAIN = 1;

    private static final int USER_NAME_FLAG = 0x80;
    private static final int PASSWORD_FLAG = 0x40;
    private static final int WILL_RETAIN = 0x20;
    private static final int WILL_FLAG = 0x04;
    private static final int CLEAN_START = 0x02;

    private static final int NO_LOCAL = 0x04;
    private static final int RETAIN_AS_PUBLISHED = 0x08;

    private static final int MESSAGE_EXPIRY_LENGTH = 5;

    private PacketEncoder() {}

    /**
     * The length of a packet.
     *
     * @param packet of any type
     * @param version to write it in; for CONNECT its own counts
     * @return bytes of the whole packet
     * @throws IllegalArgumentException as the type says
     */
    public static int size(Packet packet, ProtocolVersion version) {
        return wholeSize(bodySize(packet, version));
    }

    /**
     * Writes a packet.
     *
     * @param packet of any type
     * @param version to write it in; for CONNECT its own counts
     * @param out takes {@link #size} bytes
     * @throws IllegalArgumentException as the type says
     */
    public static void encode(Packet packet, ProtocolVersion version, ByteBuffer out) {
        int bodySize = bodySize(packet, version);
        Sink sink = new Sink.Into(out);
        sink.u8(packet.type().value() << 4 | flags(packet));
        sink.variableByteInteger(bodySize);
        writeBody(packet, version, sink);
    }

    /**
     * Writes a packet into a buffer of its own.
     *
     * @param packet of any type
     * @param version to write it in; for CONNECT its own counts
     * @return exactly the packet, from position 0 to the limit
     * @throws IllegalArgumentException as the type says
     */
    public static ByteBuffer encode(Packet packet, ProtocolVersion version) {
        ByteBuffer out = ByteBuffer.allocate(size(packet, version));
        encode(packet, version, out);
        return out.flip();
    }

    private static int bodySize(Packet packet, ProtocolVersion version) {
        Sink.Counter counter = new Sink.Counter();
        writeBody(packet, version, counter);
        return counter.count();
    }

    private static int wholeSize(int bodySize) {
        return 1 + Wire.variableByteIntegerLength(bodySize) + bodySize;
    }

    private static int flags(Packet packet) {
        return packet instanceof Packet.Publish publish
                ? publishFlags(publish.dup(), publish.qos(), publish.retain())
                : packet.type().flags();
    }

    private static int publishFlags(boolean dup, QoS qos, boolean retain) {
        return (dup ? DUP : 0) | qos.value() << 1 | (retain ? RETAIN : 0);
    }

    private static void writeBody(Packet packet, ProtocolVersion version, Sink out) {
        switch (packet.type()) {
            case CONNECT -> connect((Packet.Connect) packet, out);
            case CONNACK -> connAck((Packet.ConnAck) packet, version, out);
            case PUBLISH -> publish((Packet.Publish) packet, version, out);
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> ack((Packet.Ack) packet, version, out);
            case SUBSCRIBE -> subscribe((Packet.Subscribe) packet, version, out);
            case SUBACK -> subAck((Packet.SubAck) packet, version, out);
            case UNSUBSCRIBE -> unsubscribe((Packet.Unsubscribe) packet, version, out);
            case UNSUBACK -> unsubAck((Packet.UnsubAck) packet, version, out);
            case PINGREQ, PINGRESP -> {}
            case DISCONNECT -> disconnect((Packet.Disconnect) packet, version, out);
            case AUTH -> auth((Packet.Auth) packet, version, out);
        }
    }

    /**
     * <pre>
     * | protocol name | level | connect flags | keep alive | [properties] |
     * | client id | [will properties] [will topic] [will payload] | [user name] | [password] |
     * </pre>
     */
    private static void connect(Packet.Connect connect, Sink out) {
        ProtocolVersion version = connect.version();
        if (!version.hasProperties() && connect.password() != null && connect.userName() == null) {
            throw new IllegalArgumentException(
                    "CONNECT of " + version + " has a Password and no User Name (MQTT 3.1.1, MQTT-3.1.2-22)");
        }
        out.text(version.protocolName());
        out.u8(version.level());
        out.u8(connectFlags(connect));
        out.u16(connect.keepAlive());
        properties(connect.properties(), version, out);
        out.text(connect.clientId());
        Packet.Will will = connect.will();
        if (will != null) {
            properties(will.properties(), version, out);
            out.text(will.topic());
            out.binary(will.payload());
        }
        if (connect.userName() != null) {
            out.text(connect.userName());
        }
        if (connect.password() != null) {
            out.binary(connect.password());
        }
    }

    private static int connectFlags(Packet.Connect connect) {
        int flags = (connect.cleanStart() ? CLEAN_START : 0)
                | (connect.userName() != null ? USER_NAME_FLAG : 0)
                | (connect.password() != null ? PASSWORD_FLAG : 0);
        Packet.Will will = connect.will();
        return will == null ? flags : flags | WILL_FLAG | will.qos().value() << 3 | (will.retain() ? WILL_RETAIN : 0);
    }

    /** <pre>| acknowledge flags | reason code or return code | [properties] |</pre> */
    private static void connAck(Packet.ConnAck connAck, ProtocolVersion version, Sink out) {
        out.u8(connAck.sessionPresent() ? 1 : 0);
        out.u8(
                version.hasProperties()
                        ? connAck.reasonCode().value()
                        : ReasonCodes.connectReturnCode(connAck.reasonCode()));
        properties(connAck.properties(), version, out);
    }

    /** <pre>| topic name | [packet id] | [properties] | payload |</pre> */
    private static void publish(Packet.Publish publish, ProtocolVersion version, Sink out) {
        if (!version.hasProperties() && publish.topic().isEmpty()) {
            throw new IllegalArgumentException("PUBLISH of " + version + " has an empty topic name (MQTT-4.7.3-1)");
        }
        out.text(publish.topic());
        if (publish.qos() != QoS.AT_MOST_ONCE) {
            out.u16(publish.packetId());
        }
        properties(publish.properties(), version, out);
        out.bytes(publish.payload());
    }

    /** <pre>| packet id | [reason code] | [properties] |</pre> */
    private static void ack(Packet.Ack ack, ProtocolVersion version, Sink out) {
        out.u16(ack.packetId());
        reason(ack.reasonCode(), ack.properties(), version, out);
    }

    /** Reason code and properties, both left out where that says the same (sections 3.4.2.1, 3.14.2.1). */
    private static void reason(ReasonCode code, Properties properties, ProtocolVersion version, Sink out) {
        if (!version.hasProperties() || (code == ReasonCode.SUCCESS && properties.isEmpty())) {
            return;
        }
        out.u8(code.value());
        if (!properties.isEmpty()) {
            properties.write(out);
        }
    }

    /** <pre>| packet id | [properties] | (topic filter | options)* |</pre> */
    private static void subscribe(Packet.Subscribe subscribe, ProtocolVersion version, Sink out) {
        out.u16(subscribe.packetId());
        properties(subscribe.properties(), version, out);
        for (Packet.Subscription subscription : subscribe.subscriptions()) {
            out.text(subscription.filter());
            out.u8(options(subscription, version));
        }
    }

    private static int options(Packet.Subscription subscription, ProtocolVersion version) {
        int qos = subscription.qos().value();
        return version.hasProperties()
                ? qos
                        | (subscription.noLocal() ? NO_LOCAL : 0)
                        | (subscription.retainAsPublished() ? RETAIN_AS_PUBLISHED : 0)
                        | subscription.retainHandling() << 4
                : qos;
    }

    /** <pre>| packet id | [properties] | (reason code or return code)* |</pre> */
    private static void subAck(Packet.SubAck subAck, ProtocolVersion version, Sink out) {
        out.u16(subAck.packetId());
        properties(subAck.properties(), version, out);
        for (ReasonCode code : subAck.reasonCodes()) {
            out.u8(version.hasProperties() ? code.value() : ReasonCodes.subAckReturnCode(code));
        }
    }

    /** <pre>| packet id | [properties] | topic filter* |</pre> */
    private static void unsubscribe(Packet.Unsubscribe unsubscribe, ProtocolVersion version, Sink out) {
        out.u16(unsubscribe.packetId());
        properties(unsubscribe.properties(), version, out);
        unsubscribe.filters().forEach(out::text);
    }

    /** <pre>| packet id | [properties | reason code*] |</pre> */
    private static void unsubAck(Packet.UnsubAck unsubAck, ProtocolVersion version, Sink out) {
        out.u16(unsubAck.packetId());
        if (version.hasProperties()) {
            if (unsubAck.reasonCodes().isEmpty()) {
                throw new IllegalArgumentException("UNSUBACK has no reason code (MQTT-3.11.3-2)");
            }
            unsubAck.properties().write(out);
            unsubAck.reasonCodes().forEach(code -> out.u8(code.value()));
        }
    }

    /** <pre>| [reason code] | [properties] |</pre> */
    private static void disconnect(Packet.Disconnect disconnect, ProtocolVersion version, Sink out) {
        reason(disconnect.reasonCode(), disconnect.properties(), version, out);
    }

    /** <pre>| [reason code | properties] |</pre> */
    private static void auth(Packet.Auth auth, ProtocolVersion version, Sink out) {
        if (!version.hasProperties()) {
            throw new IllegalArgumentException("AUTH does not exist in " + version + " (MQTT 5, section 3.15)");
        }
        if (auth.reasonCode() != ReasonCode.SUCCESS || !auth.properties().isEmpty()) {
            out.u8(auth.reasonCode().value());
            auth.properties().write(out);
        }
    }

    private static void properties(Properties properties, ProtocolVersion version, Sink out) {
        if (version.hasProperties()) {
            properties.write(out);
        }
    }

    /**
     * Writes a PUBLISH up to its payload, without allocating. In MQTT 5 the properties are those given, in this order:
     * message expiry, subscription identifiers, {@code forwardable}.
     *
     * @param out takes {@link #publishSize} bytes less the payload
     * @param version to write it in; before MQTT 5 the properties are left out
     * @param dup whether it may have been sent before
     * @param qos of this delivery
     * @param retain the flag to send
     * @param topicUtf8 a valid topic name, at most 65,535 bytes; not checked again
     * @param packetId 0 to 65,535; not written at QoS 0. 0 when it will be patched
     * @param forwardable encoded properties, position to limit, left as they are: see {@link
     *     PublishView#copyForwardable}; {@code null} for none. Not checked again
     * @param messageExpiry seconds, 0 to 4,294,967,295; -1: none
     * @param subscriptionIdentifiers each 1 to 268,435,455; {@code null} for none
     * @param payloadLength bytes that the caller appends
     * @return the absolute index of the packet identifier in {@code out}, so that it can be patched for each target; -1 at
     *     QoS 0
     * @throws IllegalArgumentException when a value is out of range or the packet would be too large
     */
    public static int encodePublishHead(
            ByteBuffer out,
            ProtocolVersion version,
            boolean dup,
            QoS qos,
            boolean retain,
            byte[] topicUtf8,
            int packetId,
            ByteBuffer forwardable,
            long messageExpiry,
            int[] subscriptionIdentifiers,
            int payloadLength) {
        int forwardableLength = forwardable == null ? 0 : forwardable.remaining();
        int propertiesLength = version.hasProperties()
                ? propertiesLength(forwardableLength, messageExpiry, subscriptionIdentifiers)
                : 0;
        int bodySize = publishBodySize(version, qos, topicUtf8.length, propertiesLength, payloadLength);
        out.put((byte) (PacketType.PUBLISH.value() << 4 | publishFlags(dup, qos, retain)));
        putVariableByteInteger(out, bodySize);
        putU16(out, topicUtf8.length);
        out.put(topicUtf8);
        int packetIdIndex = -1;
        if (qos != QoS.AT_MOST_ONCE) {
            packetIdIndex = out.position();
            putU16(out, packetId);
        }
        if (version.hasProperties()) {
            putVariableByteInteger(out, propertiesLength);
            if (messageExpiry >= 0) {
                out.put((byte) Property.MESSAGE_EXPIRY_INTERVAL.id());
                putU16(out, (int) (messageExpiry >>> 16));
                putU16(out, (int) messageExpiry);
            }
            putSubscriptionIdentifiers(out, subscriptionIdentifiers);
            if (forwardableLength > 0) {
                int at = out.position();
                out.put(at, forwardable, forwardable.position(), forwardableLength);
                out.position(at + forwardableLength);
            }
        }
        return packetIdIndex;
    }

    /**
     * The length of what {@link #encodePublishHead} writes, and the payload.
     *
     * @param version to write it in
     * @param qos of this delivery
     * @param topicLength bytes, 0 to 65,535
     * @param forwardableLength bytes
     * @param messageExpiry seconds, 0 to 4,294,967,295; -1: none
     * @param subscriptionIdentifiers each 1 to 268,435,455; {@code null} for none
     * @param payloadLength bytes
     * @return bytes of the whole packet
     * @throws IllegalArgumentException when a value is out of range or the packet would be too large
     */
    public static int publishSize(
            ProtocolVersion version,
            QoS qos,
            int topicLength,
            int forwardableLength,
            long messageExpiry,
            int[] subscriptionIdentifiers,
            int payloadLength) {
        int propertiesLength = version.hasProperties()
                ? propertiesLength(forwardableLength, messageExpiry, subscriptionIdentifiers)
                : 0;
        return wholeSize(publishBodySize(version, qos, topicLength, propertiesLength, payloadLength));
    }

    private static int publishBodySize(
            ProtocolVersion version, QoS qos, int topicLength, int propertiesLength, int payloadLength) {
        if (topicLength > Wire.MAX_LENGTH) {
            throw new IllegalArgumentException("Topic Name takes " + topicLength + " bytes in UTF-8, allowed are "
                    + Wire.MAX_LENGTH + " (MQTT-4.7.3-3)");
        }
        long size = 2L + topicLength + (qos == QoS.AT_MOST_ONCE ? 0 : 2) + payloadLength;
        if (version.hasProperties()) {
            size += Wire.variableByteIntegerLength(propertiesLength) + propertiesLength;
        }
        return requireSize(size);
    }

    private static int propertiesLength(int forwardableLength, long messageExpiry, int[] subscriptionIdentifiers) {
        if (messageExpiry < -1 || messageExpiry > Property.MESSAGE_EXPIRY_INTERVAL.max()) {
            throw new IllegalArgumentException(Property.MESSAGE_EXPIRY_INTERVAL + " is " + messageExpiry
                    + ", allowed are 0 to " + Property.MESSAGE_EXPIRY_INTERVAL.max()
                    + " and -1 for none (MQTT 5, section 3.3.2.3.3)");
        }
        long length = (messageExpiry < 0 ? 0L : MESSAGE_EXPIRY_LENGTH) + forwardableLength;
        if (subscriptionIdentifiers != null) {
            for (int identifier : subscriptionIdentifiers) {
                if (identifier < 1 || identifier > Wire.MAX_VARIABLE_BYTE_INTEGER) {
                    throw new IllegalArgumentException(Property.SUBSCRIPTION_IDENTIFIER + " is " + identifier
                            + ", allowed are 1 to " + Wire.MAX_VARIABLE_BYTE_INTEGER
                            + " (MQTT 5, section 3.3.2.3.8)");
                }
                length += 1 + Wire.variableByteIntegerLength(identifier);
            }
        }
        return requireSize(length);
    }

    private static int requireSize(long size) {
        if (size > Wire.MAX_VARIABLE_BYTE_INTEGER) {
            throw new IllegalArgumentException("Remaining Length is " + size + " bytes, allowed are "
                    + Wire.MAX_VARIABLE_BYTE_INTEGER + " (MQTT 5, section 2.1.4)");
        }
        return (int) size;
    }

    private static void putSubscriptionIdentifiers(ByteBuffer out, int[] identifiers) {
        if (identifiers != null) {
            for (int identifier : identifiers) {
                out.put((byte) Property.SUBSCRIPTION_IDENTIFIER.id());
                putVariableByteInteger(out, identifier);
            }
        }
    }

    /**
     * Writes an acknowledgement without properties, without allocating.
     *
     * @param out takes 4 bytes, or 5 for a reason code other than SUCCESS in MQTT 5
     * @param version to write it in
     * @param type PUBACK, PUBREC, PUBREL or PUBCOMP
     * @param packetId 1 to 65,535
     * @param reasonCode one that the type may carry; left out before MQTT 5
     * @throws IllegalArgumentException when a value is not one of these
     */
    public static void encodeAck(
            ByteBuffer out, ProtocolVersion version, PacketType type, int packetId, ReasonCode reasonCode) {
        AckView.requireAck(type);
        ReasonCodes.require(type, reasonCode);
        if (packetId < 1 || packetId > 0xFFFF) {
            throw new IllegalArgumentException(
                    "Packet Identifier is " + packetId + ", allowed are 1 to 65535 (MQTT-2.2.1-3)");
        }
        boolean withReason = version.hasProperties() && reasonCode != ReasonCode.SUCCESS;
        out.put((byte) (type.value() << 4 | type.flags()));
        out.put((byte) (withReason ? 3 : 2));
        putU16(out, packetId);
        if (withReason) {
            out.put((byte) reasonCode.value());
        }
    }

    private static void putU16(ByteBuffer out, int value) {
        out.put((byte) (value >>> 8));
        out.put((byte) value);
    }

    private static void putVariableByteInteger(ByteBuffer out, int value) {
        int rest = value;
        while (rest > 0x7F) {
            out.put((byte) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }
}
