package dev.recado.interop.races;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketDecoder;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;

/** An MQTT 5 client on one thread, for which each packet is a line of the test. Null stands for the end of the connection. */
final class RacingClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private final PacketReader reader = new PacketReader(1 << 20);
    private final byte[] buffer = new byte[1 << 16];
    private final ArrayDeque<Packet> packets = new ArrayDeque<>();

    RacingClient(URI broker) {
        try {
            socket = new Socket(broker.getHost(), broker.getPort());
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MILLIS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Connects; null when the broker ended the connection instead. */
    Packet.ConnAck connect(String clientId, boolean cleanStart, long expirySeconds) {
        Properties properties = Properties.builder()
                .set(Property.SESSION_EXPIRY_INTERVAL, expirySeconds)
                .build();
        send(new Packet.Connect(ProtocolVersion.MQTT_5, cleanStart, 0, properties, clientId, null, null, null));
        return (Packet.ConnAck) next();
    }

    void publish(String topic, String text, QoS qos, int packetId) {
        ByteBuffer payload = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        send(new Packet.Publish(
                false, qos, false, topic, qos == QoS.AT_MOST_ONCE ? 0 : packetId, Properties.NONE, payload));
    }

    void subscribe(String filter, QoS qos) {
        send(new Packet.Subscribe(1, Properties.NONE, List.of(new Packet.Subscription(filter, qos, false, false, 0))));
    }

    void unsubscribe(String filter) {
        send(new Packet.Unsubscribe(2, Properties.NONE, List.of(filter)));
    }

    void answer(PacketType type, int packetId) {
        send(new Packet.Ack(type, packetId, ReasonCode.SUCCESS, Properties.NONE));
    }

    /** What is sent to a connection that has ended is lost, as with any client. */
    void send(Packet packet) {
        try {
            ByteBuffer bytes = PacketEncoder.encode(packet, ProtocolVersion.MQTT_5);
            socket.getOutputStream().write(bytes.array(), bytes.arrayOffset(), bytes.remaining());
        } catch (IOException e) {
            // next() tells.
        }
    }

    /** The next packet; null when the connection has ended. */
    Packet next() {
        while (packets.isEmpty()) {
            if (!read()) {
                return null;
            }
        }
        return packets.remove();
    }

    private boolean read() {
        try {
            int length = socket.getInputStream().read(buffer);
            if (length < 0) {
                return false;
            }
            reader.feed(ByteBuffer.wrap(buffer, 0, length));
            while (reader.next()) {
                packets.add(PacketDecoder.decode(reader, ProtocolVersion.MQTT_5));
            }
            reader.finish();
            return true;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("nothing came within " + PATIENCE_MILLIS + " ms", e);
        } catch (IOException e) {
            return false;
        } catch (CodecException e) {
            throw new AssertionError("the broker sent what cannot be decoded", e);
        }
    }

    static String text(Packet.Publish publish) {
        return StandardCharsets.UTF_8.decode(publish.payload()).toString();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
