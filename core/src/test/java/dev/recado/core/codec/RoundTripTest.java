package dev.recado.core.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RoundTripTest {

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void shouldDecodeWhatWasEncodedForEveryType(ProtocolVersion version) throws CodecException {
        RandomPackets source = new RandomPackets(version);
        for (PacketType type : PacketType.values()) {
            for (int i = 0; i < RandomPackets.ROUNDS && (type != PacketType.AUTH || version.hasProperties()); i++) {
                Packet packet = source.packet(type);
                ByteBuffer encoded = PacketEncoder.encode(packet, version);

                assertThat(encoded.remaining())
                        .as(source.seed())
                        .isEqualTo(PacketEncoder.size(packet, version))
                        .isEqualTo(encoded.capacity());
                assertThat(Bytes.decode(encoded.array(), version))
                        .as(source.seed())
                        .isEqualTo(packet)
                        .hasSameHashCodeAs(packet);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void shouldDecodeTheSameHoweverTheStreamIsCut(ProtocolVersion version) throws CodecException {
        RandomPackets source = new RandomPackets(version);
        for (int run = 0; run < RandomPackets.ROUNDS / 10; run++) {
            List<Packet> packets = source.packets(30);
            byte[] stream = encode(packets, version);
            Random random = source.random();

            assertThat(read(stream, version, random, 40, false))
                    .as(source.seed())
                    .isEqualTo(packets);
            assertThat(read(stream, version, random, 40_000, true))
                    .as(source.seed())
                    .isEqualTo(packets);
            assertThat(read(stream, version, random, stream.length, true))
                    .as(source.seed())
                    .isEqualTo(packets);
        }
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void shouldDecodeTheSameOneByteAtATime(ProtocolVersion version) throws CodecException {
        RandomPackets source = new RandomPackets(version);
        List<Packet> packets = source.packets(60);
        byte[] stream = encode(packets, version);

        assertThat(read(stream, version, source.random(), 1, false))
                .as(source.seed())
                .isEqualTo(packets);
        assertThat(read(stream, version, source.random(), 1, true))
                .as(source.seed())
                .isEqualTo(packets);
    }

    /** The engine stops reading in the middle of a buffer, for example while an authorization is pending. */
    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void shouldLoseNothingWhenReadingStopsAfterAnyPacket(ProtocolVersion version) throws CodecException {
        RandomPackets source = new RandomPackets(version);
        Random random = source.random();
        List<Packet> packets = source.packets(200);
        byte[] stream = encode(packets, version);
        PacketReader reader = new PacketReader(Bytes.NO_LIMIT);
        List<Packet> read = new ArrayList<>();
        int at = 0;
        while (read.size() < packets.size()) {
            int step = Math.min(stream.length - at, random.nextInt(3) == 0 ? 0 : random.nextInt(3_000));
            reader.feed(ByteBuffer.wrap(stream, at, step));
            at += step;
            for (int budget = random.nextInt(5); budget > 0 && reader.next(); budget--) {
                read.add(PacketDecoder.decode(reader, version));
            }
            reader.finish();
        }

        assertThat(read).as(source.seed()).isEqualTo(packets);
        assertThat(reader.hasLeftover()).isFalse();
        assertThat(reader.retained()).isZero();
    }

    private static byte[] encode(List<Packet> packets, ProtocolVersion version) {
        int size = packets.stream()
                .mapToInt(packet -> PacketEncoder.size(packet, version))
                .sum();
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        packets.forEach(packet -> PacketEncoder.encode(packet, version, out));
        assertThat(out.hasRemaining()).isFalse();
        return out.array();
    }

    /** Feeds one buffer again and again, as a transport does, and wipes it after each use. */
    private static List<Packet> read(byte[] stream, ProtocolVersion version, Random random, int maxStep, boolean direct)
            throws CodecException {
        PacketReader reader = new PacketReader(Bytes.NO_LIMIT);
        int offset = 3;
        ByteBuffer buffer = (direct
                        ? ByteBuffer.allocateDirect(maxStep + offset)
                        : ByteBuffer.allocate(maxStep + offset))
                .order(ByteOrder.LITTLE_ENDIAN);
        List<Packet> packets = new ArrayList<>();
        for (int at = 0; at < stream.length; ) {
            int step = Math.min(stream.length - at, 1 + random.nextInt(maxStep));
            buffer.clear().position(offset);
            buffer.put(stream, at, step).flip().position(offset);
            at += step;
            reader.feed(buffer);
            assertThat(buffer.hasRemaining()).isFalse();
            while (reader.next()) {
                packets.add(PacketDecoder.decode(reader, version));
            }
            reader.finish();
            buffer.clear();
            while (buffer.hasRemaining()) {
                buffer.put((byte) 0xFF);
            }
        }
        assertThat(reader.hasLeftover()).isFalse();
        return packets;
    }
}
