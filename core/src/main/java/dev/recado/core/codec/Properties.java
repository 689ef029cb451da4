package dev.recado.core.codec;

import dev.recado.UserProperty;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** The properties of a packet or of a will (MQTT 5, section 2.2.2). Immutable, compared by content. */
public final class Properties {

    /** No properties: what every packet of MQTT 3.1.1 has. */
    public static final Properties NONE = new Builder().build();

    /** {@link Long}, {@link String} or read-only {@link ByteBuffer}. */
    private final Map<Property, Object> values;

    private final List<Integer> subscriptionIdentifiers;
    private final List<UserProperty> userProperties;

    private Properties(Builder builder) {
        values = new EnumMap<>(builder.values);
        subscriptionIdentifiers = List.copyOf(builder.subscriptionIdentifiers);
        userProperties = List.copyOf(builder.userProperties);
    }

    /**
     * Starts with none.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The same without one of them.
     *
     * @param property may occur several times
     * @return a copy
     */
    public Properties without(Property property) {
        Builder builder = new Builder();
        builder.values.putAll(values);
        builder.values.remove(property);
        if (property != Property.SUBSCRIPTION_IDENTIFIER) {
            builder.subscriptionIdentifiers.addAll(subscriptionIdentifiers);
        }
        if (property != Property.USER_PROPERTY) {
            builder.userProperties.addAll(userProperties);
        }
        return builder.build();
    }

    /**
     * Whether there are none.
     *
     * @return {@code true} for what equals {@link #NONE}
     */
    public boolean isEmpty() {
        return values.isEmpty() && subscriptionIdentifiers.isEmpty() && userProperties.isEmpty();
    }

    /**
     * Whether the packet carries it.
     *
     * @param property any
     * @return {@code true} when it does, at least once
     */
    public boolean has(Property property) {
        return switch (property) {
            case SUBSCRIPTION_IDENTIFIER -> !subscriptionIdentifiers.isEmpty();
            case USER_PROPERTY -> !userProperties.isEmpty();
            default -> values.containsKey(property);
        };
    }

    /**
     * A number.
     *
     * @param property one whose value is a number, other than SUBSCRIPTION_IDENTIFIER
     * @param absent what to answer when the packet does not carry it
     * @return its value, in the unit of the property
     * @throws IllegalArgumentException when its value is no number
     */
    public long number(Property property, long absent) {
        Object value = values.get(requireSingle(property, property.form().isNumber(), "number"));
        return value == null ? absent : (Long) value;
    }

    /**
     * A text.
     *
     * @param property one whose value is a text
     * @return its value, or {@code null} when the packet does not carry it
     * @throws IllegalArgumentException when its value is no text
     */
    public String text(Property property) {
        return (String) values.get(requireSingle(property, property.form() == Property.Form.TEXT, "text"));
    }

    /**
     * Binary data.
     *
     * @param property one whose value is binary data
     * @return a read-only buffer of its own, or {@code null} when the packet does not carry it
     * @throws IllegalArgumentException when its value is no binary data
     */
    public ByteBuffer bytes(Property property) {
        ByteBuffer value =
                (ByteBuffer) values.get(requireSingle(property, property.form() == Property.Form.BINARY, "bytes"));
        return value == null ? null : value.duplicate();
    }

    private static Property requireSingle(Property property, boolean rightForm, String wanted) {
        if (!rightForm || property == Property.SUBSCRIPTION_IDENTIFIER) {
            throw new IllegalArgumentException(property + " has no single value of the form " + wanted
                    + ": its form is " + property.form() + " (MQTT 5, section 2.2.2.2)");
        }
        return property;
    }

    /**
     * The values of SUBSCRIPTION_IDENTIFIER.
     *
     * @return in their order; unmodifiable
     */
    public List<Integer> subscriptionIdentifiers() {
        return subscriptionIdentifiers;
    }

    /**
     * The values of USER_PROPERTY.
     *
     * @return in their order (MQTT-3.3.2-18); unmodifiable
     */
    public List<UserProperty> userProperties() {
        return userProperties;
    }

