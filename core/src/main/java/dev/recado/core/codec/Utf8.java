package dev.recado.core.codec;

import java.nio.ByteBuffer;

/** UTF-8 Encoded Strings (section 1.5.4): well-formed, no surrogates, no U+0000, at most 65,535 bytes. */
final class Utf8 {

    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final long ONES = 0x0101_0101_0101_0101L;

    private Utf8() {}

    /** Where the first byte is that a UTF-8 Encoded String may not have, as an absolute index; -1 when all is well. */
    static int indexOfInvalid(ByteBuffer bytes, int from, int to) {
        int i = from;
        while (i < to) {
            if (to - i >= Long.BYTES && isPlain(bytes.getLong(i))) {
                i += Long.BYTES;
            } else {
                int length = sequenceLength(bytes, i, to);
                if (length == 0) {
                    return i;
                }
                i += length;
            }
        }
        return -1;
    }

    /** Refuses bytes that a UTF-8 Encoded String may not have. */
    static void check(String field, ByteBuffer bytes, int from, int to) throws CodecException {
        int invalid = indexOfInvalid(bytes, from, to);
        if (invalid >= 0) {
            throw CodecException.malformed(String.format(
                    "%s has the byte 0x%02X at offset %d: U+0000 or no UTF-8 (MQTT-1.5.4-1, MQTT-1.5.4-2)",
                    field, bytes.get(invalid), invalid - from));
        }
    }

    /** Whether all eight bytes are U+0001 to U+007F: subtracting borrows into the high bit of a zero byte. */
    private static boolean isPlain(long bytes) {
        return ((bytes | (bytes - ONES)) & HIGH_BITS) == 0;
    }

    /** The length of the sequence at {@code i} (Unicode, table 3-7: well-formed byte sequences); 0 when there is none. */
    private static int sequenceLength(ByteBuffer bytes, int i, int to) {
        int first = bytes.get(i) & 0xFF;
        if (first < 0x80) {
            return first == 0 ? 0 : 1;
        }
        int length;
        int lowest = 0x80;
        int highest = 0xBF;
        if (first >= 0xC2 && first <= 0xDF) {
            length = 2;
        } else if (first >= 0xE0 && first <= 0xEF) {
            length = 3;
            lowest = first == 0xE0 ? 0xA0 : lowest;
            highest = first == 0xED ? 0x9F : highest;
        } else if (first >= 0xF0 && first <= 0xF4) {
            length = 4;
            lowest = first == 0xF0 ? 0x90 : lowest;
            highest = first == 0xF4 ? 0x8F : highest;
        } else {
            return 0;
        }
        if (to - i < length) {
            return 0;
        }
        int second = bytes.get(i + 1) & 0xFF;
        if (second < lowest || second > highest) {
            return 0;
        }
        for (int k = 2; k < length; k++) {
            if ((bytes.get(i + k) & 0xC0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    /** What keeps this text from being a UTF-8 Encoded String; {@code null} when nothing does. */
    static String violation(String text) {
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return "holds U+0000 at index " + i + " (MQTT-1.5.4-2)";
            }
            if (!Character.isSurrogate(c)) {
                length += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                length += 4;
                i++;
            } else {
                return "holds half a surrogate pair at index " + i + " (MQTT-1.5.4-1)";
            }
        }
        return length <= Wire.MAX_LENGTH
                ? null
                : "takes " + length + " bytes in UTF-8, allowed are " + Wire.MAX_LENGTH + " (MQTT 5, section 1.5.4)";
    }

    /** The text itself; refuses one that the wire cannot carry. */
    static String require(String text, String field) {
        String violation = violation(text);
        if (violation != null) {
            throw new IllegalArgumentException(field + " '" + abbreviate(text) + "' " + violation);
        }
        return text;
    }

    /** For messages: a name may have 65,535 bytes, a log line should not. */
    static String abbreviate(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }
}
