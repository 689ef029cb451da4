package dev.recado.testkit;

/** Streams of bytes in which every place looks different, so that a loss, a repeat or a swap shows. */
final class Bytes {

    private Bytes() {}

    /** The first bytes of the stream that {@code seed} names. */
    static byte[] pattern(int seed, int length) {
        return pattern(seed, 0, length);
    }

    /** The bytes of that stream from offset {@code from}. */
    static byte[] pattern(int seed, long from, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = at(seed, from + i);
        }
        return bytes;
    }

    static byte at(int seed, long offset) {
        long mixed = (offset + 1) * 0x9E3779B97F4A7C15L + seed * 0xC2B2AE3D27D4EB4FL;
        return (byte) ((mixed ^ (mixed >>> 29)) >>> 32);
    }

    /** Where and how two arrays differ, up to the shorter one's length; {@code null} when they do not. */
    static String difference(byte[] expected, byte[] actual) {
        int shared = Math.min(expected.length, actual.length);
        for (int i = 0; i < shared; i++) {
            if (expected[i] != actual[i]) {
                return String.format(
                        "byte %d of %d should be 0x%02x, but is 0x%02x", i, expected.length, expected[i], actual[i]);
            }
        }
        return null;
    }
}
