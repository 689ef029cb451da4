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
    private long received;
    private long acknowledged;

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
            received++;
            Received arrived = new Received(message, this, packetId);
            waiting.addLast(arrived);
            if (byMessage != null) {
                byMessage.put(message, arrived);
            }
            return arrived;
        } finally {
            lock.unlock();
        }
    }

    /** By hand. Returns the connection to flush; {@code null} when nothing was written. */
    ClientConnection acknowledge(Message message) {
        lock.lock();
        try {
            Received arrived = byMessage.remove(message);
            return arrived == null ? null : acknowledge(arrived);
        } finally {
            lock.unlock();
        }
    }

    /** Returns the connection to flush; {@code null} when nothing was written. */
    ClientConnection acknowledge(Received arrived) {
        lock.lock();
        try {
            arrived.markAcknowledged();
            boolean wrote = false;
            while (!waiting.isEmpty() && waiting.peekFirst().isAcknowledged()) {
                int packetId = waiting.pollFirst().packetId();
                PacketEncoder.encodeAck(
                        packet.clear(), ProtocolVersion.MQTT_5, PacketType.PUBACK, packetId, ReasonCode.SUCCESS);
                connection.write(packet.flip());
                acknowledged++;
                wrote = true;
            }
            return wrote ? connection : null;
        } finally {
            lock.unlock();
        }
    }

    /** How many PUBACKs have been written. */
    long acknowledged() {
        lock.lock();
        try {
            return acknowledged;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether the broker may have held messages back for its Receive Maximum when it answered a PINGREQ. Both directions keep
     * their order: what came before the answer was sent before it, and what was acknowledged before the question was known.
     *
     * @param acknowledgedBefore {@link #acknowledged} when the PINGREQ was written
     */
    boolean wasFull(long acknowledgedBefore) {
        lock.lock();
        try {
            return received - acknowledgedBefore >= receiveMaximum;
        } finally {
            lock.unlock();
        }
    }
}
