package dev.recado.testkit.mqtt;

import java.util.Arrays;

/**
 * A packet to be sent, right or wrong: what is not set has a correct value, and anything can be set. Each setter returns
 * this.
 */
abstract class Outgoing<T extends Outgoing<T>> {

    final PacketType type;
    final Properties properties = new Properties();

    private Integer firstByte;
    private byte[] tail = {};
    private int longestBody = Integer.MAX_VALUE;

    Outgoing(PacketType type) {
        this.type = type;
    }

    /** Adds a property with a number; MQTT 3.1.1 has none. */
    T with(Property property, long value) {
        properties.add(property, value);
        return self();
    }

    /** Adds a property with a text, in UTF-8. */
    T with(Property property, String value) {
        properties.add(property, value);
        return self();
    }

    /** Adds a property with bytes, also one that should be a text. */
    T with(Property property, byte... value) {
        properties.add(property, value);
        return self();
    }

    /** Adds a User Property. */
    T user(String name, String value) {
        properties.add(Property.USER_PROPERTY, new Properties.Pair(name, value));
        return self();
    }

    /** Puts these bytes where Property Length and properties should be. */
    T rawProperties(int... bytes) {
        return rawProperties(narrow(bytes));
    }

    T rawProperties(byte[] bytes) {
        properties.raw(bytes);
        return self();
    }

    /** Replaces type and flags. */
    T firstByte(int value) {
        firstByte = value;
        return self();
    }

    /** Adds bytes at the end; Remaining Length counts them. */
    T then(int... bytes) {
        tail = narrow(bytes);
        return self();
    }

    /** Leaves out what comes behind so many bytes of the body; Remaining Length counts the rest. */
    T cutTo(int length) {
        longestBody = length;
        return self();
    }

    /** What comes behind the fixed header. */
    final byte[] body(Version version) {
        Body body = new Body();
        writeTo(body, version);
        byte[] whole = body.raw(tail).bytes();
        return whole.length <= longestBody ? whole : Arrays.copyOf(whole, longestBody);
    }

    final byte[] bytes(Version version) {
        return new Body().raw(body(version)).packet(firstByte == null ? firstByte() : firstByte);
    }

    int firstByte() {
        return type.firstByte();
    }

    abstract void writeTo(Body body, Version version);

    final void writeProperties(Body body, Version version) {
        if (version.hasProperties() || properties.isRaw()) {
            properties.writeTo(body);
        }
    }

    final boolean hasProperties() {
        return !properties.isEmpty();
    }

    @SuppressWarnings("unchecked")
    private T self() {
        return (T) this;
    }

    static byte[] narrow(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
