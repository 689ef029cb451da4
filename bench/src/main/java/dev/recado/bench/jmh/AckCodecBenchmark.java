package dev.recado.bench.jmh;

import dev.recado.ReasonCode;
import dev.recado.core.codec.AckView;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.ProtocolVersion;
import java.nio.ByteBuffer;
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

/** What an acknowledgement costs between bytes and packets, a batch at a time as the transports bring it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(AckCodecBenchmark.BATCH)
public class AckCodecBenchmark {

    static final int BATCH = 500;

    private static final int MAX_PACKET_SIZE = 1 << 16;

    @Param({"MQTT_3_1_1", "MQTT_5"})
    public ProtocolVersion version;

    private final PacketReader reader = new PacketReader(MAX_PACKET_SIZE);
    private final AckView ack = new AckView();
    private final ByteBuffer acks = ByteBuffer.allocateDirect(1 << 14);

    @Setup(Level.Trial)
    public void fill() {
        encode();
    }

    @Benchmark
    public int encode() {
        acks.clear();
        for (int i = 1; i <= BATCH; i++) {
            PacketEncoder.encodeAck(acks, version, PacketType.PUBACK, i, ReasonCode.SUCCESS);
        }
        return acks.flip().limit();
    }

    @Benchmark
    public long decode() throws CodecException {
        long read = 0;
        reader.feed(acks.rewind());
        while (reader.next()) {
            ack.decode(reader, version);
            read += ack.packetId();
        }
        reader.finish();
        return read;
    }
}
