package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.Subscriber;
import dev.recado.core.TransportChoice;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketDecoder;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.memory.MemoryTransport;
import dev.recado.core.time.Timers;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ListenOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * A broker that does what a test tells it, also what no broker should. Untold, it is polite: it accepts, acknowledges, grants
 * and answers everything, and routes nothing.
 */
final class ScriptedBroker implements AutoCloseable {

    static final long PATIENCE_SECONDS = 20;

    final MemoryTransport transport = new MemoryTransport();
    final URI endpoint = URI.create("memory:scripted");
    private final BlockingQueue<Session> sessions = new LinkedBlockingQueue<>();
    private final Map<PacketType, BiConsumer<Session, Packet>> script = new ConcurrentHashMap<>();
    private volatile boolean sessionPresent;
    private volatile Properties connAck = Properties.builder()
            .set(Property.ASSIGNED_CLIENT_IDENTIFIER, "assigned")
            .build();

    ScriptedBroker() {
        try {
            transport.listen(endpoint, ListenOptions.defaults(), Session::new);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Replaces what is done on packets of a type. */
    ScriptedBroker on(PacketType type, BiConsumer<Session, Packet> action) {
        script.put(type, action);
        return this;
    }

    /** Back to politeness. */
    void onAsUsual(PacketType type) {
        script.remove(type);
    }

    /** Accepts with these properties. */
    ScriptedBroker accepting(Properties properties) {
        connAck = properties;
        return this;
    }

    /** From the next connection on that does not start clean, it has kept the session. */
    ScriptedBroker resuming() {
        sessionPresent = true;
        return this;
    }

    /** The next connection, in the order made. */
    Session session() {
        return poll(sessions, "a connection");
    }

    int waitingSessions() {
        return sessions.size();
    }

    Publisher.Builder publisher() {
        return publisher(null);
    }

    Publisher.Builder publisher(Timers timers) {
        return new PublisherBuilder(endpoint, choice(), timers).topic("t");
    }

    Subscriber.Builder subscriber() {
        return subscriber(null);
    }

    Subscriber.Builder subscriber(Timers timers) {
        return new SubscriberBuilder(endpoint, choice(), timers).topic("t/#");
    }

    TransportChoice choice() {
        TransportChoice choice = new TransportChoice();
        choice.shared(transport);
        return choice;
    }

    private static <T> T poll(BlockingQueue<T> queue, String what) {
        try {
            T found = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(found).as(what).isNotNull();
            return found;
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while waiting for " + what, e);
        }
    }

    static Packet.Publish message(String topic, String text) {
        return new Packet.Publish(false, QoS.AT_MOST_ONCE, false, topic, 0, Properties.NONE, utf8(text));
    }

    static Packet.Publish message(String topic, String text, int packetId) {
        return new Packet.Publish(false, QoS.AT_LEAST_ONCE, false, topic, packetId, Properties.NONE, utf8(text));
    }

    static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(Packet.Publish publish) {
        return StandardCharsets.UTF_8.decode(publish.payload()).toString();
    }

    static Packet.Publish message(String topic, String text, QoS qos, int packetId, boolean again) {
        return new Packet.Publish(again, qos, false, topic, packetId, Properties.NONE, utf8(text));
    }

    static Packet.Ack pubAck(int packetId, ReasonCode code) {
        return ack(PacketType.PUBACK, packetId, code);
    }

    static Packet.Ack ack(PacketType type, int packetId) {
        return ack(type, packetId, ReasonCode.SUCCESS);
    }

    static Packet.Ack ack(PacketType type, int packetId, ReasonCode code) {
        return new Packet.Ack(type, packetId, code, Properties.NONE);
    }

    @Override
    public void close() {
        transport.close();
    }

    /** One connection, seen from the broker. */
    final class Session implements ConnectionHandler {

        final Connection connection;
        private final PacketReader reader = new PacketReader(ServerLimits.LARGEST_PACKET);
        private final BlockingQueue<Packet> packets = new LinkedBlockingQueue<>();
        private final BlockingQueue<String> raw = new LinkedBlockingQueue<>();
        private final CountDownLatch closed = new CountDownLatch(1);

        /** What the client's CONNECT states. */
        private volatile ProtocolVersion version = ProtocolVersion.MQTT_5;

        private volatile boolean broken;

        Session(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void opened() {
            sessions.add(this);
        }

        @Override
        public void received(ByteBuffer bytes) {
            reader.feed(bytes);
            try {
                while (!broken && reader.next()) {
                    Packet packet = PacketDecoder.decode(reader, version);
                    if (packet instanceof Packet.Connect connect) {
                        version = connect.version();
                    }
                    // Before the test sees the packet: what it then changes is for the next one.
                    BiConsumer<Session, Packet> action = script.get(packet.type());
                    raw.add(rawOf(reader));
                    packets.add(packet);
                    if (action == null) {
                        answer(packet);
                    } else {
                        action.accept(this, packet);
                    }
                }
            } catch (CodecException e) {
                throw new AssertionError("a client sent what it must not", e);
            } finally {
                reader.finish();
            }
            connection.flush();
        }

        /** What a polite broker does. */
        void answer(Packet packet) {
            switch (packet.type()) {
                case CONNECT ->
                    write(new Packet.ConnAck(
                            sessionPresent && !((Packet.Connect) packet).cleanStart(), ReasonCode.SUCCESS, connAck));
                case PUBLISH -> acknowledge((Packet.Publish) packet);
                case PUBREC -> write(ack(PacketType.PUBREL, ((Packet.Ack) packet).packetId()));
                case PUBREL -> write(ack(PacketType.PUBCOMP, ((Packet.Ack) packet).packetId()));
                case SUBSCRIBE -> grant((Packet.Subscribe) packet);
                case UNSUBSCRIBE -> release((Packet.Unsubscribe) packet);
                case PINGREQ -> write(new Packet.PingResp());
                default -> {}
            }
        }

        private void acknowledge(Packet.Publish publish) {
            switch (publish.qos()) {
                case AT_MOST_ONCE -> {}
                case AT_LEAST_ONCE -> write(ack(PacketType.PUBACK, publish.packetId()));
                case EXACTLY_ONCE -> write(ack(PacketType.PUBREC, publish.packetId()));
            }
        }

        private void grant(Packet.Subscribe subscribe) {
            write(new Packet.SubAck(
                    subscribe.packetId(),
                    Properties.NONE,
                    subscribe.subscriptions().stream()
                            .map(wanted -> ReasonCode.of(wanted.qos().value()).orElseThrow())
                            .toList()));
        }

        private void release(Packet.Unsubscribe unsubscribe) {
            write(new Packet.UnsubAck(
                    unsubscribe.packetId(),
                    Properties.NONE,
                    unsubscribe.filters().stream()
                            .map(filter -> ReasonCode.SUCCESS)
                            .toList()));
        }

        void write(Packet packet) {
            connection.write(PacketEncoder.encode(packet, version));
        }

        void send(Packet... some) {
            for (Packet packet : some) {
                write(packet);
            }
            connection.flush();
        }

        /**
         * Breaks the connection, as a crash does. What has been received behind the current packet counts for nothing: a broker
         * never goes on with an old connection beside the one that took its session over.
         */
        void breakOff() {
            broken = true;
            connection.abort();
        }

        void sendRaw(int... bytes) {
            ByteBuffer raw = ByteBuffer.allocate(bytes.length);
            for (int b : bytes) {
                raw.put((byte) b);
            }
            connection.write(raw.flip());
            connection.flush();
        }

        /** The next packet of this type; others before it are skipped. */
        <T extends Packet> T next(Class<T> type) {
            while (true) {
                Packet packet = poll(packets, type.getSimpleName());
                if (type.isInstance(packet)) {
                    return type.cast(packet);
                }
            }
        }

        private static String rawOf(PacketReader reader) {
            byte[] bytes = new byte[reader.size()];
            reader.buffer().get(reader.end() - bytes.length, bytes);
            return HexFormat.ofDelimiter(" ").withUpperCase().formatHex(bytes);
        }

        /** The very first packet, in hexadecimal bytes; then the next one, and so on. */
        String nextRaw() {
            return poll(raw, "any packet");
        }

        /** The next packet of this type, in hexadecimal bytes; others before it are skipped. */
        String nextRaw(PacketType type) {
            String found = nextRaw();
            while (Integer.parseInt(found.substring(0, 1), 16) != type.value()) {
                found = nextRaw();
            }
            return found;
        }

        /** How many packets of this type have come and were not looked at. */
        long count(Class<? extends Packet> type) {
            return packets.stream().filter(type::isInstance).count();
        }

        void awaitClosed() {
            try {
                assertThat(closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                        .as("the client closes its connection")
                        .isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void drained() {}

        @Override
        public void closed(Throwable cause) {
            closed.countDown();
        }
    }
}
