package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketDecoder;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.Transport;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The other end of a broker's connection: sends what a test says, keeps what comes. */
final class WireClient implements ConnectionHandler {

    private final BrokerFixture fixture;
    private final ArrayDeque<Packet> arrived = new ArrayDeque<>();
    private final PacketReader reader = new PacketReader(Integer.MAX_VALUE);
    private ProtocolVersion version = ProtocolVersion.MQTT_5;
    private boolean closed;
    private final ByteArrayOutputStream bytesArrived = new ByteArrayOutputStream();
    private final int number;
    final Connection connection;

    WireClient(BrokerFixture fixture, Transport transport) {
        this.fixture = fixture;
        this.number = fixture.accepted.size();
        Connection[] mine = new Connection[1];
        transport.connect(BrokerFixture.ENDPOINT, ConnectOptions.defaults(), connection -> {
            mine[0] = connection;
            return this;
        });
        connection = mine[0];
    }

    @Override
    public void opened() {}

    @Override
    public void received(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(bytes.position(), copy);
        bytesArrived.writeBytes(copy);
        try {
            reader.feed(bytes);
            while (reader.next()) {
                arrived.add(PacketDecoder.decode(reader, version));
            }
            reader.finish();
        } catch (CodecException e) {
            throw new AssertionError("the broker sent what cannot be decoded", e);
        }
    }

    @Override
    public void drained() {}

    @Override
    public void closed(Throwable cause) {
        closed = true;
    }

    WireClient send(Packet packet) {
        if (packet instanceof Packet.Connect connect) {
            version = connect.version();
        }
        return send(PacketEncoder.encode(packet, version));
    }

    WireClient send(ByteBuffer bytes) {
        connection.write(bytes);
        connection.flush();
        fixture.settle();
        return this;
    }

    /** The broker receives these packets in one buffer, however long it is: the transport itself would cut it. */
    WireClient sendAtOnce(List<? extends Packet> packets) {
        return receivedByBroker(encode(packets));
    }

    /** As {@link #sendAtOnce}, with the bytes themselves. */
    WireClient receivedByBroker(ByteBuffer bytes) {
        fixture.settle();
        fixture.accepted.get(number).received(bytes);
        fixture.settle();
        return this;
    }

    /** The broker receives a packet in the midst of what it is doing on this very thread. */
    void receivedMeanwhile(Packet packet) {
        fixture.accepted.get(number).received(PacketEncoder.encode(packet, version));
    }

    /** Something happens when the broker is about to write to this client. */
    void beforeNextWrite(Runnable action) {
        fixture.settle();
        fixture.beforeNextWrite.put(number, action);
    }

    /** One behind the other. */
    ByteBuffer encode(List<? extends Packet> packets) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Packet packet : packets) {
            all.writeBytes(PacketEncoder.encode(packet, version).array());
        }
        return ByteBuffer.wrap(all.toByteArray());
    }

    WireClient sendBytes(int... bytes) {
        byte[] array = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            array[i] = (byte) bytes[i];
        }
        return send(ByteBuffer.wrap(array));
    }

    WireClient publish(String topic, String text, QoS qos, boolean retain) {
        return publish(topic, text, qos, retain, Properties.NONE);
    }

    WireClient publish(String topic, String text, QoS qos, boolean retain, Properties properties) {
        return send(publishPacket(topic, text, qos, retain, properties));
    }

    static Packet.Publish publishPacket(String topic, String text, QoS qos, boolean retain, Properties properties) {
        ByteBuffer payload = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        return new Packet.Publish(false, qos, retain, topic, qos == QoS.AT_MOST_ONCE ? 0 : 7, properties, payload);
    }

    /** Subscribes; returns the answers, one for each filter. */
    List<ReasonCode> subscribe(QoS qos, String... filters) {
        List<Packet.Subscription> subscriptions = new ArrayList<>();
        for (String filter : filters) {
            subscriptions.add(new Packet.Subscription(filter, qos, false, false, 0));
        }
        return subscribe(subscriptions.toArray(new Packet.Subscription[0]));
    }

    List<ReasonCode> subscribe(Packet.Subscription... subscriptions) {
        send(new Packet.Subscribe(11, Properties.NONE, List.of(subscriptions)));
        return expect(Packet.SubAck.class).reasonCodes();
    }

    WireClient acknowledge(int packetId) {
        return answer(PacketType.PUBACK, packetId);
    }

    /** Sends a PUBACK, PUBREC, PUBREL or PUBCOMP that says yes. */
    WireClient answer(PacketType type, int packetId) {
        return send(new Packet.Ack(type, packetId, ReasonCode.SUCCESS, Properties.NONE));
    }

    /** The next packet must be of this type for this message. */
    Packet.Ack expectAnswer(PacketType type, int packetId, ReasonCode reason) {
        Packet.Ack answer = expect(Packet.Ack.class);
        assertThat(answer.type()).isEqualTo(type);
        assertThat(answer.packetId()).isEqualTo(packetId);
        assertThat(answer.reasonCode()).isEqualTo(reason);
        return answer;
    }

    /** The connection breaks, without a DISCONNECT. */
    void cut() {
        connection.abort();
        fixture.settle();
    }

    /** The next packet, which must be of this type. */
    <P extends Packet> P expect(Class<P> type) {
        fixture.settle();
        assertThat(arrived).as("packets from the broker").isNotEmpty();
        Packet next = arrived.remove();
        assertThat(next).isInstanceOf(type);
        return type.cast(next);
    }

    /** The next packet must be this message. */
    Packet.Publish expectMessage(String topic, String text) {
        Packet.Publish publish = expect(Packet.Publish.class);
        assertThat(publish.topic()).isEqualTo(topic);
        assertThat(text(publish)).isEqualTo(text);
        return publish;
    }

    void expectNothing() {
        fixture.settle();
        assertThat(arrived).as("packets from the broker").isEmpty();
    }

    void expectClosed() {
        fixture.settle();
        assertThat(arrived).as("packets from the broker").isEmpty();
        assertThat(closed).as("closed").isTrue();
    }

    void expectDisconnect(ReasonCode reason) {
        assertThat(expect(Packet.Disconnect.class).reasonCode()).isEqualTo(reason);
        expectClosed();
    }

    boolean isClosed() {
        fixture.settle();
        return closed;
    }

    /** Everything that has come, taken out. */
    List<Packet> drain() {
        fixture.settle();
        List<Packet> all = new ArrayList<>(arrived);
        arrived.clear();
        return all;
    }

    /** The bytes that have come since the last call. */
    byte[] drainBytes() {
        fixture.settle();
        byte[] all = bytesArrived.toByteArray();
        bytesArrived.reset();
        return all;
    }

    static String text(Packet.Publish publish) {
        return StandardCharsets.UTF_8.decode(publish.payload().duplicate()).toString();
    }
}
