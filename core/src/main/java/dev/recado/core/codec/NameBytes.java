package dev.recado.core.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Topic names in UTF-8: compared, and hashed, eight bytes at a time, where they were received. Stateless. */
public final class NameBytes {

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private NameBytes() {}

    /**
     * Whether a name is what stands in a buffer.
     *
     * @param name in UTF-8
     * @param buffer in any byte order, read by absolute index
     * @param start index of the first byte
     * @param length bytes, all of them in the buffer
     * @return whether all bytes are the same
     */
    public static boolean isSame(byte[] name, ByteBuffer buffer, int start, int length) {
        if (length != name.length) {
            return false;
        }
        int i = length;
        // From the end: names under one prefix differ there.
        for (; i >= Long.BYTES; i -= Long.BYTES) {
            if ((long) WORDS.get(name, i - Long.BYTES) != word(buffer, start + i - Long.BYTES)) {
                return false;
            }
        }
        while (--i >= 0) {
            if (name[i] != buffer.get(start + i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The hash of a name, the same for the same bytes wherever they are.
     *
     * @param buffer in any byte order, read by absolute index
     * @param start index of the first byte
     * @param length bytes, all of them in the buffer
     * @param secret odd, and not known to those who choose names, or they could choose many that share a hash
     * @return any number
     */
    public static int hash(ByteBuffer buffer, int start, int length, long secret) {
        int end = start + length;
        int i = start;
        long hash = length;
        for (; end - i >= Long.BYTES; i += Long.BYTES) {
            hash = mix(hash ^ word(buffer, i), secret);
        }
        long rest = 0;
        for (; i < end; i++) {
            rest = rest << Byte.SIZE | buffer.get(i) & 0xFF;
        }
        hash = mix(hash ^ rest, secret);
        return (int) (hash ^ hash >>> Integer.SIZE);
    }

    /** Both halves of the product: each bit of the hash depends on every bit before. */
    private static long mix(long hash, long secret) {
        return Math.multiplyHigh(hash ^ secret, secret) ^ (hash ^ secret) * secret;
    }

    private static long word(ByteBuffer buffer, int index) {
        long word = buffer.getLong(index);
        return buffer.order() == ByteOrder.BIG_ENDIAN ? word : Long.reverseBytes(word);
    }
}
