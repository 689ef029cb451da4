package dev.recado.core.client;

import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.ProtocolVersion;
import java.nio.ByteBuffer;

/** Writes PUBLISH packets without allocating: the part before the payload in a buffer used again. Not thread-safe. */
final class PublishWriter {

    private static final int INITIAL_CAPACITY = 256;

    private final boolean retain;
    private final ByteBuffer[] parts = new ByteBuffer[2];
    private ByteBuffer head = ByteBuffer.allocate(INITIAL_CAPACITY);

    PublishWriter(boolean retain) {
        this.retain = retain;
    }

    /** Appends the packet to the connection. */
    void write(Delivery delivery, ClientConnection connection) {
        int payloadLength = delivery.payload.remaining();
        int headLength = delivery.size - payloadLength;
        if (head.capacity() < headLength) {
            head = ByteBuffer.allocate(Math.max(headLength, 2 * head.capacity()));
        }
        PacketEncoder.encodePublishHead(
                head.clear(),
                ProtocolVersion.MQTT_5,
                delivery.again && delivery.isAcknowledged(),
                delivery.qos,
                retain,
                delivery.topicUtf8,
                delivery.packetId,
                delivery.properties,
                delivery.expiry,
                null,
                payloadLength);
        parts[0] = head.flip();
        parts[1] = delivery.payload;
        connection.write(parts);
        parts[1] = null;
    }
}
