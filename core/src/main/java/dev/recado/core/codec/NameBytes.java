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
        return length < Long.BYTES ? isSameShort(name, buffer, start) : isSameLong(name, buffer, start);
    }

    private static boolean isSameShort(byte[] name, ByteBuffer buffer, int start) {
        for (int i = 0; i < name.length; i++) {
            if (name[i] != buffer.get(start + i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSameLong(byte[] name, ByteBuffer buffer, int start) {
        // From the end: names under one prefix differ there. The first word has some bytes of the second, too.
        for (int i = name.length - Long.BYTES; i > 0; i -= Long.BYTES) {
            if ((long) WORDS.get(name, i) != word(buffer, start + i)) {
                return false;
            }
        }
        return (long) WORDS.get(name, 0) == word(buffer, start);
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
        int last = start + length - Long.BYTES;
        long hash = length;
        for (int i = start; i < last; i += Long.BYTES) {
            hash = mix(hash ^ word(buffer, i), secret);
        }
        // The last word has some bytes of the one before, too.
        hash = mix(hash ^ (last >= start ? word(buffer, last) : shortWord(buffer, start, length)), secret);
        return (int) (hash ^ hash >>> Integer.SIZE);
    }

    private static long shortWord(ByteBuffer buffer, int start, int length) {
        long word = 0;
        for (int i = start; i < start + length; i++) {
            word = word << Byte.SIZE | buffer.get(i) & 0xFF;
        }
        return word;
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