    /** Refuses properties that may not stand in this place: {@link Property#WILL} or the value of a packet type. */
    Properties requireAllowedIn(int place) {
        for (Property property : values.keySet()) {
            requireAllowed(property, place);
        }
        if (!userProperties.isEmpty()) {
            requireAllowed(Property.USER_PROPERTY, place);
        }
        if (!subscriptionIdentifiers.isEmpty()) {
            requireAllowed(Property.SUBSCRIPTION_IDENTIFIER, place);
            if (subscriptionIdentifiers.size() > 1 && !Property.SUBSCRIPTION_IDENTIFIER.isRepeatableIn(place)) {
                throw new IllegalArgumentException(Property.SUBSCRIPTION_IDENTIFIER + " stands "
                        + subscriptionIdentifiers.size() + " times in " + Property.placeName(place)
                        + ", allowed is once (MQTT 5, section 3.8.2.1.2)");
            }
        }
        return this;
    }

    private static void requireAllowed(Property property, int place) {
        if (!property.isAllowedIn(place)) {
            throw new IllegalArgumentException(
                    property + " is not allowed in " + Property.placeName(place) + " (MQTT 5, section 2.2.2.2)");
        }
    }

    /** Writes Property Length and the properties. */
    void write(Sink out) {
        Sink.Counter length = new Sink.Counter();
        writeEach(length, property -> true);
        out.variableByteInteger(length.count());
        writeEach(out, property -> true);
    }

    /**
     * The length of the encoded properties that a server forwards unchanged, as {@link PublishView#forwardableLength}: all
     * but topic alias, subscription identifiers, message expiry and will delay.
     *
     * @return bytes
     */
    public int forwardableLength() {
        Sink.Counter length = new Sink.Counter();
        writeEach(length, Property::isForwardable);
        return length.count();
    }

    /**
     * Appends the encoded properties that a server forwards unchanged, without a length in front: so a message made by the
     * program, or a will, becomes the same as one that came in a PUBLISH.
     *
     * @param out takes {@link #forwardableLength} bytes
     */
    public void copyForwardable(ByteBuffer out) {
        writeEach(new Sink.Into(out), Property::isForwardable);
    }

    private void writeEach(Sink out, Predicate<Property> wanted) {
        values.forEach((property, value) -> {
            if (wanted.test(property)) {
                writeValue(property, value, out);
            }
        });
        if (wanted.test(Property.SUBSCRIPTION_IDENTIFIER)) {
            for (int identifier : subscriptionIdentifiers) {
                out.u8(Property.SUBSCRIPTION_IDENTIFIER.id());
                out.variableByteInteger(identifier);
            }
        }
        for (UserProperty userProperty : userProperties) {
            out.u8(Property.USER_PROPERTY.id());
            out.text(userProperty.name());
            out.text(userProperty.value());
        }
    }

