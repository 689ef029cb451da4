package dev.recado.interop;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A socket that says what no client would, and the packets that it needs to get as far as that. */
final class RawMqtt implements AutoCloseable {

    static final int CONNECT = 1;
    static final int CONNACK = 2;
    static final int PUBLISH = 3;
    static final int PUBACK = 4;
    static final int SUBSCRIBE = 8;
    static final int UNSUBSCRIBE = 10;
    static final int PINGREQ = 12;
    static final int DISCONNECT = 14;

    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;

    RawMqtt(URI broker) throws IOException {
        this(new Socket(broker.getHost(), broker.getPort()));
    }

    /** Over a socket that is connected, perhaps one under TLS. */
    RawMqtt(Socket connected) throws IOException {
        socket = connected;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    // ---- Packets

    /** Version 4 is MQTT 3.1.1; without a client identifier, and with Clean Start. */
    static byte[] connect(int version, int keepAliveSeconds) {
        byte[] fixed = {
            0, 4, 'M', 'Q', 'T', 'T', (byte) version, 2, (byte) (keepAliveSeconds >> 8), (byte) keepAliveSeconds
        };
        byte[] rest = version == 5 ? new byte[] {0, 0, 0} : new byte[] {0, 0};
        return packet(CONNECT << 4, join(fixed, rest));
    }

    static byte[] publish(int version, String topic, int packetId, byte[] payload) {
        byte[] id = {(byte) (packetId >> 8), (byte) packetId};
        return packet(PUBLISH << 4 | 1 << 1, join(string(topic), id, properties(version), payload));
    }

    static byte[] subscribe(int version, String filter, int packetId) {
        byte[] id = {(byte) (packetId >> 8), (byte) packetId};
        return packet(SUBSCRIBE << 4 | 2, join(id, properties(version), string(filter), new byte[] {1}));
    }

    private static byte[] properties(int version) {
        return version == 5 ? new byte[] {0} : new byte[0];
    }

    private static byte[] string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + utf8.length)
                .putShort((short) utf8.length)
                .put(utf8)
                .array();
    }

    static byte[] packet(int firstByte, byte[] body) {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(firstByte);
        int length = body.length;
        do {
            packet.write(length > 127 ? length & 127 | 128 : length);
            length >>= 7;
        } while (length > 0);
        packet.writeBytes(body);
        return packet.toByteArray();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    // ---- The socket

    /** Sends as much as the broker takes: it may well have closed in the middle. */
    RawMqtt send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            // awaitEnd() sees it, too.
        }
        return this;
    }

    /** Gets its answer to a CONNECT that is in order. */
    RawMqtt awaitConnAck() throws IOException {
        int type = socket.getInputStream().read() >> 4;
        if (type != CONNACK) {
            throw new AssertionError("a CONNACK must come first, but there was type " + type);
        }
        socket.getInputStream().skipNBytes(socket.getInputStream().read());
        return this;
    }

    /** Says that nothing more will come. */
    RawMqtt endOutput() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            // awaitEnd() sees it, too.
        }
        return this;
    }

    /** Waits until the broker has ended the connection; returns what it said before. */
    byte[] awaitEnd() {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(said);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the broker must end the connection, but it is still open", e);
        } catch (IOException reset) {
            // An end, too.
        }
        return said.toByteArray();
    }

    /** Sends a byte; {@code false} when there is nobody any more to take it. */
    boolean takes(int oneByte) {
        try {
            socket.getOutputStream().write(oneByte);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Vanishes, as a process that is killed with unread input. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
