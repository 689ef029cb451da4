package dev.recado.core.broker;

import dev.recado.Broker;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.memory.MemoryTransport;
import dev.recado.core.time.ManualTimers;
import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Peer;
import dev.recado.spi.Transport;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/**
 * A broker on a transport that moves only when a test says so, and with a clock that does: what happens is the same each time.
 */
final class BrokerFixture implements AutoCloseable {

    static final URI ENDPOINT = URI.create("memory:test");

    final ManualTimers timers = new ManualTimers();
    final MemoryTransport transport = MemoryTransport.stepped(timers);
    final Broker broker;

    /** The lines that the broker's log has of what it refused, dropped, or saw fail. */
    final List<String> warnings = new CopyOnWriteArrayList<>();

    /** The broker's ends of the connections, in the order in which they came. */
    final List<ConnectionHandler> accepted = new CopyOnWriteArrayList<>();

    /** What is to happen when the broker next writes to a connection, by the connection's place among {@link #accepted}. */
    final Map<Integer, Runnable> beforeNextWrite = new ConcurrentHashMap<>();

    BrokerFixture() {
        this(builder -> builder);
    }

    BrokerFixture(UnaryOperator<Broker.Builder> configure) {
        BrokerBuilder builder = new BrokerBuilder().timers(timers).warnings(warnings::add);
        configure.apply(builder);
        broker = builder.transport(new Tapped()).listen(ENDPOINT).start();
    }

    /** Runs deliveries and due timers until nothing is left to do. */
    void settle() {
        do {
            transport.runUntilIdle();
        } while (timers.runDue());
        transport.runUntilIdle();
    }

    void advance(Duration time) {
        settle();
        timers.advance(time);
        settle();
    }

    /** A connection on which nothing has been sent yet. */
    WireClient open() {
        WireClient client = new WireClient(this, transport);
        settle();
        return client;
    }

    /** A connected MQTT 5 client; the CONNACK has been taken out. */
    WireClient connect(String clientId) {
        return connect(connectPacket(clientId, Properties.NONE));
    }

    WireClient connect(Packet.Connect connect) {
        WireClient client = open();
        client.send(connect);
        client.expect(Packet.ConnAck.class);
        return client;
    }

    WireClient connect311(String clientId) {
        return connect(
                new Packet.Connect(ProtocolVersion.MQTT_3_1_1, true, 0, Properties.NONE, clientId, null, null, null));
    }

    WireClient connectAs(String role, String... topics) {
        Properties.Builder properties = Properties.builder().userProperty("recado-role", role);
        for (String topic : topics) {
            properties.userProperty("recado-topic", topic);
        }
        return connect(connectPacket(role, properties.build()));
    }

    static Packet.Connect connectPacket(String clientId, Properties properties) {
        return new Packet.Connect(ProtocolVersion.MQTT_5, true, 0, properties, clientId, null, null, null);
    }

    /** A CONNECT of MQTT 5 for a session that outlives its connection. */
    static Packet.Connect resume(String clientId, long expirySeconds) {
        Properties properties = Properties.builder()
                .set(Property.SESSION_EXPIRY_INTERVAL, expirySeconds)
                .build();
        return resume(clientId, properties);
    }

    static Packet.Connect resume(String clientId, Properties properties) {
        return new Packet.Connect(ProtocolVersion.MQTT_5, false, 0, properties, clientId, null, null, null);
    }

    static Properties receiveMaximum(int messages) {
        return Properties.builder().set(Property.RECEIVE_MAXIMUM, messages).build();
    }

    @Override
    public void close() {
        transport.close();
        broker.close();
    }

    /** The broker's side of a connection, on which a test can have something happen in the midst of what the broker does. */
    private record Watched(Connection below, int number, Map<Integer, Runnable> beforeNextWrite) implements Connection {
        @Override
        public void write(ByteBuffer... bytes) {
            Runnable first = beforeNextWrite.remove(number);
            if (first != null) {
                first.run();
            }
            below.write(bytes);
        }

        @Override
        public void flush() {
            below.flush();
        }

        @Override
        public long pending() {
            return below.pending();
        }

        @Override
        public void pauseReading() {
            below.pauseReading();
        }

        @Override
        public void resumeReading() {
            below.resumeReading();
        }

        @Override
        public void close() {
            below.close();
        }

        @Override
        public void abort() {
            below.abort();
        }

        @Override
        public Peer peer() {
            return below.peer();
        }
    }

    /** The transport, where a test can get at the broker's end of a connection. */
    private final class Tapped implements Transport {
        @Override
        public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
            return transport.listen(endpoint, options, connection -> {
                ConnectionHandler handler = acceptor.accept(new Watched(connection, accepted.size(), beforeNextWrite));
                accepted.add(handler);
                return handler;
            });
        }

        @Override
        public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
            transport.connect(endpoint, options, acceptor);
        }

        @Override
        public void close() {
            transport.close();
        }
    }
}