    private static void writeValue(Property property, Object value, Sink out) {
        out.u8(property.id());
        switch (property.form()) {
            case BYTE -> out.u8(((Long) value).intValue());
            case TWO_BYTES -> out.u16(((Long) value).intValue());
            case FOUR_BYTES -> out.u32((Long) value);
            case TEXT -> out.text((String) value);
            case BINARY -> out.binary((ByteBuffer) value);
            case VARIABLE_BYTES, TEXT_PAIR -> throw new AssertionError(property); // kept in lists
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Properties that
                && values.equals(that.values)
                && subscriptionIdentifiers.equals(that.subscriptionIdentifiers)
                && userProperties.equals(that.userProperties);
    }

    @Override
    public int hashCode() {
        return Objects.hash(values, subscriptionIdentifiers, userProperties);
    }

    /**
     * For log lines: binary data, which may be secret, shows its length only.
     *
     * @return such as <code>{TOPIC_ALIAS (0x23)=1}</code>
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        values.forEach((property, value) ->
                item(text, property).append(value instanceof ByteBuffer bytes ? bytes.remaining() + " bytes" : value));
        subscriptionIdentifiers.forEach(
                identifier -> item(text, Property.SUBSCRIPTION_IDENTIFIER).append(identifier));
        userProperties.forEach(pair -> item(text, Property.USER_PROPERTY)
                .append(pair.name())
                .append('=')
                .append(pair.value()));
        return text.append('}').toString();
    }

    private static StringBuilder item(StringBuilder text, Property property) {
        return text.append(text.length() > 1 ? ", " : "").append(property).append('=');
    }

    /** Collects properties; not thread-safe. Setting a property again replaces its value. */
    public static final class Builder {

        private final Map<Property, Object> values = new EnumMap<>(Property.class);
        private final List<Integer> subscriptionIdentifiers = new ArrayList<>(0);
        private final List<UserProperty> userProperties = new ArrayList<>(0);

        private Builder() {}

        /**
         * Sets a number.
         *
         * @param property one whose value is a number, other than SUBSCRIPTION_IDENTIFIER
         * @param value in the unit of the property
         * @return this
         * @throws IllegalArgumentException when its value is no number, or this one is out of range
         */
        public Builder set(Property property, long value) {
            requireSingle(property, property.form().isNumber(), "number");
            values.put(property, requireRange(property, value));
            return this;
        }

        /**
         * Sets a text.
         *
         * @param property one whose value is a text
         * @param value at most 65,535 bytes in UTF-8; for RESPONSE_TOPIC a topic name
         * @return this
         * @throws IllegalArgumentException when its value is no text, or this one cannot be
         */
        public Builder set(Property property, String value) {
            requireSingle(property, property.form() == Property.Form.TEXT, "text");
            String violation = property == Property.RESPONSE_TOPIC ? TopicRules.nameViolation(value) : null;
            if (violation != null) {
                throw new IllegalArgumentException(property + ": " + violation + " (MQTT-3.3.2-14)");
            }
            values.put(property, Utf8.require(value, property.toString()));
            return this;
        }

        /**
         * Sets binary data.
         *
         * @param property one whose value is binary data
         * @param value position to limit, at most 65,535 bytes; copied
         * @return this
         * @throws IllegalArgumentException when its value is no binary data, or this is too long
         */
        public Builder set(Property property, ByteBuffer value) {
            requireSingle(property, property.form() == Property.Form.BINARY, "bytes");
            if (value.remaining() > Wire.MAX_LENGTH) {
                throw new IllegalArgumentException(property + " has " + value.remaining() + " bytes, allowed are "
                        + Wire.MAX_LENGTH + " (MQTT 5, section 1.5.6)");
            }
            ByteBuffer copy = ByteBuffer.allocate(value.remaining());
            copy.put(0, value, value.position(), value.remaining());
            values.put(property, copy.asReadOnlyBuffer());
            return this;
        }

        /**
         * Adds a SUBSCRIPTION_IDENTIFIER. Only PUBLISH may carry several.
         *
         * @param identifier 1 to 268,435,455
         * @return this
         * @throws IllegalArgumentException when out of range
         */
        public Builder subscriptionIdentifier(int identifier) {
            requireRange(Property.SUBSCRIPTION_IDENTIFIER, identifier);
            subscriptionIdentifiers.add(identifier);
            return this;
        }

        /**
         * Adds a USER_PROPERTY.
         *
         * @param name at most 65,535 bytes in UTF-8
         * @param value likewise
         * @return this
         * @throws IllegalArgumentException when the wire cannot carry one of them
         */
        public Builder userProperty(String name, String value) {
            Utf8.require(name, "name of USER_PROPERTY (0x26)");
            Utf8.require(value, "value of USER_PROPERTY (0x26)");
            userProperties.add(new UserProperty(name, value));
            return this;
        }

        private static long requireRange(Property property, long value) {
            if (value < property.min() || value > property.max()) {
                throw new IllegalArgumentException(property + " is " + value + ", allowed are " + property.min()
                        + " to " + property.max() + " (MQTT 5, section 2.2.2.2)");
            }
            return value;
        }

        /**
         * What was collected.
         *
         * @return immutable
         * @throws IllegalArgumentException for AUTHENTICATION_DATA without AUTHENTICATION_METHOD
         */
        public Properties build() {
            if (values.containsKey(Property.AUTHENTICATION_DATA)
                    && !values.containsKey(Property.AUTHENTICATION_METHOD)) {
                throw new IllegalArgumentException(Property.AUTHENTICATION_DATA + " stands without "
                        + Property.AUTHENTICATION_METHOD + " (MQTT 5, section 3.1.2.11.10)");
            }
            return new Properties(this);
        }
    }
}
