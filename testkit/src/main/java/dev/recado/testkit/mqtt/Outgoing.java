package dev.recado.testkit.mqtt;

/**
 * A packet to be sent, right or wrong: what is not set has a correct value, and anything can be set. Each setter returns
 * this.
 */
abstract class Outgoing<T extends Outgoing<T>> {

    final PacketType type;
    final Properties properties = new Properties();

    private Integer firstByte;
    private byte[] rawProperties;
    private byte[] tail = {};

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
        rawProperties = bytes;
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

    final byte[] bytes(Version version) {
        Body body = new Body();
        writeTo(body, version);
        return body.raw(tail).packet(firstByte == null ? firstByte() : firstByte);
    }

    int firstByte() {
        return type.firstByte();
    }

    abstract void writeTo(Body body, Version version);

    final void writeProperties(Body body, Version version) {
        if (rawProperties != null) {
            body.raw(rawProperties);
        } else if (version.hasProperties()) {
            properties.writeTo(body);
        }
    }

    final boolean hasProperties() {
        return rawProperties != null || !properties.isEmpty();
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
