package dev.recado.core.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The hot path allocates nothing for a message. */
class AllocationTest {

    private static final int ROUNDS = 20_000;

    /** Less than one object of the smallest size for every hundred rounds: what the JVM does by the way. */
    private static final long TOLERATED = ROUNDS / 100 * 16;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private interface Round {
        void run() throws CodecException;
    }

    /** The best of several tries, the first of which warm up: what is allocated every time is allocated in each. */
    private static long allocated(Round round) throws CodecException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 10 && least > 0; i++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int n = 0; n < ROUNDS; n++) {
                round.run();
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }

    private static byte[] stream(ProtocolVersion version) {
        Properties properties = version.hasProperties()
                ? Properties.builder()
                        .set(Property.PAYLOAD_FORMAT_INDICATOR, 1)
                        .set(Property.MESSAGE_EXPIRY_INTERVAL, 60)
                        .set(Property.RESPONSE_TOPIC, "answers/of/ärger")
                        .set(Property.TOPIC_ALIAS, 3)
                        .userProperty("some name", "some value")
                        .build()
                : Properties.NONE;
        Properties reason = version.hasProperties()
                ? Properties.builder().set(Property.REASON_STRING, "why not").build()
                : Properties.NONE;
        ByteBuffer payload = ByteBuffer.allocate(100);
        return Bytes.concat(
                bytes(new Packet.Publish(false, QoS.AT_MOST_ONCE, true, "a/b/ü/c", 0, properties, payload), version),
                bytes(new Packet.Publish(false, QoS.AT_LEAST_ONCE, false, "a/b/c", 7, properties, payload), version),
                bytes(new Packet.Publish(true, QoS.EXACTLY_ONCE, false, "a/b/c", 8, properties, payload), version),
                bytes(new Packet.Ack(PacketType.PUBACK, 1, ReasonCode.SUCCESS, reason), version),
                bytes(new Packet.Ack(PacketType.PUBREC, 2, ReasonCode.SUCCESS, Properties.NONE), version),
                bytes(new Packet.Ack(PacketType.PUBREL, 3, ReasonCode.SUCCESS, Properties.NONE), version),
                bytes(new Packet.Ack(PacketType.PUBCOMP, 4, ReasonCode.SUCCESS, Properties.NONE), version));
    }

    private static byte[] bytes(Packet packet, ProtocolVersion version) {
        return Bytes.array(PacketEncoder.encode(packet, version));
    }

    /** Keeps what was read alive, so that the compiler cannot leave the reading out. */
    private long read;

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void shouldReadMessagesAndAcknowledgementsWithoutAllocating(ProtocolVersion version) throws CodecException {
        for (boolean direct : new boolean[] {false, true}) {
            byte[] stream = stream(version);
            ByteBuffer buffer = direct ? ByteBuffer.allocateDirect(stream.length) : ByteBuffer.allocate(stream.length);
            buffer.put(stream);
            PacketReader reader = new PacketReader(10_000);
            PublishView publish = new PublishView();
            AckView ack = new AckView();
            ByteBuffer forwarded = ByteBuffer.allocate(1_000);

            long allocated = allocated(() -> {
                reader.feed(buffer.rewind());
                while (reader.next()) {
                    if (reader.type() == PacketType.PUBLISH) {
                        publish.decode(reader, version);
                        publish.copyForwardable(forwarded.clear());
                        read += publish.payloadLength() + forwarded.position();
                    } else {
                        ack.decode(reader, version);
                        read += ack.packetId();
                    }
                }
                reader.finish();
            });

            assertThat(allocated).as("bytes for %d rounds", ROUNDS).isLessThan(TOLERATED);
        }
        assertThat(read).isPositive();
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void shouldWriteMessagesAndAcknowledgementsWithoutAllocating(ProtocolVersion version) throws CodecException {
        ByteBuffer out = ByteBuffer.allocateDirect(1_000);
        byte[] topic = {'a', '/', 'b'};
        ByteBuffer forwardable = ByteBuffer.wrap(new byte[] {1, 1});
        int[] identifiers = {1, 1_000_000};

        long allocated = allocated(() -> {
            out.clear();
            read += PacketEncoder.publishSize(version, QoS.AT_LEAST_ONCE, 3, 2, 60, identifiers, 100);
            read += PacketEncoder.encodePublishHead(
                    out, version, false, QoS.AT_LEAST_ONCE, true, topic, 9, forwardable, 60, identifiers, 100);
            PacketEncoder.encodeAck(out, version, PacketType.PUBACK, 9, ReasonCode.NOT_AUTHORIZED);
            read += out.position();
        });

        assertThat(allocated).as("bytes for %d rounds", ROUNDS).isLessThan(TOLERATED);
        assertThat(read).isPositive();
    }

    /** The measurement itself: it sees an object a round. */
    @Test
    void shouldNoticeAnAllocation() throws CodecException {
        byte[][] sink = new byte[1][];

        assertThat(allocated(() -> sink[0] = new byte[1])).isGreaterThan(TOLERATED);
    }
}
