package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.pingreq;
import static dev.recado.testkit.mqtt.Packets.puback;
import static dev.recado.testkit.mqtt.Packets.pubcomp;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.pubrec;
import static dev.recado.testkit.mqtt.Packets.pubrel;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One connection to the broker: sends anything, and says what must come. Everything waits with a bound and fails with an
 * {@link AssertionError}. For one thread; only {@link #close} and {@link #transcript} are for any.
 */
final class Wire implements AutoCloseable {

    private static final int TRANSCRIPT_LINES = 40;

    /** More than any test makes the broker send. */
    private static final int LARGEST_PACKET = 32 * 1024 * 1024;

    private final String name;
    private final Version version;
    private final boolean tellsWhy;
    private final Socket socket;
    private final DataInputStream in;
    private final Duration patience;
    private final Deque<String> transcript = new ArrayDeque<>();

    /** Read already, and not asked for yet. */
    private final Deque<Received> early = new ArrayDeque<>();

    private long maximumPacketSize = LARGEST_PACKET;
    private int lastPacketId;

    /**
     * Connects the socket and sends nothing.
     *
     * @param name for messages
     * @param patience how long to wait for what must come
     */
    Wire(String name, BrokerUnderTest broker, Version version, Duration patience) {
        this.name = name;
        this.version = version;
        this.tellsWhy = broker.has(MqttFeature.REASON_CODES) && version.hasProperties();
        this.patience = patience;
        this.socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(broker.host(), broker.port()), millis(patience));
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(millis(patience));
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        } catch (IOException e) {
            close();
            throw new AssertionError("cannot connect to " + broker + ": " + e, e);
        }
    }

    private static int millis(Duration duration) {
        return Math.toIntExact(duration.toMillis());
    }

    // ---- Sending ----

    /** Sends packets in one go. A broker may have closed already: what is expected next tells. */
    Wire send(Outgoing<?>... packets) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Outgoing<?> packet : packets) {
            if (packet instanceof Connect connect) {
                // 0 is an error, which leaves the answer without a bound.
                long bound = connect.properties.number(Property.MAXIMUM_PACKET_SIZE, LARGEST_PACKET);
                maximumPacketSize = bound == 0 ? LARGEST_PACKET : bound;
            }
            byte[] bytes = packet.bytes(version);
            note("> " + packet.type + " " + Body.hex(bytes));
            all.writeBytes(bytes);
        }
        write(all.toByteArray());
        return this;
    }

    /** Sends bytes as they are. */
    Wire send(int... bytes) {
        byte[] narrow = Outgoing.narrow(bytes);
        note("> " + Body.hex(narrow));
        write(narrow);
        return this;
    }

    private void write(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            note("! " + e);
        }
    }

    /** An identifier that this connection has not used. */
    int nextPacketId() {
        return ++lastPacketId;
    }

    // ---- What must come ----

    /** The next packet must be of this type. */
    Received expect(PacketType type) {
        Received packet = next("a " + type);
        if (packet == null || packet.type() != type) {
            throw unexpected("a " + type, packet);
        }
        return packet;
    }

    /** The next packet must be of this type, and have this Reason Code or Return code. */
    Received expect(PacketType type, int code) {
        Received packet = expect(type);
        if (packet.code() != code) {
            throw unexpected(type + hex(code), packet);
        }
        return packet;
    }

    /** The next packet must be this acknowledgement, without an error. */
    Received expectAck(PacketType type, int packetId) {
        Received packet = expect(type);
        if (packet.packetId() != packetId || packet.codes().stream().anyMatch(code -> code >= 0x80)) {
            throw unexpected(type + " of packet " + packetId + " without an error", packet);
        }
        return packet;
    }

    /** The next packet must be a PUBLISH with this topic and payload; it is not acknowledged. */
    Received expectPublish(String topic, String payload) {
        Received packet = expect(PacketType.PUBLISH);
        if (!packet.topic().equals(topic) || !packet.text().equals(payload)) {
            throw unexpected("PUBLISH to '" + topic + "': " + payload, packet);
        }
        return packet;
    }

    /**
     * Nothing must come. Not waited out: a PINGREQ is sent, and whatever the broker had to send before comes before its
     * PINGRESP.
     */
    Wire expectSilence() {
        send(pingreq());
        Received packet = next("PINGRESP and nothing before");
        if (packet == null || packet.type() != PacketType.PINGRESP) {
            throw unexpected("PINGRESP and nothing before", packet);
        }
        return this;
    }

    /**
     * The broker must close the connection. An MQTT 5 broker may send DISCONNECT before, with an error; if it is declared to
     * {@linkplain MqttFeature#REASON_CODES tell why}, it must, with one of these codes. Without codes it must send nothing.
     */
    void expectClosed(int... codes) {
        expectEnd(PacketType.DISCONNECT, codes);
    }

    /**
     * The broker must refuse the CONNECT: close the connection, in MQTT 5 perhaps after a CONNACK with an error; if it is
     * declared to {@linkplain MqttFeature#REASON_CODES tell why}, after one with one of these codes. In MQTT 3.1.1 without
     * any.
     */
    void expectRefused(int... codes) {
        expectEnd(PacketType.CONNACK, codes);
    }

    /**
     * The broker must refuse a CONNECT whose version it cannot know: close the connection, perhaps after a CONNACK of
     * whichever version with an error.
     */
    void expectRefusedInAnyForm() {
        byte[] answer = nextBytes("a CONNACK with an error, or the end of the connection");
        if (answer == null) {
            return;
        }
        if (answer.length < 4 || PacketType.of(answer[0]) != PacketType.CONNACK || answer[2] != 0 || answer[3] == 0) {
            throw new AssertionError(
                    "expected a CONNACK with an error and Session Present 0, but " + Body.hex(answer) + " came");
        }
        expectEndOfStream();
    }

    /**
     * The broker must not grant the only filter of this SUBSCRIBE: SUBACK has an error, or the connection is closed, in MQTT
     * 5 as {@link #expectClosed} has it.
     */
    void expectNotGranted(int packetId, int... codes) {
        Received packet = next("a SUBACK with an error, or the end of the connection");
        if (packet == null || packet.type() != PacketType.SUBACK) {
            if (packet != null) {
                early.addFirst(packet);
            }
            expectClosed(codes);
        } else if (packet.packetId() != packetId || packet.code() < 0x80) {
            throw unexpected("SUBACK of packet " + packetId + " with an error", packet);
        }
    }

    private void expectEnd(PacketType farewell, int... codes) {
        String wanted = codes.length == 0 || !version.hasProperties()
                ? "the end of the connection"
                : farewell + Arrays.stream(codes).mapToObj(Wire::hex).collect(Collectors.joining(" or"));
        Received packet = next(wanted);
        if (version.hasProperties() && codes.length > 0) {
            if (packet == null && !tellsWhy) {
                return;
            }
            if (packet == null || packet.type() != farewell || packet.code() < 0x80) {
                throw unexpected(wanted, packet);
            }
            if (tellsWhy && Arrays.stream(codes).noneMatch(code -> code == packet.code())) {
                throw unexpected(wanted, packet);
            }
            expectEndOfStream();
        } else if (packet != null) {
            throw unexpected(wanted, packet);
        }
    }

    /** The broker must close, and send nothing before. */
    void expectEndOfStream() {
        Received packet = next("the end of the connection");
        if (packet != null) {
            throw unexpected("the end of the connection", packet);
        }
    }

    private static String hex(int code) {
        return String.format(" 0x%02X", code);
    }

    private static AssertionError unexpected(String wanted, Received packet) {
        return new AssertionError("expected " + wanted + ", but "
                + (packet == null ? "the broker closed the connection" : packet + " came"));
    }

    // ---- Exchanges ----

    /** Subscribes and expects this QoS to be granted. */
    Wire subscribe(String filter, int qos) {
        Received subAck = answer(Packets.subscribe(nextPacketId(), filter, qos));
        if (subAck.code() != qos) {
            throw unexpected("SUBACK that grants QoS " + qos, subAck);
        }
        return this;
    }

    /** Unsubscribes. */
    Wire unsubscribe(String... filters) {
        answer(Packets.unsubscribe(nextPacketId(), filters));
        return this;
    }

    /**
     * Sends a SUBSCRIBE or UNSUBSCRIBE and expects its acknowledgement; errors in it are for the test. Messages may come
     * before (section 3.8.4): they are what comes next.
     */
    Received answer(Filters request) {
        PacketType wanted = request.type == PacketType.SUBSCRIBE ? PacketType.SUBACK : PacketType.UNSUBACK;
        Deque<Received> before = new ArrayDeque<>();
        send(request);
        Received answer = next("a " + wanted);
        while (answer != null && answer.type() == PacketType.PUBLISH) {
            before.addLast(answer);
            answer = next("a " + wanted);
        }
        if (answer == null || answer.type() != wanted || answer.packetId() != request.packetId) {
            throw unexpected(wanted + " of packet " + request.packetId, answer);
        }
        early.addAll(before);
        return answer;
    }

    /** Publishes, and waits until the broker has the message: QoS 0 by a ping, 1 and 2 by their acknowledgements. */
    Wire publish(String topic, String payload, int qos) {
        return publish(Packets.publish(topic, payload), qos);
    }

    /** Sets QoS and identifier, sends it, and waits until the broker has the message. */
    Wire publish(Publish message, int qos) {
        if (qos == 0) {
            send(message);
            return expectSilence();
        }
        int id = nextPacketId();
        send(message.qos(qos, id));
        if (qos == 1) {
            expectAck(PacketType.PUBACK, id);
        } else {
            expectAck(PacketType.PUBREC, id);
            send(pubrel(id));
            expectAck(PacketType.PUBCOMP, id);
        }
        return this;
    }

    /** Publishes these in one go, and waits until the broker has them. As many as ten are within any Receive Maximum. */
    Wire publishAll(String topic, int qos, String... payloads) {
        int firstId = lastPacketId + 1;
        send(Arrays.stream(payloads)
                .map(payload -> Packets.publish(topic, payload).qos(qos, nextPacketId()))
                .toArray(Publish[]::new));
        if (qos == 0) {
            return expectSilence();
        }
        for (int id = firstId; id <= lastPacketId; id++) {
            expectAck(qos == 1 ? PacketType.PUBACK : PacketType.PUBREC, id);
        }
        for (int id = firstId; id <= lastPacketId && qos == 2; id++) {
            send(pubrel(id)).expectAck(PacketType.PUBCOMP, id);
        }
        return this;
    }

    /** These messages must come, at this QoS and in this order. Then they are acknowledged. */
    Wire expectAll(String topic, int qos, String... payloads) {
        List<Received> messages = new ArrayList<>();
        for (String payload : payloads) {
            Received message = expectPublish(topic, payload);
            if (message.qos() != qos) {
                throw unexpected("PUBLISH at QoS " + qos, message);
            }
            messages.add(message);
        }
        messages.forEach(this::acknowledge);
        return this;
    }

    /** Acknowledges a message as its QoS demands, to the end. */
    Wire acknowledge(Received message) {
        if (message.qos() == 1) {
            send(puback(message.packetId()));
        } else if (message.qos() == 2) {
            send(pubrec(message.packetId()));
            expectAck(PacketType.PUBREL, message.packetId());
            send(pubcomp(message.packetId()));
        }
        return this;
    }

    /** The messages that are on their way; they are not acknowledged. */
    List<Received> messages() {
        List<Received> messages = new ArrayList<>();
        send(pingreq());
        Received packet = next("a PUBLISH or PINGRESP");
        while (packet != null && packet.type() == PacketType.PUBLISH) {
            messages.add(packet);
            packet = next("a PUBLISH or PINGRESP");
        }
        if (packet == null || packet.type() != PacketType.PINGRESP) {
            throw unexpected("a PUBLISH or PINGRESP", packet);
        }
        return messages;
    }

    /** The messages up to the first with this payload and behind it: for where there may be one copy or several. */
    List<Received> messagesUntil(String payload) {
        List<Received> messages = new ArrayList<>();
        do {
            messages.add(expect(PacketType.PUBLISH));
        } while (!messages.get(messages.size() - 1).text().equals(payload));
        messages.addAll(messages());
        return messages;
    }

    /** Says DISCONNECT and waits until the broker has closed. */
    void disconnect() {
        send(Packets.disconnect());
        expectEndOfStream();
        close();
    }

    // ---- Reading ----

    /** Whether the broker says something, or closes, within this time. It remains to be read. */
    boolean speaksWithin(Duration time) {
        try {
            socket.setSoTimeout(millis(time));
            in.mark(1);
            in.read();
            in.reset();
            return true;
        } catch (SocketTimeoutException nothing) {
            return false;
        } catch (SocketException reset) {
            return true;
        } catch (IOException e) {
            throw new AssertionError("reading failed: " + e, e);
        } finally {
            restorePatience();
        }
    }

    private void restorePatience() {
        try {
            socket.setSoTimeout(millis(patience));
        } catch (SocketException e) {
            note("! " + e);
        }
    }

    /** The next packet, whatever it is; {@code null} when the broker has closed. */
    Received next(String wanted) {
        if (!early.isEmpty()) {
            return early.removeFirst();
        }
        byte[] bytes = nextBytes(wanted);
        if (bytes == null) {
            return null;
        }
        int header = 1;
        while ((bytes[header++] & 0x80) != 0) {
            // the rest of Remaining Length
        }
        if (bytes.length > maximumPacketSize) {
            throw new AssertionError("MQTT-3.1.2-24: " + PacketType.of(bytes[0]) + " has " + bytes.length
                    + " bytes, over the client's Maximum Packet Size of " + maximumPacketSize);
        }
        Received packet = ServerPackets.read(
                version, bytes[0] & 0xFF, Arrays.copyOfRange(bytes, header, bytes.length), bytes.length);
        note("< " + packet);
        return packet;
    }

    /** The bytes of the next packet, of which only the length is checked; {@code null} when the broker has closed. */
    byte[] nextBytes(String wanted) {
        try {
            int first = in.read();
            if (first < 0) {
                note("< end");
                return null;
            }
            byte[] bytes = readRest(first);
            note("< " + Body.hex(bytes));
            return bytes;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("expected " + wanted + ", but nothing came within " + patience, e);
        } catch (EOFException e) {
            throw new AssertionError("the broker closed the connection in the middle of a packet", e);
        } catch (SocketException reset) {
            note("< " + reset);
            return null;
        } catch (IOException e) {
            throw new AssertionError("reading failed: " + e, e);
        }
    }

    private byte[] readRest(int first) throws IOException {
        Body packet = new Body().u8(first);
        int remaining = 0;
        for (int i = 0; ; i++) {
            int digit = in.readUnsignedByte();
            packet.u8(digit);
            remaining |= (digit & 0x7F) << 7 * i;
            if (digit < 0x80) {
                if (digit == 0 && i > 0) {
                    throw new AssertionError(
                            "MQTT-1.5.5-1: Remaining Length " + remaining + " takes " + (i + 1) + " bytes");
                }
                break;
            }
            if (i == 3) {
                throw new AssertionError("MQTT-1.5.5-1: Remaining Length takes more than 4 bytes");
            }
        }
        if (remaining > LARGEST_PACKET) {
            throw new AssertionError("a packet of " + remaining + " bytes is more than any test asks for");
        }
        byte[] rest = new byte[remaining];
        in.readFully(rest);
        return packet.raw(rest).bytes();
    }

    // ---- The rest ----

    private void note(String line) {
        synchronized (transcript) {
            if (transcript.size() == TRANSCRIPT_LINES) {
                transcript.removeFirst();
            }
            transcript.add(line);
        }
    }

    /** What went over this connection lately; each line begins with {@code >} for sent or {@code <} for received. */
    String transcript() {
        synchronized (transcript) {
            return transcript.stream().map(line -> "  " + name + " " + line).collect(Collectors.joining("\n"));
        }
    }

    /** Cuts the connection, without a DISCONNECT. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            note("! " + e);
        }
    }
}
