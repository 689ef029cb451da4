package dev.recado.interop.proof;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One control packet between the kit and the broker, to be changed at will. Strings hold one byte in each character, so that
 * what is not UTF-8 survives.
 *
 * <p>A packet that does not follow its layout to its last byte is {@linkplain Damage damaged}: what could be read of it is there,
 * and it is written as it came. Not thread-safe.
 */
final class Packet {

    static final int CONNECT = 1;
    static final int CONNACK = 2;
    static final int PUBLISH = 3;
    static final int PUBACK = 4;
    static final int PUBREC = 5;
    static final int PUBREL = 6;
    static final int PUBCOMP = 7;
    static final int SUBSCRIBE = 8;
    static final int SUBACK = 9;
    static final int UNSUBSCRIBE = 10;
    static final int UNSUBACK = 11;
    static final int PINGREQ = 12;
    static final int PINGRESP = 13;
    static final int DISCONNECT = 14;
    static final int AUTH = 15;

    /** A filter and, in SUBSCRIBE, its options. */
    record Filter(String text, int options) {

        boolean isValid() {
            return (options & 3) < 3 && (options & 0xC0) == 0 && (options & 0x30) < 0x30;
        }

        Filter options(int changed) {
            return new Filter(text, changed);
        }

        Filter text(String changed) {
            return new Filter(changed, options);
        }
    }

    /** How a packet differs from its layout. */
    enum Damage {
        /** A field is longer than what is left. */
        CUT,
        /** Bytes are left behind the last field. */
        TRAILING,
        /** A number takes more bytes than it needs or may, or no property has that identifier. */
        UNREADABLE
    }

    final byte[] raw;
    final int version;

    /** {@code null} when there is none. */
    Damage damage;

    int type;
    int flags;

    // CONNECT
    String protocol = "MQTT";
    int level;
    int connectFlags;
    int keepAlive;
    String clientId = "";
    Props willProperties = new Props();
    String willTopic = "";
    String willPayload = "";
    String userName = "";
    String password = "";

    // What several types have; properties are null where a packet ends before them.
    Props properties;
    int id;
    final List<Integer> codes = new ArrayList<>();
    final List<Filter> filters = new ArrayList<>();
    int acknowledgeFlags;
    String topic = "";
    byte[] payload = {};

    /** A new one without fields. */
    Packet(int type, int version) {
        this.type = type;
        this.version = version;
        this.flags = type == PUBREL || type == SUBSCRIBE || type == UNSUBSCRIBE ? 2 : 0;
        this.raw = new byte[0];
        this.properties = version == 5 ? new Props() : null;
    }

    /** Reads a whole packet; {@code body} begins behind Remaining Length. {@code version} is of no matter for CONNECT. */
    Packet(byte[] raw, int body, int version) {
        this.raw = raw;
        this.type = raw[0] >> 4 & 15;
        this.flags = raw[0] & 15;
        ByteBuffer in = ByteBuffer.wrap(raw, body, raw.length - body);
        this.version = type == CONNECT ? versionOf(in.duplicate()) : version;
        try {
            read(in);
            if (in.hasRemaining()) {
                damage = Damage.TRAILING;
            }
        } catch (BufferUnderflowException cut) {
            damage = Damage.CUT;
        } catch (IllegalArgumentException unreadable) {
            damage = Damage.UNREADABLE;
        }
        if (damage == null && body > 2 && raw[body - 1] == 0) {
            damage = Damage.UNREADABLE;
        }
    }

    private static int versionOf(ByteBuffer in) {
        try {
            string(in);
            return (in.get() & 0xFF) < 5 ? 4 : 5;
        } catch (BufferUnderflowException cut) {
            return 5;
        }
    }

    boolean damaged() {
        return damage != null;
    }

    boolean is(int... types) {
        for (int one : types) {
            if (type == one) {
                return true;
            }
        }
        return false;
    }

    int code() {
        return codes.isEmpty() ? 0 : codes.get(0);
    }

    /** Sets the only code; a DISCONNECT without one gets it. */
    void code(int code) {
        codes.clear();
        codes.add(code);
    }

    boolean isError() {
        return version == 5 ? code() >= 0x80 : type == CONNACK && code() != 0;
    }

    int qos() {
        return flags >> 1 & 3;
    }

    void qos(int qos) {
        flags = flags & ~6 | qos << 1;
        if (qos == 0) {
            flags &= ~8;
        }
    }

    boolean dup() {
        return (flags & 8) != 0;
    }

    boolean retain() {
        return (flags & 1) != 0;
    }

    boolean cleanStart() {
        return (connectFlags & 2) != 0;
    }

    boolean hasWill() {
        return (connectFlags & 4) != 0;
    }

    void removeWill() {
        connectFlags &= ~0x3C;
    }

    String text() {
        return new String(payload, StandardCharsets.ISO_8859_1);
    }

    /** The value of this property, or 0. */
    long number(int property) {
        return properties == null ? 0 : properties.number(property, 0);
    }

    boolean has(int property) {
        return properties != null && properties.has(property);
    }

    void remove(int property) {
        if (properties != null) {
            properties.remove(property);
        }
    }

