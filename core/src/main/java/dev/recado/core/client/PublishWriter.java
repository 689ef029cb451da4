package dev.recado.core.client;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import java.nio.ByteBuffer;

/** Writes PUBLISH and PUBREL packets without allocating: all but the payload in buffers used again. Not thread-safe. */
final class PublishWriter {

    private static final int INITIAL_CAPACITY = 256;
    private static final byte[] NO_TOPIC = {};

    /** Identifier and value of the property Topic Alias. */
    private static final int ALIAS_LENGTH = 3;

    /** What an alias adds at most: itself, and two more bytes of lengths. */
    private static final int ALIAS_GROWTH = ALIAS_LENGTH + 2;

    private static final int MAX_ACK_LENGTH = 5;

    private final ProtocolVersion version;
    private final ByteBuffer[] parts = new ByteBuffer[2];
    private final ByteBuffer ack = ByteBuffer.allocate(MAX_ACK_LENGTH);
    private ByteBuffer head = ByteBuffer.allocate(INITIAL_CAPACITY);
    private ByteBuffer withAlias = ByteBuffer.allocate(INITIAL_CAPACITY);
    private TopicAliases aliases = new TopicAliases(0);
    private int maxPacketSize;

    PublishWriter(ProtocolVersion version) {
        this.version = version;
    }

    /** A new connection: no alias is taken over from the last one (MQTT-3.3.2-7). */
    void connected(ServerLimits limits) {
        aliases = new TopicAliases(limits.topicAliasMaximum());
        maxPacketSize = limits.maxPacketSize();
    }

    /**
     * Appends a PUBLISH to the connection.
     *
     * @param expiry seconds that are left; -1: none
     */
    void publish(Delivery delivery, long expiry, ClientConnection connection) {
        int alias = aliases.of(delivery.topicUtf8);
        byte[] topic = alias == 0 ? delivery.topicUtf8 : NO_TOPIC;
        if (alias == 0 && delivery.size <= maxPacketSize - ALIAS_GROWTH) {
            alias = aliases.add(delivery.topicUtf8);
        }
        int payloadLength = delivery.payload.remaining();
        head = atLeast(delivery.size - payloadLength + ALIAS_GROWTH, head);
        PacketEncoder.encodePublishHead(
                head,
                version,
                delivery.again && delivery.qos != QoS.AT_MOST_ONCE,
                delivery.qos,
                delivery.retain,
                topic,
                delivery.packetId,
                alias == 0 ? delivery.properties : withAlias(alias, delivery.properties),
                expiry,
                null,
                payloadLength);
        parts[0] = head.flip();
        parts[1] = delivery.payload;
        connection.write(parts);
        parts[1] = null;
    }

    private ByteBuffer withAlias(int alias, ByteBuffer properties) {
        int length = properties == null ? 0 : properties.remaining();
        withAlias = atLeast(ALIAS_LENGTH + length, withAlias);
        withAlias.put((byte) Property.TOPIC_ALIAS.id()).putShort((short) alias);
        if (length > 0) {
            withAlias.put(ALIAS_LENGTH, properties, properties.position(), length);
            withAlias.position(ALIAS_LENGTH + length);
        }
        return withAlias.flip();
    }

    private static ByteBuffer atLeast(int length, ByteBuffer used) {
        return used.capacity() < length ? ByteBuffer.allocate(Math.max(length, 2 * used.capacity())) : used.clear();
    }

    /** Appends a PUBREL to the connection. */
    void release(int packetId, ReasonCode code, ClientConnection connection) {
        PacketEncoder.encodeAck(ack.clear(), version, PacketType.PUBREL, packetId, code);
        connection.write(ack.flip());
    }
}
