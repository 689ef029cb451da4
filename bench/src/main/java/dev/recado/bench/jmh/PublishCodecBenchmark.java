package dev.recado.bench.jmh;

import dev.recado.QoS;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.codec.PublishView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a PUBLISH costs between bytes and packets, a batch at a time as the transports bring it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(PublishCodecBenchmark.BATCH)
public class PublishCodecBenchmark {

    static final int BATCH = 500;

    private static final String TOPIC = "house/7/room/42";
    private static final int PAYLOAD = 16;
    private static final int MAX_PACKET_SIZE = 1 << 16;
    private static final long NO_EXPIRY = -1;

    @Param({"0", "1", "2"})
    public int qos;

    @Param({"MQTT_3_1_1", "MQTT_5"})
    public ProtocolVersion version;

    private final PacketReader reader = new PacketReader(MAX_PACKET_SIZE);
    private final PublishView publish = new PublishView();
    private final ByteBuffer out = ByteBuffer.allocateDirect(1 << 17);
    private final byte[] topic = TOPIC.getBytes(StandardCharsets.UTF_8);
    private final ByteBuffer noProperties = ByteBuffer.allocate(0);
    private final int[] noIdentifiers = {};
    private ByteBuffer publishes;
    private QoS level;

    @Setup(Level.Trial)
    public void fill() {
        level = QoS.of(qos);
        publishes = ByteBuffer.allocateDirect(1 << 17);
        for (int i = 1; i <= BATCH; i++) {
            publishes.put(PacketEncoder.encode(
                    new Packet.Publish(
                            false,
                            level,
                            false,
                            TOPIC,
                            qos == 0 ? 0 : i,
                            Properties.NONE,
                            ByteBuffer.allocate(PAYLOAD)),
                    version));
        }
        publishes.flip();
    }

    @Benchmark
    public long decode() throws CodecException {
        long read = 0;
        reader.feed(publishes.rewind());
        while (reader.next()) {
            publish.decode(reader, version);
            read += publish.payloadLength();
        }
        reader.finish();
        return read;
    }

    @Benchmark
    public int encode() {
        out.clear();
        for (int i = 1; i <= BATCH; i++) {
            PacketEncoder.encodePublishHead(
                    out, version, false, level, false, topic, i, noProperties, NO_EXPIRY, noIdentifiers, PAYLOAD);
            out.position(out.position() + PAYLOAD);
        }
        return out.position();
    }
}
