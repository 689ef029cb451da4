package dev.recado.core.codec;

import dev.recado.QoS;
import java.nio.ByteBuffer;

/**
 * The current PUBLISH, decoded in place. Reused from packet to packet; allocates nothing at any QoS. Not thread-safe.
 *
 * <pre>
 * | topic length: 2 | topic name | [packet id: 2, at QoS 1 and 2] | [properties, in MQTT 5] | payload |
 * </pre>
 *
 * <p>Everything but the fields that it copied is valid as long as the reader stands on the packet.
 */
public final class PublishView {

    private static final int DUP = 8;
    private static final int RETAIN = 1;

    private final Cursor cursor = new Cursor();
    private final PropertyCursor properties = new PropertyCursor(cursor);

    private PacketReader reader;
    private boolean dup;
    private QoS qos = QoS.AT_MOST_ONCE;
    private boolean retain;
    private int size;
    private int packetId;
    private int topicStart;
    private int topicLength;
    private int propertiesStart;
    private int payloadStart;
    private int payloadLength;

    private int topicAlias;
    private long messageExpiry;
    private boolean utf8Payload;
    private boolean hasSubscriptionIdentifier;
    private int userPropertyCount;
    private int forwardableLength;

    /** Creates a view of nothing. */
    public PublishView() {}

    /**
     * Reads and checks the current packet: flags, topic name, packet identifier and each property.
     *
     * @param from stands on a PUBLISH
     * @param version of the connection
     * @throws CodecException when the packet breaks a rule
     * @throws IllegalArgumentException when the reader stands on another packet
     */
    public void decode(PacketReader from, ProtocolVersion version) throws CodecException {
        decodeAllButTopic(from, version);
        checkTopic();
    }

    /**
     * Reads the current packet and checks everything but the bytes of its topic name: for one who mostly finds that name among
     * those that have been checked, and calls {@link #checkTopic} when it does not.
     *
     * @param from stands on a PUBLISH
     * @param version of the connection
     * @throws CodecException when the packet breaks a rule
     * @throws IllegalArgumentException when the reader stands on another packet
     */
    public void decodeAllButTopic(PacketReader from, ProtocolVersion version) throws CodecException {
        if (from.type() != PacketType.PUBLISH) {
            throw new IllegalArgumentException(from.type() + " is no PUBLISH");
        }
        reader = from;
        size = from.size();
        decodeFlags(from.flags());
        cursor.reset(from.buffer(), from.start(), from.end());
        topicStart = cursor.skipBinary("Topic Name");
        topicLength = cursor.at() - topicStart;
        packetId = qos == QoS.AT_MOST_ONCE ? 0 : cursor.packetId();
        decodeProperties(version);
        if (topicLength == 0 && topicAlias == 0) {
            throw CodecException.protocolError("Topic Name is empty, without a Topic Alias (MQTT-4.7.3-1)");
        }
        payloadStart = cursor.at();
        payloadLength = cursor.remaining();
        cursor.release();
    }

    private void decodeFlags(int flags) throws CodecException {
        int level = flags >>> 1 & 3;
        if (level == 3) {
            throw CodecException.malformed("QoS of PUBLISH is 3, allowed are 0 to 2 (MQTT-3.3.1-4)");
        }
        qos = QoS.of(level);
        dup = (flags & DUP) != 0;
        retain = (flags & RETAIN) != 0;
        if (dup && qos == QoS.AT_MOST_ONCE) {
            throw CodecException.malformed("DUP of PUBLISH is 1 at QoS 0 (MQTT-3.3.1-2)");
        }
    }

    private void decodeProperties(ProtocolVersion version) throws CodecException {
        topicAlias = 0;
        messageExpiry = -1;
        utf8Payload = false;
        hasSubscriptionIdentifier = false;
        userPropertyCount = 0;
        forwardableLength = 0;
        propertiesStart = cursor.at();
        if (version.hasProperties()) {
            properties.begin(PacketType.PUBLISH.value());
            while (properties.next()) {
                decodeProperty();
            }
        }
    }

    private void decodeProperty() {
        switch (properties.property()) {
            case TOPIC_ALIAS -> topicAlias = (int) properties.number();
            case MESSAGE_EXPIRY_INTERVAL -> messageExpiry = properties.number();
            case PAYLOAD_FORMAT_INDICATOR -> utf8Payload = properties.number() == 1;
            case SUBSCRIPTION_IDENTIFIER -> hasSubscriptionIdentifier = true;
            case USER_PROPERTY -> userPropertyCount++;
            default -> {} // checked, and forwarded as it is
        }
        if (properties.property().isForwardable()) {
            forwardableLength += properties.end() - properties.start();
        }
    }

    /**
     * Checks the topic name: UTF-8, without U+0000 and without wildcards.
     *
     * @throws CodecException when it breaks a rule
     */
    public void checkTopic() throws CodecException {
        if (topicLength == 0) {
            return;
        }
        Utf8.check("Topic Name", buffer(), topicStart, topicStart + topicLength);
        TopicRules.checkName("Topic Name", buffer(), topicStart, topicStart + topicLength);
    }

    /**
     * Whether it may have been sent before.
     *
     * @return the flag DUP
     */
    public boolean dup() {
        return dup;
    }

    /**
     * The level of this delivery.
     *
     * @return from the flags
     */
    public QoS qos() {
        return qos;
    }

