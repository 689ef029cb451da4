package dev.recado.core.codec;

/** The data types of MQTT (section 1.5) as far as they are arithmetic. */
final class Wire {

    /** The largest Variable Byte Integer, in four bytes: seven bits each. */
    static final int MAX_VARIABLE_BYTE_INTEGER = 268_435_455;

    /** The longest text and the longest Binary Data, in bytes: both have a length of two bytes. */
    static final int MAX_LENGTH = 65_535;

    private Wire() {}

    /** How many bytes the shortest form of this value takes (MQTT-1.5.5-1); 0 to {@link #MAX_VARIABLE_BYTE_INTEGER}. */
    static int variableByteIntegerLength(int value) {
        return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
    }
}
