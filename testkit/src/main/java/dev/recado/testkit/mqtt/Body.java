package dev.recado.testkit.mqtt;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Bytes of a packet, field by field. Each method returns this. */
final class Body {

    private static final int SHOWN_BYTES = 80;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Body u8(int value) {
        bytes.write(value);
        return this;
    }

    Body u16(int value) {
        return u8(value >> 8).u8(value);
    }

    Body u32(long value) {
        return u16((int) (value >> 16)).u16((int) value);
    }

    /** A Variable Byte Integer in its shortest form. */
    Body variable(int value) {
        int rest = value;
        while (rest > 127) {
            u8(rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        return u8(rest);
    }

    Body string(String text) {
        return binary(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Two bytes of length, then these. */
    Body binary(byte... data) {
        return u16(data.length).raw(data);
    }

    Body raw(byte... data) {
        bytes.writeBytes(data);
        return this;
    }

    int size() {
        return bytes.size();
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    /** A whole packet with this body. */
    byte[] packet(int firstByte) {
        return new Body().u8(firstByte).variable(size()).raw(bytes()).bytes();
    }

    /** For people; long data is cut. */
    static String hex(byte[] data) {
        HexFormat format = HexFormat.of();
        return data.length <= SHOWN_BYTES
                ? format.formatHex(data)
                : format.formatHex(data, 0, SHOWN_BYTES) + "... (" + data.length + " bytes)";
    }
}
