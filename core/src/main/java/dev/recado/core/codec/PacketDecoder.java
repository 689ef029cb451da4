package dev.recado.core.codec;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Bytes to packets of any type, as objects that outlive the reader's bytes. Stateless. */
public final class PacketDecoder {

    private static final int USER_NAME_FLAG = 0x80;
    private static final int PASSWORD_FLAG = 0x40;
    private static final int WILL_RETAIN = 0x20;
    private static final int WILL_QOS = 0x18;
    private static final int WILL_FLAG = 0x04;
    private static final int CLEAN_START = 0x02;
    private static final int RESERVED = 0x01;

    private static final int NO_LOCAL = 0x04;
    private static final int RETAIN_AS_PUBLISHED = 0x08;

    private final PacketType type;
    private final ProtocolVersion version;
    private final Cursor cursor = new Cursor();
    private final PropertyCursor properties = new PropertyCursor(cursor);

    private final int maxUserProperties;
    private final int maxFilters;

    private PacketDecoder(PacketReader reader, ProtocolVersion version, int maxUserProperties, int maxFilters) {
        this.type = reader.type();
        this.version = version;
        this.maxUserProperties = maxUserProperties;
        this.maxFilters = maxFilters;
        cursor.reset(reader.buffer(), reader.start(), reader.end());
    }

