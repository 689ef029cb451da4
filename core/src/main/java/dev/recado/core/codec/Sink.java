package dev.recado.core.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Where a packet is written to. One description of a packet serves to count its bytes and to write them, so that the two
 * cannot disagree.
 */
abstract class Sink {

    abstract void u8(int value);

    abstract void bytes(byte[] bytes);

    /** Position to limit, left as they are. */
    abstract void bytes(ByteBuffer bytes);

    final void u16(int value) {
        u8(value >>> 8);
        u8(value);
    }

    final void u32(long value) {
        u16((int) (value >>> 16));
        u16((int) value);
    }

    final void variableByteInteger(int value) {
        int rest = value;
        while (rest > 0x7F) {
            u8(rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        u8(rest);
    }

    final void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        u16(bytes.length);
        bytes(bytes);
    }

    final void binary(ByteBuffer bytes) {
        u16(bytes.remaining());
        bytes(bytes);
    }

    /** Counts. */
    static final class Counter extends Sink {

        private long count;

        /** Bytes so far; refuses more than a packet can have behind its fixed header (section 2.1.4). */
        int count() {
            if (count > Wire.MAX_VARIABLE_BYTE_INTEGER) {
                throw new IllegalArgumentException("Remaining Length is " + count + " bytes, allowed are "
                        + Wire.MAX_VARIABLE_BYTE_INTEGER + " (MQTT 5, section 2.1.4)");
            }
            return (int) count;
        }

        @Override
        void u8(int value) {
            count++;
        }

        @Override
        void bytes(byte[] bytes) {
            count += bytes.length;
        }

        @Override
        void bytes(ByteBuffer bytes) {
            count += bytes.remaining();
        }
    }

    /** Writes at the position of a buffer, whatever its byte order. */
    static final class Into extends Sink {

        private final ByteBuffer out;

        Into(ByteBuffer out) {
            this.out = out;
        }

        @Override
        void u8(int value) {
            out.put((byte) value);
        }

        @Override
        void bytes(byte[] bytes) {
            out.put(bytes);
        }

        @Override
        void bytes(ByteBuffer bytes) {
            out.put(bytes.duplicate());
        }
    }
}
