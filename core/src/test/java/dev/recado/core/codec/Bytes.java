package dev.recado.core.codec;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Bytes of packets as tests write and read them. */
final class Bytes {

    static final int NO_LIMIT = 5 + Wire.MAX_VARIABLE_BYTE_INTEGER;

    private Bytes() {}

    /** Hexadecimal digits in any grouping; {@code #} starts a comment that ends with the line. */
    static byte[] hex(String annotated) {
        return HexFormat.of().parseHex(annotated.replaceAll("#.*", "").replaceAll("\\s", ""));
    }

    static String hex(ByteBuffer bytes) {
        return HexFormat.ofDelimiter(" ").withUpperCase().formatHex(array(bytes));
    }

    static byte[] array(ByteBuffer bytes) {
        byte[] array = new byte[bytes.remaining()];
        bytes.get(bytes.position(), array);
        return array;
    }

    static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    /** A packet with this first byte and body, and the Remaining Length that belongs to it. */
    static byte[] packet(int first, byte[] body) {
        ByteBuffer out = ByteBuffer.allocate(1 + Wire.variableByteIntegerLength(body.length) + body.length);
        Sink sink = new Sink.Into(out);
        sink.u8(first);
        sink.variableByteInteger(body.length);
        sink.bytes(body);
        return out.array();
    }

    /** A reader that stands on the first packet of these bytes. */
    static PacketReader reader(byte[] bytes) throws CodecException {
        PacketReader reader = new PacketReader(NO_LIMIT);
        reader.feed(ByteBuffer.wrap(bytes));
        if (!reader.next()) {
            throw new AssertionError("no complete packet in " + HexFormat.of().formatHex(bytes));
        }
        return reader;
    }

    /** The one packet that these bytes are. */
    static Packet decode(byte[] bytes, ProtocolVersion version) throws CodecException {
        List<Packet> packets = decodeAll(ByteBuffer.wrap(bytes), version);
        if (packets.size() != 1) {
            throw new AssertionError(
                    packets.size() + " packets in " + HexFormat.of().formatHex(bytes));
        }
        return packets.get(0);
    }

    static List<Packet> decodeAll(ByteBuffer bytes, ProtocolVersion version) throws CodecException {
        PacketReader reader = new PacketReader(NO_LIMIT);
        List<Packet> packets = new ArrayList<>();
        reader.feed(bytes);
        while (reader.next()) {
            packets.add(PacketDecoder.decode(reader, version));
        }
        reader.finish();
        if (reader.hasLeftover()) {
            throw new AssertionError("bytes are left over");
        }
        return packets;
    }
}