    /**
     * Reads and checks the current packet, with no bound on its parts but its size. Objects take many times the bytes that
     * they came in: for a peer that is not trusted there is the other method.
     *
     * @param reader stands on a packet
     * @param version of the connection; not used for CONNECT, which states its own
     * @return a packet that shares no bytes with the reader
     * @throws CodecException when the packet breaks a rule
     */
    public static Packet decode(PacketReader reader, ProtocolVersion version) throws CodecException {
        return decode(reader, version, Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    /**
     * Reads and checks the current packet.
     *
     * @param reader stands on a packet
     * @param version of the connection; not used for CONNECT, which states its own
     * @param maxUserProperties in one packet; in a CONNECT, in it and in its will, each
     * @param maxFilters in one SUBSCRIBE or UNSUBSCRIBE
     * @return a packet that shares no bytes with the reader
     * @throws CodecException when the packet breaks a rule; QUOTA_EXCEEDED when there are more parts than that
     */
    public static Packet decode(PacketReader reader, ProtocolVersion version, int maxUserProperties, int maxFilters)
            throws CodecException {
        switch (reader.type()) {
            case PUBLISH -> {
                PublishView view = new PublishView();
                view.decode(reader, version);
                PropertyCursor.requireUserProperties(view.userPropertyCount(), maxUserProperties);
                return view.toPacket();
            }
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> {
                return AckView.packet(reader, version, maxUserProperties);
            }
            default -> {
                PacketDecoder decoder = new PacketDecoder(reader, version, maxUserProperties, maxFilters);
                Packet packet = decoder.body();
                decoder.cursor.requireEnd(reader.type());
                return packet;
            }
        }
    }

    /**
     * The version of MQTT in which a CONNECT that {@link #decode} refuses is best answered: the one that it states. Of those that
     * this codec does not speak, a client of an earlier one is most likely to understand MQTT 3.1.1, and one of a version to come
     * the latest.
     *
     * @param reader stands on a CONNECT
     * @return {@code null} when it states none at all
     */
    public static ProtocolVersion connectVersion(PacketReader reader) {
        try {
            PacketDecoder decoder = new PacketDecoder(reader, null, 0, 0);
            decoder.cursor.skipBinary("Protocol Name");
            int level = decoder.cursor.u8("Protocol Version");
            return level < ProtocolVersion.MQTT_5.level() ? ProtocolVersion.MQTT_3_1_1 : ProtocolVersion.MQTT_5;
        } catch (CodecException e) {
            return null;
        }
    }

    private Packet body() throws CodecException {
        return switch (type) {
            case CONNECT -> connect();
            case CONNACK -> connAck();
            case SUBSCRIBE -> subscribe();
            case SUBACK -> subAck();
            case UNSUBSCRIBE -> unsubscribe();
            case UNSUBACK -> unsubAck();
            case PINGREQ -> new Packet.PingReq();
            case PINGRESP -> new Packet.PingResp();
            case DISCONNECT -> disconnect();
            case AUTH -> auth();
            case PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP -> throw new AssertionError(type); // have views
        };
    }

    /**
     * <pre>
     * | protocol name | level: 1 | connect flags: 1 | keep alive: 2 | [properties] |
     * | client id | [will properties] [will topic] [will payload] | [user name] | [password] |
     *
     * connect flags: | user name | password | will retain | will QoS: 2 | will | clean start | 0 |
     * </pre>
     */
    private Packet.Connect connect() throws CodecException {
        ProtocolVersion stated = protocol();
        int flags = cursor.u8("Connect Flags");
        checkConnectFlags(flags, stated);
        int keepAlive = cursor.u16("Keep Alive");
        Properties connectProperties = properties(type.value(), stated);
        String clientId = cursor.text("Client Identifier");
        Packet.Will will = (flags & WILL_FLAG) != 0 ? will(flags, stated) : null;
        String userName = (flags & USER_NAME_FLAG) != 0 ? cursor.text("User Name") : null;
        ByteBuffer password = (flags & PASSWORD_FLAG) != 0 ? cursor.binary("Password") : null;
        return new Packet.Connect(
                stated, (flags & CLEAN_START) != 0, keepAlive, connectProperties, clientId, will, userName, password);
    }

    private ProtocolVersion protocol() throws CodecException {
        int nameStart = cursor.skipBinary("Protocol Name");
        int nameEnd = cursor.at();
        int level = cursor.u8("Protocol Version");
        for (ProtocolVersion candidate : ProtocolVersion.values()) {
            if (candidate.level() == level && isAt(nameStart, nameEnd, candidate.protocolName())) {
                return candidate;
            }
        }
        throw new CodecException(
                ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
                "Protocol Version " + level + " under a Protocol Name of " + (nameEnd - nameStart)
                        + " bytes is none of MQTT 5, MQTT 4 and MQIsdp 3 (MQTT-3.1.2-1, MQTT-3.1.2-2)");
    }

    private boolean isAt(int from, int to, String text) {
        ByteBuffer expected = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        return cursor.bytesAt(from, to).equals(expected);
    }

    private static void checkConnectFlags(int flags, ProtocolVersion version) throws CodecException {
        if ((flags & RESERVED) != 0) {
            throw CodecException.malformed("the reserved bit of the Connect Flags is 1 (MQTT-3.1.2-3)");
        }
        if ((flags & WILL_FLAG) == 0 && (flags & WILL_QOS) != 0) {
            throw CodecException.malformed(
                    "Will QoS is " + ((flags & WILL_QOS) >>> 3) + " without a will, allowed is 0 (MQTT-3.1.2-11)");
        }
        if ((flags & WILL_FLAG) == 0 && (flags & WILL_RETAIN) != 0) {
            throw CodecException.malformed("Will Retain is 1 without a will (MQTT-3.1.2-13)");
        }
        if ((flags & WILL_QOS) == WILL_QOS) {
            throw CodecException.malformed("Will QoS is 3, allowed are 0 to 2 (MQTT-3.1.2-12)");
        }
        if (!version.hasProperties() && (flags & (USER_NAME_FLAG | PASSWORD_FLAG)) == PASSWORD_FLAG) {
            throw CodecException.malformed(
                    "CONNECT of " + version + " has a Password and no User Name (MQTT 3.1.1, MQTT-3.1.2-22)");
        }
    }

    private Packet.Will will(int flags, ProtocolVersion stated) throws CodecException {
        Properties willProperties = properties(Property.WILL, stated);
        int topicStart = cursor.skipText("Will Topic");
        int topicEnd = cursor.at();
        TopicRules.checkName("Will Topic", cursor.buffer(), topicStart, topicEnd);
        ByteBuffer payload = cursor.binary("Will Payload");
        return new Packet.Will(
                QoS.of((flags & WILL_QOS) >>> 3),
                (flags & WILL_RETAIN) != 0,
                willProperties,
                cursor.textAt(topicStart, topicEnd),
                payload);
    }

    /** <pre>| acknowledge flags: 1 | reason code or return code: 1 | [properties] |</pre> */
    private Packet.ConnAck connAck() throws CodecException {
        int flags = cursor.u8("Connect Acknowledge Flags");
        if (flags > 1) {
            throw CodecException.malformed(
                    "Connect Acknowledge Flags are " + flags + ", allowed are 0 and 1 (MQTT-3.2.2-1)");
        }
        int value = cursor.u8("Connect Reason Code");
        ReasonCode code =
                version.hasProperties() ? ReasonCodes.decode(type, value) : ReasonCodes.ofConnectReturnCode(value);
        if (flags == 1 && code != ReasonCode.SUCCESS) {
            throw CodecException.protocolError("Session Present is 1 with reason code " + code + " (MQTT-3.2.2-6)");
        }
        return new Packet.ConnAck(flags == 1, code, properties(type.value(), version));
    }

    /** <pre>| packet id: 2 | [properties] | (topic filter | options: 1)+ |</pre> */
    private Packet.Subscribe subscribe() throws CodecException {
        int packetId = cursor.packetId();
        Properties all = properties(type.value(), version);
        requireAny("topic filter", "MQTT-3.8.3-2");
        List<Packet.Subscription> subscriptions = new ArrayList<>();
        while (cursor.hasRemaining()) {
            requireFilters(subscriptions.size() + 1);
            String filter = cursor.text("Topic Filter");
            int options = cursor.u8("Subscription Options");
            subscriptions.add(
                    version.hasProperties() ? subscription(filter, options) : subscription311(filter, options));
        }
        return new Packet.Subscribe(packetId, all, subscriptions);
    }

    /** <pre>options: | 0: 2 | retain handling: 2 | retain as published | no local | QoS: 2 |</pre> */
    private static Packet.Subscription subscription(String filter, int options) throws CodecException {
        int qos = options & 3;
        int retainHandling = options >>> 4 & 3;
        boolean noLocal = (options & NO_LOCAL) != 0;
        if (options >>> 6 != 0) {
            throw CodecException.malformed("reserved bits of the Subscription Options are " + (options >>> 6)
                    + ", allowed is 0 (MQTT-3.8.3-5)");
        }
        if (qos == 3) {
            throw CodecException.protocolError(
                    "Maximum QoS of a subscription is 3, allowed are 0 to 2 (MQTT 5, section 3.8.3.1)");
        }
        if (retainHandling == 3) {
            throw CodecException.protocolError(
                    "Retain Handling of a subscription is 3, allowed are 0 to 2 (MQTT 5, section 3.8.3.1)");
        }
        if (noLocal && TopicRules.isShared(filter)) {
            throw CodecException.protocolError(
                    "No Local is 1 for the shared subscription '" + Utf8.abbreviate(filter) + "' (MQTT-3.8.3-4)");
        }
        return new Packet.Subscription(
                filter, QoS.of(qos), noLocal, (options & RETAIN_AS_PUBLISHED) != 0, retainHandling);
    }

    private static Packet.Subscription subscription311(String filter, int options) throws CodecException {
        if (options > 2) {
            throw CodecException.malformed(
                    "Requested QoS byte is " + options + ", allowed are 0 to 2 (MQTT 3.1.1, MQTT-3.8.3-4)");
        }
        return new Packet.Subscription(filter, QoS.of(options), false, false, 0);
    }

    /** <pre>| packet id: 2 | [properties] | (reason code or return code: 1)+ |</pre> */
    private Packet.SubAck subAck() throws CodecException {
        int packetId = cursor.packetId();
        Properties all = properties(type.value(), version);
        requireAny("reason code", "MQTT-3.8.4-6");
        List<ReasonCode> codes = new ArrayList<>(cursor.remaining());
        while (cursor.hasRemaining()) {
            int value = cursor.u8("Reason Code");
            codes.add(
                    version.hasProperties() ? ReasonCodes.decode(type, value) : ReasonCodes.ofSubAckReturnCode(value));
        }
        return new Packet.SubAck(packetId, all, codes);
    }

    /** <pre>| packet id: 2 | [properties] | topic filter+ |</pre> */
    private Packet.Unsubscribe unsubscribe() throws CodecException {
        int packetId = cursor.packetId();
        Properties all = properties(type.value(), version);
        requireAny("topic filter", "MQTT-3.10.3-2");
        List<String> filters = new ArrayList<>();
        while (cursor.hasRemaining()) {
            requireFilters(filters.size() + 1);
            filters.add(cursor.text("Topic Filter"));
        }
        return new Packet.Unsubscribe(packetId, all, filters);
    }

    /** <pre>| packet id: 2 | [properties | (reason code: 1)+] |</pre> */
    private Packet.UnsubAck unsubAck() throws CodecException {
        int packetId = cursor.packetId();
        if (!version.hasProperties()) {
            return new Packet.UnsubAck(packetId, Properties.NONE, List.of());
        }
        Properties all = properties(type.value(), version);
        requireAny("reason code", "MQTT-3.11.3-2");
        List<ReasonCode> codes = new ArrayList<>(cursor.remaining());
        while (cursor.hasRemaining()) {
            codes.add(ReasonCodes.decode(type, cursor.u8("Reason Code")));
        }
        return new Packet.UnsubAck(packetId, all, codes);
    }

    /** <pre>| [reason code: 1 [properties]] |</pre> Nothing means SUCCESS (section 3.14.2.1). */
    private Packet.Disconnect disconnect() throws CodecException {
        if (!version.hasProperties() || !cursor.hasRemaining()) {
            return new Packet.Disconnect(ReasonCode.SUCCESS, Properties.NONE);
        }
        ReasonCode code = ReasonCodes.decode(type, cursor.u8("Reason Code"));
        return new Packet.Disconnect(code, cursor.hasRemaining() ? properties(type.value(), version) : Properties.NONE);
    }

    /** <pre>| [reason code: 1 | properties] |</pre> Nothing means SUCCESS (section 3.15.2.1). */
    private Packet.Auth auth() throws CodecException {
        if (!version.hasProperties()) {
            throw CodecException.malformed("packet type 15 is reserved in " + version + " (MQTT 3.1.1, section 2.2.1)");
        }
        if (!cursor.hasRemaining()) {
            return new Packet.Auth(ReasonCode.SUCCESS, Properties.NONE);
        }
        ReasonCode code = ReasonCodes.decode(type, cursor.u8("Reason Code"));
        return new Packet.Auth(code, properties(type.value(), version));
    }

    private Properties properties(int place, ProtocolVersion of) throws CodecException {
        return of.hasProperties() ? properties.read(place, maxUserProperties) : Properties.NONE;
    }

    private void requireAny(String what, String rule) throws CodecException {
        if (!cursor.hasRemaining()) {
            throw CodecException.protocolError(type + " has no " + what + " (" + rule + ")");
        }
    }

    private void requireFilters(int count) throws CodecException {
        if (count > maxFilters) {
            throw new CodecException(
                    ReasonCode.QUOTA_EXCEEDED, type + " has more topic filters than the " + maxFilters + " allowed");
        }
    }
}