    /** Its bytes make no valid string: they are not UTF-8, or have U+0000. */
    static boolean isBadString(String bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)));
            return bytes.indexOf(0) >= 0;
        } catch (CharacterCodingException e) {
            return true;
        }
    }

    /** A copy; of what was changed meanwhile, too. */
    Packet copy() {
        byte[] bytes = bytes();
        int body = 1;
        while (bytes[body++] < 0) {
            // the rest of Remaining Length
        }
        return new Packet(bytes, body, version);
    }

    // ---- Reading ----

    private void read(ByteBuffer in) {
        switch (type) {
            case CONNECT -> readConnect(in);
            case CONNACK -> {
                acknowledgeFlags = in.get() & 0xFF;
                codes.add(in.get() & 0xFF);
                readProperties(in);
            }
            case PUBLISH -> {
                topic = string(in);
                if (qos() > 0) {
                    id = in.getShort() & 0xFFFF;
                }
                readProperties(in);
                payload = new byte[in.remaining()];
                in.get(payload);
            }
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> {
                id = in.getShort() & 0xFFFF;
                readOptionalCode(in);
            }
            case SUBSCRIBE, UNSUBSCRIBE -> {
                id = in.getShort() & 0xFFFF;
                readProperties(in);
                while (in.hasRemaining()) {
                    String filter = string(in);
                    filters.add(new Filter(filter, type == SUBSCRIBE ? in.get() & 0xFF : 0));
                }
            }
            case SUBACK, UNSUBACK -> {
                id = in.getShort() & 0xFFFF;
                readProperties(in);
                while (in.hasRemaining()) {
                    codes.add(in.get() & 0xFF);
                }
            }
            case DISCONNECT, AUTH -> readOptionalCode(in);
            default -> {
                // PINGREQ and PINGRESP have no body, and type 0 no layout
            }
        }
    }

    private void readConnect(ByteBuffer in) {
        protocol = string(in);
        level = in.get() & 0xFF;
        connectFlags = in.get() & 0xFF;
        keepAlive = in.getShort() & 0xFFFF;
        readProperties(in);
        clientId = string(in);
        if (hasWill()) {
            if (version == 5) {
                willProperties = Props.read(in);
            }
            willTopic = string(in);
            willPayload = string(in);
        }
        if ((connectFlags & 0x80) != 0) {
            userName = string(in);
        }
        if ((connectFlags & 0x40) != 0) {
            password = string(in);
        }
    }

    private void readProperties(ByteBuffer in) {
        if (version == 5) {
            properties = Props.read(in);
        }
    }

    private void readOptionalCode(ByteBuffer in) {
        if (version == 5 && in.hasRemaining()) {
            codes.add(in.get() & 0xFF);
            if (in.hasRemaining()) {
                properties = Props.read(in);
            }
        }
    }

    static String string(ByteBuffer in) {
        byte[] bytes = new byte[in.getShort() & 0xFFFF];
        if (bytes.length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        in.get(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    // ---- Writing ----

    /** What it is by now, or what came when it is damaged. */
    byte[] bytes() {
        if (damaged()) {
            return raw;
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        write(body);
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(type << 4 | flags);
        variable(packet, body.size());
        packet.writeBytes(body.toByteArray());
        return packet.toByteArray();
    }

    private void write(ByteArrayOutputStream out) {
        switch (type) {
            case CONNECT -> writeConnect(out);
            case CONNACK -> {
                out.write(acknowledgeFlags);
                out.write(code());
                writeProperties(out);
            }
            case PUBLISH -> {
                string(out, topic);
                if (qos() > 0) {
                    number(out, id, 2);
                }
                writeProperties(out);
                out.writeBytes(payload);
            }
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> {
                number(out, id, 2);
                writeOptionalCode(out);
            }
            case SUBSCRIBE, UNSUBSCRIBE -> {
                number(out, id, 2);
                writeProperties(out);
                for (Filter filter : filters) {
                    string(out, filter.text);
                    if (type == SUBSCRIBE) {
                        out.write(filter.options);
                    }
                }
            }
            case SUBACK, UNSUBACK -> {
                number(out, id, 2);
                writeProperties(out);
                codes.forEach(out::write);
            }
            case DISCONNECT, AUTH -> writeOptionalCode(out);
            default -> {
                // no body
            }
        }
    }

    private void writeConnect(ByteArrayOutputStream out) {
        string(out, protocol);
        out.write(level);
        out.write(connectFlags);
        number(out, keepAlive, 2);
        writeProperties(out);
        string(out, clientId);
        if (hasWill()) {
            if (version == 5) {
                willProperties.write(out);
            }
            string(out, willTopic);
            string(out, willPayload);
        }
        if ((connectFlags & 0x80) != 0) {
            string(out, userName);
        }
        if ((connectFlags & 0x40) != 0) {
            string(out, password);
        }
    }

    private void writeProperties(ByteArrayOutputStream out) {
        if (version == 5) {
            properties.write(out);
        }
    }

    private void writeOptionalCode(ByteArrayOutputStream out) {
        if (version == 5 && (!codes.isEmpty() || properties != null && !properties.isEmpty())) {
            out.write(code());
            if (properties != null) {
                properties.write(out);
            }
        }
    }

    static void string(ByteArrayOutputStream out, String text) {
        number(out, text.length(), 2);
        out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static void number(ByteArrayOutputStream out, long value, int bytes) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
            out.write((int) (value >> shift));
        }
    }

    static void variable(ByteArrayOutputStream out, long value) {
        long left = value;
        while (left > 127) {
            out.write((int) (left & 127) | 128);
            left >>= 7;
        }
        out.write((int) left);
    }
}
