package dev.recado.testkit;

import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.Transport;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * An MQTT 5 client made of bytes: does what no well-behaved client does. It reads and writes the few packets that the contract
 * needs by itself, so that a fault in the library's codec cannot hide itself. Thread-safe.
 */
final class MqttPeer implements ConnectionHandler {

    static final int CONNACK = 2;
    static final int PUBLISH = 3;
    static final int PUBACK = 4;
    static final int SUBACK = 9;
    static final int PINGRESP = 13;
    static final int DISCONNECT = 14;

    /**
     * A packet as it came.
     *
     * @param type of the fixed header, 1 to 15
     * @param flags of the fixed header
     * @param body what follows the Remaining Length
     */
    record Packet(int type, int flags, byte[] body) {

        /** The reason code of a CONNACK, PUBACK, SUBACK (its first) or DISCONNECT; 0 where it is left out. */
        int reasonCode() {
            return switch (type) {
                case CONNACK -> body[1] & 0xFF;
                case PUBACK -> body.length > 2 ? body[2] & 0xFF : 0;
                case SUBACK -> body[3 + body[2]] & 0xFF; // these tests ask for no properties of 128 bytes or more
                case DISCONNECT -> body.length > 0 ? body[0] & 0xFF : 0;
                default -> throw new IllegalStateException("packets of type " + type + " have no reason code here");
            };
        }
    }

    private final Duration patience;
    private final CountDownLatch opened = new CountDownLatch(1);
    private final Connection connection;

    // Guarded by this.
    private final ByteArrayOutputStream unread = new ByteArrayOutputStream();
    private final ArrayDeque<Packet> packets = new ArrayDeque<>();
    private boolean closed;

    MqttPeer(Transport transport, URI endpoint, Duration patience) {
        this.patience = patience;
        Connection[] mine = new Connection[1];
        CountDownLatch asked = new CountDownLatch(1);
        transport.connect(endpoint, ConnectOptions.defaults(), made -> {
            mine[0] = made;
            asked.countDown();
            return this;
        });
        await(asked);
        connection = mine[0];
        await(opened);
    }

    private void await(CountDownLatch latch) {
        try {
            if (!latch.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("S6: a raw connection must open within " + patience);
            }
        } catch (InterruptedException e) {
            throw new AssertionError("S6: the test's time ran out while a raw connection opened", e);
        }
    }

    // ---- Called by the transport

    @Override
    public void opened() {
        opened.countDown();
    }

    @Override
    public synchronized void received(ByteBuffer bytes) {
        byte[] arrived = new byte[bytes.remaining()];
        bytes.get(arrived);
        unread.writeBytes(arrived);
        cut();
        notifyAll();
    }

    private void cut() {
        byte[] all = unread.toByteArray();
        int from = 0;
        while (true) {
            int length = 0;
            int index = from + 1;
            int shift = 0;
            boolean complete = false;
            while (index < all.length && !complete) {
                length |= (all[index] & 0x7F) << shift;
                shift += 7;
                complete = (all[index++] & 0x80) == 0;
            }
            if (!complete || index + length > all.length) {
                break;
            }
            int header = all[from] & 0xFF;
            packets.add(new Packet(header >>> 4, header & 0x0F, Arrays.copyOfRange(all, index, index + length)));
            from = index + length;
        }
        if (from > 0) {
            unread.reset();
            unread.write(all, from, all.length - from);
        }
    }

    @Override
    public void drained() {}

    @Override
    public synchronized void closed(Throwable cause) {
        closed = true;
        notifyAll();
    }

    // ---- Called by tests

    Connection connection() {
        return connection;
    }

    MqttPeer send(byte[] bytes) {
        connection.write(ByteBuffer.wrap(bytes));
        connection.flush();
        return this;
    }

    /** Sends CONNECT with user properties, name and value in turn, and takes the answer. */
    Packet connect(String clientId, String... userProperties) {
        ByteArrayOutputStream properties = new ByteArrayOutputStream();
        for (int i = 0; i < userProperties.length; i += 2) {
            properties.write(0x26);
            text(properties, userProperties[i]);
            text(properties, userProperties[i + 1]);
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        text(body, "MQTT");
        body.write(5); // protocol version
        body.write(2); // clean start
        body.write(0);
        body.write(0); // no keep-alive
        variableByteInteger(body, properties.size());
        body.writeBytes(properties.toByteArray());
        text(body, clientId);
        send(packet(0x10, body));
        return expect(CONNACK);
    }

    MqttPeer publish(String topic, String payload, int qos) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        text(body, topic);
        if (qos > 0) {
            body.write(0);
            body.write(1); // packet identifier
        }
        body.write(0); // no properties
        body.writeBytes(payload.getBytes(StandardCharsets.UTF_8));
        return send(packet(0x30 | qos << 1, body));
    }

    MqttPeer subscribe(String filter, int qos) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write(0);
        body.write(1); // packet identifier
        body.write(0); // no properties
        text(body, filter);
        body.write(qos);
        return send(packet(0x82, body));
    }

    MqttPeer ping() {
        return send(new byte[] {(byte) 0xC0, 0});
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.write(utf8.length >>> 8);
        out.write(utf8.length);
        out.writeBytes(utf8);
    }

    private static byte[] packet(int header, ByteArrayOutputStream body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(header);
        variableByteInteger(out, body.size());
        out.writeBytes(body.toByteArray());
        return out.toByteArray();
    }

    private static void variableByteInteger(ByteArrayOutputStream out, int value) {
        int left = value;
        do {
            int digit = left & 0x7F;
            left >>>= 7;
            out.write(left > 0 ? digit | 0x80 : digit);
        } while (left > 0);
    }

    /** The next packet, which must be of this type. */
    Packet expect(int type) {
        Packet packet = next();
        if (packet == null || packet.type() != type) {
            throw new AssertionError("the broker must send a packet of type " + type + ", but "
                    + (packet == null ? "sent none" : "sent one of type " + packet.type()));
        }
        return packet;
    }

    /** The next packet; null when the connection ends, or patience does. */
    private synchronized Packet next() {
        long deadline = System.nanoTime() + patience.toNanos();
        while (packets.isEmpty() && !closed) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                return null;
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                throw new AssertionError("the test's time ran out while waiting for a packet", e);
            }
        }
        return packets.poll();
    }

    synchronized boolean isClosed() {
        return closed;
    }
}