    /**
     * Whether it is to be, or was, the last value of its topic.
     *
     * @return the flag RETAIN
     */
    public boolean retain() {
        return retain;
    }

    /**
     * Identifies the exchange.
     *
     * @return 1 to 65,535; 0 at QoS 0
     */
    public int packetId() {
        return packetId;
    }

    /**
     * The size of the packet.
     *
     * @return bytes of the whole packet
     */
    public int size() {
        return size;
    }

    /**
     * Where the packet starts.
     *
     * @return an absolute index into {@link #buffer}
     */
    public int start() {
        return end() - size;
    }

    /**
     * Where the packet ends, and its payload.
     *
     * @return the absolute index behind its last byte
     */
    public int end() {
        return payloadStart + payloadLength;
    }

    /**
     * Where the packet is: as {@link PacketReader#buffer}.
     *
     * @return to be read by absolute index
     */
    public ByteBuffer buffer() {
        return reader.buffer();
    }

    /**
     * Where the topic name starts: valid UTF-8, no wildcard, once it has been {@linkplain #checkTopic checked}.
     *
     * @return an absolute index into {@link #buffer}
     */
    public int topicStart() {
        return topicStart;
    }

    /**
     * The length of the topic name.
     *
     * @return bytes; 0 when {@link #topicAlias} stands for it
     */
    public int topicLength() {
        return topicLength;
    }

    /**
     * Where the payload starts.
     *
     * @return an absolute index into {@link #buffer}
     */
    public int payloadStart() {
        return payloadStart;
    }

    /**
     * The length of the payload.
     *
     * @return bytes, may be 0
     */
    public int payloadLength() {
        return payloadLength;
    }

    /**
     * The property TOPIC_ALIAS.
     *
     * @return 1 to 65,535; 0: none
     */
    public int topicAlias() {
        return topicAlias;
    }

    /**
     * The property MESSAGE_EXPIRY_INTERVAL.
     *
     * @return seconds, 0 to 4,294,967,295; -1: none
     */
    public long messageExpiry() {
        return messageExpiry;
    }

    /**
     * The property PAYLOAD_FORMAT_INDICATOR.
     *
     * @return whether the payload claims to be UTF-8 text
     */
    public boolean utf8Payload() {
        return utf8Payload;
    }

    /**
     * Looks at the payload itself: well-formed UTF-8, in which U+0000 is allowed, other than in MQTT's strings (MQTT 5,
     * section 3.3.2.3.2).
     *
     * @return whether it is text
     */
    public boolean isPayloadUtf8() {
        int end = payloadStart + payloadLength;
        int invalid = Utf8.indexOfInvalid(buffer(), payloadStart, end);
        while (invalid >= 0 && buffer().get(invalid) == 0) {
            invalid = Utf8.indexOfInvalid(buffer(), invalid + 1, end);
        }
        return invalid < 0;
    }

    /**
     * The property SUBSCRIPTION_IDENTIFIER, which a client must not send (MQTT-3.3.4-6).
     *
     * @return whether there is at least one
     */
    public boolean hasSubscriptionIdentifier() {
        return hasSubscriptionIdentifier;
    }

    /**
     * How many properties are USER_PROPERTY.
     *
     * @return 0 or more
     */
    public int userPropertyCount() {
        return userPropertyCount;
    }

    /**
     * The length of the encoded properties that a server forwards unchanged: all but topic alias, subscription identifiers
     * and message expiry.
     *
     * @return bytes
     */
    public int forwardableLength() {
        return forwardableLength;
    }

    /**
     * Appends the encoded properties that a server forwards unchanged, in their order (MQTT-3.3.2-18), without a length in
     * front.
     *
     * @param out takes {@link #forwardableLength} bytes
     */
    public void copyForwardable(ByteBuffer out) {
        if (forwardableLength == 0) {
            return;
        }
        try {
            cursor.reset(buffer(), propertiesStart, payloadStart);
            properties.begin(PacketType.PUBLISH.value());
            int runStart = cursor.at();
            int runEnd = runStart;
            while (properties.next()) {
                if (properties.property().isForwardable()) {
                    runEnd = properties.end();
                } else {
                    copy(runStart, runEnd, out);
                    runStart = properties.end();
                    runEnd = runStart;
                }
            }
            copy(runStart, runEnd, out);
            cursor.release();
        } catch (CodecException e) {
            throw new IllegalStateException("the packet has changed since it was decoded", e);
        }
    }

    private void copy(int from, int to, ByteBuffer out) {
        int at = out.position();
        out.put(at, cursor.buffer(), from, to - from);
        out.position(at + to - from);
    }

    /**
     * The packet as an object of its own, which outlives the reader's bytes.
     *
     * @return a copy
     */
    public Packet.Publish toPacket() {
        try {
            cursor.reset(buffer(), propertiesStart, payloadStart);
            Properties all = cursor.hasRemaining()
                    ? properties.read(PacketType.PUBLISH.value(), Integer.MAX_VALUE)
                    : Properties.NONE;
            String topic = cursor.textAt(topicStart, topicStart + topicLength);
            ByteBuffer payload = cursor.bytesAt(payloadStart, payloadStart + payloadLength);
            cursor.release();
            return new Packet.Publish(dup, qos, retain, topic, packetId, all, payload);
        } catch (CodecException e) {
            throw new IllegalStateException("the packet has changed since it was decoded", e);
        }
    }
}
