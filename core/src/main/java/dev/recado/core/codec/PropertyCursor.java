package dev.recado.core.codec;

import dev.recado.ReasonCode;

/**
 * Walks the properties of a packet in place and checks each against the table in {@link Property}: known and allowed here
 * (else MALFORMED_PACKET, section 2.2.2.2), not repeated, in range (else PROTOCOL_ERROR), well-formed. Reused; allocates
 * nothing.
 *
 * <pre>
 * | Property Length | (Identifier | value)* |
 * </pre>
 */
final class PropertyCursor {

    private final Cursor cursor;
    private int place;
    private int bodyEnd;
    private int seen;

    private Property property;
    private int start;
    private long number;
    private int valueStart;
    private int valueEnd;
    private int nameStart;
    private int nameEnd;

    PropertyCursor(Cursor cursor) {
        this.cursor = cursor;
    }

    /**
     * Reads Property Length.
     *
     * @param where {@link Property#WILL} or the value of a packet type
     */
    void begin(int where) throws CodecException {
        place = where;
        seen = 0;
        int length = cursor.variableByteInteger("Property Length");
        if (length > cursor.remaining()) {
            throw CodecException.malformed("Property Length of " + Property.placeName(place) + " is " + length
                    + ", but " + cursor.remaining() + " bytes are left (MQTT 5, section 2.2.2.1)");
        }
        bodyEnd = cursor.end();
        cursor.end(cursor.at() + length);
    }

    /** Goes to the next property; {@code false} behind the last one. */
    boolean next() throws CodecException {
        if (!cursor.hasRemaining()) {
            cursor.end(bodyEnd);
            checkTogether();
            return false;
        }
        start = cursor.at();
        int id = cursor.variableByteInteger("Property Identifier");
        property = Property.of(id);
        if (property == null) {
            throw CodecException.malformed(
                    String.format("property 0x%02X does not exist (MQTT 5, section 2.2.2.2)", id));
        }
        checkPlace();
        readValue();
        return true;
    }

    private void checkPlace() throws CodecException {
        if (!property.isAllowedIn(place)) {
            throw CodecException.malformed(
                    property + " is not allowed in " + Property.placeName(place) + " (MQTT 5, section 2.2.2.2)");
        }
        int bit = 1 << property.ordinal();
        if ((seen & bit) != 0 && !property.isRepeatableIn(place)) {
            throw CodecException.protocolError(
                    property + " stands twice in " + Property.placeName(place) + " (MQTT 5, section 2.2.2.2)");
        }
        seen |= bit;
    }

    private void readValue() throws CodecException {
        String name = property.name();
        switch (property.form()) {
            case BYTE -> number(cursor.u8(name));
            case TWO_BYTES -> number(cursor.u16(name));
            case FOUR_BYTES -> number(cursor.u32(name));
            case VARIABLE_BYTES -> number(cursor.variableByteInteger(name));
            case TEXT -> text(cursor.skipText(name));
            case BINARY -> value(cursor.skipBinary(name));
            case TEXT_PAIR -> {
                nameStart = cursor.skipText(name);
                nameEnd = cursor.at();
                value(cursor.skipText(name));
            }
        }
    }

    private void number(long value) throws CodecException {
        if (value < property.min() || value > property.max()) {
            throw new CodecException(
                    property == Property.TOPIC_ALIAS ? ReasonCode.TOPIC_ALIAS_INVALID : ReasonCode.PROTOCOL_ERROR,
                    property + " is " + value + ", allowed are " + property.min() + " to " + property.max()
                            + (property == Property.TOPIC_ALIAS
                                    ? " (MQTT-3.3.2-8)"
                                    : " (MQTT 5, sections 3.1.2.11, 3.2.2.3 and 3.3.2.3)"));
        }
        number = value;
    }

    private void text(int from) throws CodecException {
        value(from);
        if (property == Property.RESPONSE_TOPIC) {
            TopicRules.checkName("RESPONSE_TOPIC", cursor.buffer(), valueStart, valueEnd);
        }
    }

    private void value(int from) {
        valueStart = from;
        valueEnd = cursor.at();
    }

    private void checkTogether() throws CodecException {
        if (has(Property.AUTHENTICATION_DATA) && !has(Property.AUTHENTICATION_METHOD)) {
            throw CodecException.protocolError(Property.AUTHENTICATION_DATA + " stands without "
                    + Property.AUTHENTICATION_METHOD + " (MQTT 5, section 3.1.2.11.10)");
        }
    }

    /** Whether this property has been met since {@link #begin}. */
    boolean has(Property wanted) {
        return (seen & 1 << wanted.ordinal()) != 0;
    }

    Property property() {
        return property;
    }

    /** The value of a number. */
    long number() {
        return number;
    }

    /** The absolute index of the identifier. */
    int start() {
        return start;
    }

    /** The absolute index behind the value. */
    int end() {
        return cursor.at();
    }

    /** Reads a whole block of properties, at most so many user properties among them. */
    Properties read(int where, int maxUserProperties) throws CodecException {
        begin(where);
        Properties.Builder builder = null;
        int userProperties = 0;
        while (next()) {
            if (property == Property.USER_PROPERTY) {
                requireUserProperties(++userProperties, maxUserProperties);
            }
            builder = builder == null ? Properties.builder() : builder;
            addTo(builder);
        }
        return builder == null ? Properties.NONE : builder.build();
    }

    static void requireUserProperties(int count, int max) throws CodecException {
        if (count > max) {
            throw new CodecException(
                    ReasonCode.QUOTA_EXCEEDED,
                    "the packet has more user properties than the " + max + " allowed (limit maxUserProperties)");
        }
    }

    private void addTo(Properties.Builder builder) {
        switch (property.form()) {
            case BYTE, TWO_BYTES, FOUR_BYTES -> builder.set(property, number);
            case VARIABLE_BYTES -> builder.subscriptionIdentifier((int) number);
            case TEXT -> builder.set(property, cursor.textAt(valueStart, valueEnd));
            case BINARY -> builder.set(property, cursor.bytesAt(valueStart, valueEnd));
            case TEXT_PAIR ->
                builder.userProperty(cursor.textAt(nameStart, nameEnd), cursor.textAt(valueStart, valueEnd));
        }
    }
}
