package dev.recado.interop.proof;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** The properties of one packet, in their order. Numbers are read by their form, all else is kept as bytes. */
final class Props {

    static final int PAYLOAD_FORMAT = 0x01;
    static final int MESSAGE_EXPIRY = 0x02;
    static final int CONTENT_TYPE = 0x03;
    static final int RESPONSE_TOPIC = 0x08;
    static final int CORRELATION_DATA = 0x09;
    static final int SUBSCRIPTION_ID = 0x0B;
    static final int SESSION_EXPIRY = 0x11;
    static final int ASSIGNED_CLIENT_ID = 0x12;
    static final int SERVER_KEEP_ALIVE = 0x13;
    static final int AUTH_METHOD = 0x15;
    static final int AUTH_DATA = 0x16;
    static final int PROBLEM_INFORMATION = 0x17;
    static final int WILL_DELAY = 0x18;
    static final int RESPONSE_INFORMATION_REQUEST = 0x19;
    static final int RESPONSE_INFORMATION = 0x1A;
    static final int REASON_STRING = 0x1F;
    static final int RECEIVE_MAXIMUM = 0x21;
    static final int TOPIC_ALIAS_MAXIMUM = 0x22;
    static final int TOPIC_ALIAS = 0x23;
    static final int MAXIMUM_QOS = 0x24;
    static final int USER = 0x26;
    static final int MAXIMUM_PACKET_SIZE = 0x27;

    /** {@code text} is what a property with strings or binary data holds, one byte a character; {@code name} is USER's. */
    record Prop(int id, long number, String name, String text) {}

    final List<Prop> list = new ArrayList<>();

    boolean isEmpty() {
        return list.isEmpty();
    }

    boolean has(int id) {
        return list.stream().anyMatch(prop -> prop.id == id);
    }

    long number(int id, long absent) {
        return list.stream()
                .filter(prop -> prop.id == id)
                .map(Prop::number)
                .findFirst()
                .orElse(absent);
    }

    /** {@code null} when it is absent. */
    String text(int id) {
        return list.stream()
                .filter(prop -> prop.id == id)
                .map(Prop::text)
                .findFirst()
                .orElse(null);
    }

    void remove(int id) {
        removeIf(prop -> prop.id == id);
    }

    void removeIf(Predicate<Prop> which) {
        list.removeIf(which);
    }

    /** Puts this in place of all that it had, at the end. */
    void set(int id, long value) {
        remove(id);
        list.add(new Prop(id, value, null, null));
    }

    void set(int id, String value) {
        remove(id);
        list.add(new Prop(id, 0, null, value));
    }

    void addUser(String name, String value) {
        list.add(new Prop(USER, 0, name, value));
    }

    void add(int id, long value) {
        list.add(new Prop(id, value, null, null));
    }

    void reverse() {
        Collections.reverse(list);
    }

    /** Some property that may come once is there twice. */
    boolean repeats() {
        Set<Integer> seen = new HashSet<>();
        return list.stream().anyMatch(prop -> prop.id != USER && !seen.add(prop.id));
    }

    boolean hasBadString() {
        return list.stream()
                .anyMatch(prop -> prop.id != CORRELATION_DATA
                        && prop.id != AUTH_DATA
                        && (prop.text != null && Packet.isBadString(prop.text)
                                || prop.name != null && Packet.isBadString(prop.name)));
    }

    // ---- Bytes ----

    /** Throws {@link BufferUnderflowException} or {@link IllegalArgumentException} when they cannot be read. */
    static Props read(ByteBuffer in) {
        int length = (int) variable(in);
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer section = in.slice(in.position(), length);
        in.position(in.position() + length);
        Props props = new Props();
        while (section.hasRemaining()) {
            props.list.add(readOne((int) variable(section), section));
        }
        return props;
    }

    private static Prop readOne(int id, ByteBuffer in) {
        return switch (form(id)) {
            case 1 -> new Prop(id, in.get() & 0xFF, null, null);
            case 2 -> new Prop(id, in.getShort() & 0xFFFF, null, null);
            case 4 -> new Prop(id, in.getInt() & 0xFFFF_FFFFL, null, null);
            case 'v' -> new Prop(id, variable(in), null, null);
            case 'p' -> {
                String name = Packet.string(in);
                yield new Prop(id, 0, name, Packet.string(in));
            }
            default -> new Prop(id, 0, null, Packet.string(in));
        };
    }

    void write(ByteArrayOutputStream out) {
        ByteArrayOutputStream section = new ByteArrayOutputStream();
        for (Prop prop : list) {
            Packet.variable(section, prop.id);
            int form = form(prop.id);
            switch (form) {
                case 1, 2, 4 -> Packet.number(section, prop.number, form);
                case 'v' -> Packet.variable(section, prop.number);
                case 'p' -> {
                    Packet.string(section, prop.name);
                    Packet.string(section, prop.text);
                }
                default -> Packet.string(section, prop.text);
            }
        }
        Packet.variable(out, section.size());
        out.writeBytes(section.toByteArray());
    }

    /** Bytes of a number, or v(ariable), s(tring or binary), p(air). */
    private static int form(int id) {
        return switch (id) {
            case 0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A -> 1;
            case 0x13, 0x21, 0x22, 0x23 -> 2;
            case 0x02, 0x11, 0x18, 0x27 -> 4;
            case 0x0B -> 'v';
            case 0x26 -> 'p';
            case 0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F -> 's';
            default -> throw new IllegalArgumentException("no property has identifier " + id);
        };
    }

    private static long variable(ByteBuffer in) {
        long value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = in.get() & 0xFF;
            value |= (long) (digit & 127) << 7 * i;
            if (digit < 128) {
                if (digit == 0 && i > 0) {
                    throw new IllegalArgumentException("a number in more bytes than it needs");
                }
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than four bytes");
    }
}
