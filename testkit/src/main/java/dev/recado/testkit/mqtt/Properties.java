package dev.recado.testkit.mqtt;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The properties of one packet, in their order. Whatever is put in is written, also what the standard forbids. */
final class Properties {

    /** {@code value} is a {@code Long}, a {@code String}, a {@code byte[]} or a {@link Pair}. */
    private record Entry(Property property, Object value) {}

    /** A User Property. */
    record Pair(String name, String value) {}

    private final List<Entry> entries = new ArrayList<>();
    private byte[] raw;

    /** Writes these bytes where Property Length and properties should be. */
    void raw(byte[] bytes) {
        raw = bytes;
    }

    boolean isRaw() {
        return raw != null;
    }

    void add(Property property, Object value) {
        entries.add(new Entry(property, value));
    }

    boolean isEmpty() {
        return entries.isEmpty() && raw == null;
    }

    boolean has(Property property) {
        return entries.stream().anyMatch(entry -> entry.property == property);
    }

    /** The number that this property has, or {@code absent}. */
    long number(Property property, long absent) {
        return all(property, Long.class).stream().findFirst().orElse(absent);
    }

    /** All numbers that this property has: there may be several Subscription Identifiers. */
    List<Long> numbers(Property property) {
        return all(property, Long.class);
    }

    /** The text of this property; {@code null} when it is absent. */
    String text(Property property) {
        return all(property, String.class).stream().findFirst().orElse(null);
    }

    /** The bytes of this property; {@code null} when it is absent. */
    byte[] bytes(Property property) {
        return all(property, byte[].class).stream().findFirst().orElse(null);
    }

    List<Pair> userProperties() {
        return all(Property.USER_PROPERTY, Pair.class);
    }

    private <T> List<T> all(Property property, Class<T> type) {
        return entries.stream()
                .filter(entry -> entry.property == property)
                .map(entry -> type.cast(entry.value))
                .toList();
    }

    /** How many bytes this property takes, however often it is there. */
    int bytesOf(Property property) {
        Body body = new Body();
        entries.stream().filter(entry -> entry.property == property).forEach(entry -> write(body, entry));
        return body.size();
    }

    void writeTo(Body body) {
        if (raw != null) {
            body.raw(raw);
            return;
        }
        byte[] section = withoutLength();
        body.variable(section.length).raw(section);
    }

    /** What comes behind Property Length. */
    byte[] withoutLength() {
        Body section = new Body();
        entries.forEach(entry -> write(section, entry));
        return section.bytes();
    }

    private static void write(Body to, Entry entry) {
        to.variable(entry.property.id);
        Object value = entry.value;
        switch (entry.property.form) {
            case BYTE -> to.u8((int) number(value));
            case TWO_BYTES -> to.u16((int) number(value));
            case FOUR_BYTES -> to.u32(number(value));
            case VARIABLE -> to.variable((int) number(value));
            case TEXT, BINARY ->
                to.binary(value instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : (byte[]) value);
            case TEXT_PAIR -> to.string(((Pair) value).name).string(((Pair) value).value);
        }
    }

    private static long number(Object value) {
        return (Long) value;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Entry entry : entries) {
            Object value = entry.value instanceof byte[] bytes ? Body.hex(bytes) : entry.value;
            text.append(text.isEmpty() ? "" : ", ")
                    .append(entry.property)
                    .append(' ')
                    .append(value);
        }
        return text.toString();
    }
}
