package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.recado.Broker;
import dev.recado.QoS;
import dev.recado.auth.Permission;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Peer;
import dev.recado.spi.Transport;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Routing a message allocates nothing: measured on the thread that does it, with a transport that only counts. */
class RoutingAllocationTest {

    private static final int MESSAGES_A_BATCH = 500;
    private static final int BATCHES = 400;

    private static final Properties STATED = Properties.builder()
            .userProperty("recado-role", "publisher")
            .userProperty("recado-topic", "another/+")
            .userProperty("recado-topic", "topic/+")
            .build();

    @ParameterizedTest(name = "QoS {0}, retain {1}, {2} topics, {3} subscribers, authorizer {4}, topics stated {5}")
    @CsvSource({
        "0, false, 1, 1, false, false",
        "0, true, 1, 1, false, false",
        "0, true, 50, 3, false, false",
        "0, false, 50, 3, false, true",
        "0, false, 50, 100, false, false",
        "1, false, 1, 1, false, false",
        "1, true, 50, 3, false, true",
        "0, false, 1, 1, true, false",
        "1, true, 50, 3, true, true"
    })
    void shouldAllocateNothingForAMessage(
            int qos, boolean retain, int topics, int subscribers, boolean authorizer, boolean stated) {
        CountingTransport transport = new CountingTransport();
        BrokerBuilder builder = new BrokerBuilder();
        if (authorizer) {
            builder.authorizer((who, access, topic) -> Permission.granted().now());
        }
        try (Broker broker = builder.transport(transport)
                .listen("count:x")
                .limits(limits -> limits
                        // Nobody answers a close here.
                        .closeTimeout(Duration.ofMillis(1)))
                .start()) {
            List<ConnectionHandler> receivers = new ArrayList<>();
            for (int i = 0; i < subscribers; i++) {
                ConnectionHandler subscriber = transport.connect("s" + i);
                subscriber.received(encode(new Packet.Subscribe(
                        1, Properties.NONE, List.of(new Packet.Subscription("#", QoS.of(qos), false, false, 0)))));
                receivers.add(subscriber);
            }
            ConnectionHandler publisher = transport.connect("p", stated ? STATED : Properties.NONE);
            ByteBuffer batch = batch(qos, retain, topics);
            ByteBuffer acknowledgements = ByteBuffer.allocate(MESSAGES_A_BATCH * 4);

            Runnable round = () -> {
                publisher.received(batch.rewind());
                for (int i = 0; qos > 0 && i < receivers.size(); i++) {
                    receivers.get(i).received(transport.acknowledgements(i, acknowledgements.clear()));
                }
            };
            long bytes = leastAllocated(round);

            assertThat(broker.stats().messagesDropped()).isZero();
            assertThat(broker.stats().messagesDelivered())
                    .isEqualTo(broker.stats().messagesReceived() * subscribers);
            assertThat((double) bytes / BATCHES / MESSAGES_A_BATCH)
                    .as("bytes allocated for a message")
                    .isLessThan(1.0); // a batch may allocate a little, a message nothing
        }
    }

    /** Of several runs the best: compilers need time, and what they do then is not the message's. */
    private static long leastAllocated(Runnable round) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int run = 0; run < 5; run++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < BATCHES; i++) {
                round.run();
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }

    private static ByteBuffer batch(int qos, boolean retain, int topics) {
        ByteBuffer batch = ByteBuffer.allocateDirect(1 << 20);
        ByteBuffer payload = ByteBuffer.wrap("sixteen bytes...".getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < MESSAGES_A_BATCH; i++) {
            batch.put(encode(new Packet.Publish(
                    false,
                    QoS.of(qos),
                    retain,
                    "topic/" + i % topics,
                    qos == 0 ? 0 : i + 1,
                    Properties.builder().userProperty("name", "value").build(),
                    payload)));
        }
        return batch.flip();
    }

    private static ByteBuffer encode(Packet packet) {
        return PacketEncoder.encode(packet, ProtocolVersion.MQTT_5);
    }

    /** Hands the engine connections that take everything and keep nothing. */
    private static final class CountingTransport implements Transport {
        private final List<CountingConnection> connections = new ArrayList<>();
        private Acceptor acceptor;

        ConnectionHandler connect(String clientId) {
            return connect(clientId, Properties.NONE);
        }

        ConnectionHandler connect(String clientId, Properties properties) {
            CountingConnection connection = new CountingConnection();
            connections.add(connection);
            ConnectionHandler handler = acceptor.accept(connection);
            handler.opened();
            handler.received(encode(BrokerFixture.connectPacket(clientId, properties)));
            return handler;
        }

        /** A PUBACK for each message that this client got since the last call. */
        ByteBuffer acknowledgements(int client, ByteBuffer into) {
            CountingConnection connection = connections.get(client);
            for (int i = 0; i < connection.messages; i++) {
                into.putShort((short) 0x4002).putShort(connection.packetIds[i]);
            }
            connection.messages = 0;
            return into.flip();
        }

        @Override
        public Listener listen(URI endpoint, ListenOptions options, Acceptor engine) {
            acceptor = engine;
            return new Listener() {
                @Override
                public URI endpoint() {
                    return endpoint;
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void connect(URI endpoint, ConnectOptions options, Acceptor engine) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    private static final class CountingConnection implements Connection {
        private final Peer peer = Peer.of(new InetSocketAddress(0));
        private final short[] packetIds = new short[2 * MESSAGES_A_BATCH];
        private int messages;

        /** Remembers the packet identifiers of QoS 1: behind a fixed header of two bytes and the topic name. */
        @Override
        public void write(ByteBuffer... bytes) {
            ByteBuffer head = bytes[0];
            if ((head.get(0) & 0xF6) == 0x32) {
                packetIds[messages++] = head.getShort(4 + head.getShort(2));
            }
        }

        @Override
        public void flush() {}

        @Override
        public long pending() {
            return 0;
        }

        @Override
        public void pauseReading() {}

        @Override
        public void resumeReading() {}

        @Override
        public void close() {}

        @Override
        public void abort() {}

        @Override
        public Peer peer() {
            return peer;
        }
    }
}
