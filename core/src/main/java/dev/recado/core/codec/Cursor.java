package dev.recado.core.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads the data types of MQTT (section 1.5) one after the other from the body of a packet, in place. Reused from packet
 * to packet; reads of numbers and steps over texts allocate nothing. Field names are for messages.
 */
final class Cursor {

    private ByteBuffer buffer;
    private int at;
    private int end;

    void reset(ByteBuffer bytes, int from, int to) {
        buffer = bytes;
        at = from;
        end = to;
    }

    /** Lets the buffer go. */
    void release() {
        buffer = null;
    }

    ByteBuffer buffer() {
        return buffer;
    }

    /** The absolute index of the next byte. */
    int at() {
        return at;
    }

    int end() {
        return end;
    }

    /** Moves the end, for a part of the packet with a length of its own. */
    void end(int index) {
        end = index;
    }

    int remaining() {
        return end - at;
    }

    boolean hasRemaining() {
        return at < end;
    }

    private void require(int bytes, String field) throws CodecException {
        if (end - at < bytes) {
            throw CodecException.malformed("the packet ends in " + field + ": " + bytes + " bytes needed, " + (end - at)
                    + " left (MQTT 5, section 2.1.4)");
        }
    }

    void requireEnd(PacketType type) throws CodecException {
        if (at < end) {
            throw CodecException.malformed(
                    type + " has " + (end - at) + " bytes behind its last field (MQTT 5, section 2.1.4)");
        }
    }

    int u8(String field) throws CodecException {
        require(1, field);
        return buffer.get(at++) & 0xFF;
    }

    int u16(String field) throws CodecException {
        require(2, field);
        int value = (buffer.get(at) & 0xFF) << 8 | buffer.get(at + 1) & 0xFF;
        at += 2;
        return value;
    }

    long u32(String field) throws CodecException {
        return (long) u16(field) << 16 | u16(field);
    }

    int variableByteInteger(String field) throws CodecException {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int digit = u8(field);
            value |= (digit & 0x7F) << shift;
            if (digit <= 0x7F) {
                if (digit == 0 && shift > 0) {
                    throw CodecException.malformed(field + " " + value + " is not in the shortest form (MQTT-1.5.5-1)");
                }
                return value;
            }
        }
        throw CodecException.malformed(field + " takes more than 4 bytes (MQTT 5, section 1.5.5)");
    }

    int packetId() throws CodecException {
        int packetId = u16("Packet Identifier");
        if (packetId == 0) {
            throw CodecException.protocolError(
                    "Packet Identifier is 0, allowed are 1 to 65535 (MQTT-2.2.1-3, MQTT-2.2.1-4)");
        }
        return packetId;
    }

    /** Steps over Binary Data; returns the absolute index of its first byte, behind the length. */
    int skipBinary(String field) throws CodecException {
        int length = u16(field);
        require(length, field);
        int start = at;
        at += length;
        return start;
    }

    /** Steps over a UTF-8 Encoded String; returns the absolute index of its first byte, behind the length. */
    int skipText(String field) throws CodecException {
        int start = skipBinary(field);
        Utf8.check(field, buffer, start, at);
        return start;
    }

    String text(String field) throws CodecException {
        int start = skipText(field);
        return textAt(start, at);
    }

    ByteBuffer binary(String field) throws CodecException {
        int start = skipBinary(field);
        return bytesAt(start, at);
    }

    String textAt(int from, int to) {
        byte[] bytes = new byte[to - from];
        buffer.get(from, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** A read-only copy. */
    ByteBuffer bytesAt(int from, int to) {
        byte[] bytes = new byte[to - from];
        buffer.get(from, bytes);
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }
}
