package dev.recado.core.client;

import dev.recado.Message;
import dev.recado.ReasonCode;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.ProtocolVersion;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The messages of one connection that are not acknowledged. In whatever order they are handled, PUBACKs go out in the order
 * in which the messages came (MQTT-4.6.0-2): one waits for those before it. With the connection the queue is forgotten.
 * Thread-safe; bounded by the Receive Maximum that was announced.
 */
final class AckQueue {

    private static final int PUBACK_SIZE = 4;

    private final ClientConnection connection;
    private final int receiveMaximum;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Received> waiting = new ArrayDeque<>();
    private final ByteBuffer packet = ByteBuffer.allocate(PUBACK_SIZE);

    /** Those to be acknowledged by hand; {@code null} when that is not done. */
    private final Map<Message, Received> byMessage;

    AckQueue(ClientConnection connection, int receiveMaximum, boolean manual) {
        this.connection = connection;
        this.receiveMaximum = receiveMaximum;
        this.byMessage = manual ? new HashMap<>() : null;
    }

    ClientConnection connection() {
        return connection;
    }

    /**
     * A message came at QoS 1.
     *
     * @return {@code null} when the broker sent more than it may (MQTT-3.3.4-9)
     */
    Received add(Message message, int packetId) {
        lock.lock();
        try {
            if (waiting.size() == receiveMaximum) {
                return null;
            }
            Received received = new Received(message, this, packetId);
            waiting.addLast(received);
            if (byMessage != null) {
                byMessage.put(message, received);
            }
            return received;
        } finally {
            lock.unlock();
        }
    }

    /** By hand. Returns the connection to flush; {@code null} when nothing was written. */
    ClientConnection acknowledge(Message message) {
        lock.lock();
        try {
            Received received = byMessage.remove(message);
            return received == null ? null : acknowledge(received);
        } finally {
            lock.unlock();
        }
    }

    /** Returns the connection to flush; {@code null} when nothing was written. */
    ClientConnection acknowledge(Received received) {
        lock.lock();
        try {
            received.markAcknowledged();
            boolean wrote = false;
            while (!waiting.isEmpty() && waiting.peekFirst().isAcknowledged()) {
                int packetId = waiting.pollFirst().packetId();
                PacketEncoder.encodeAck(
                        packet.clear(), ProtocolVersion.MQTT_5, PacketType.PUBACK, packetId, ReasonCode.SUCCESS);
                connection.write(packet.flip());
                wrote = true;
            }
            return wrote ? connection : null;
        } finally {
            lock.unlock();
        }
    }
}
