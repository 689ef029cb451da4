package dev.recado.testkit.mqtt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What MQTT 5 demands of each property in each packet. */
abstract class V5PropertyRules extends RuleTables {

    private static final byte[] NOT_UTF8 = Outgoing.narrow('a', 0xFF);

    /** Where a client may put properties; the Will Properties are in CONNECT. */
    private record Place(PacketType type, boolean isWill) {

        private static final List<Place> ALL = Stream.concat(
                        Stream.of(new Place(PacketType.CONNECT, true)),
                        CLIENTS_IN_V5.stream()
                                .filter(type -> type != PacketType.PINGREQ)
                                .map(type -> new Place(type, false)))
                .toList();

        boolean has(Property property) {
            return isWill ? property.isInWill() : property.isIn(type);
        }

        /** Whether {@link #has} says all: these two are in the packet only when a server sends it. */
        boolean isPlain(Property property) {
            return !(type == PacketType.PUBLISH && property == Property.SUBSCRIPTION_IDENTIFIER)
                    && !(type == PacketType.DISCONNECT && property == Property.SERVER_REFERENCE);
        }

        Case with(String what, Consumer<Properties> change, int... codes) {
            return new Case(what + " in " + this, type, packet -> change.accept(propertiesOf(packet)), codes);
        }

        private Properties propertiesOf(Outgoing<?> packet) {
            return isWill ? ((Connect) packet).will("kit/will", "").willProperties : packet.properties;
        }

        @Override
        public String toString() {
            return isWill ? "WILL" : type.name();
        }
    }

    /** A property, a number that it must not have, and the codes for it. */
    private record BadNumber(Property property, long number, int... codes) {}

    V5PropertyRules(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- Which property in which packet ----

    static List<Case> propertiesOfPackets() {
        // Nobody needs to take methods of authentication, or AUTH without one.
        Set<Property> ofMethods = Set.of(Property.AUTHENTICATION_METHOD, Property.AUTHENTICATION_DATA);
        return cases((place, property) ->
                place.has(property) && place.type() != PacketType.AUTH && !ofMethods.contains(property)
                        ? place.with(property.name(), properties -> properties.add(property, value(property)))
                        : null);
    }

    /** When it fails: one of the tables is wrong about this property; the other tests of the chapter then say little. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("propertiesOfPackets")
    void required_v5_section_2_2_2_2_propertyOfThePacketIsTaken(Case right) {
        expectTaken(right);
    }

    static List<Case> propertiesOfOtherPackets() {
        return cases((place, property) -> place.has(property)
                ? null
                : place.with(property.name(), properties -> properties.add(property, value(property)), 0x81));
    }

    /** When it fails: properties are looked up without regard to the packet that they are in. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("propertiesOfOtherPackets")
    void required_v5_section_2_2_2_2_propertyOfAnotherPacketIsRefused(Case wrong) {
        expectRefused(wrong);
    }

    static List<Case> unknownProperties() {
        List<Case> cases = new ArrayList<>();
        for (Place place : Place.ALL) {
            // Next to one that exists, far from them all, and too large for one byte.
            cases.add(place.with("0x04", raw(2, 0x04, 0), 0x81));
            cases.add(place.with("0x2B", raw(2, 0x2B, 0), 0x81));
            cases.add(place.with("0x126", raw(8, 0xA6, 0x02, 0, 1, 'a', 0, 1, 'b'), 0x81));
        }
        return cases;
    }

    /** When it fails: identifiers that do not exist are skipped, or cut to a byte. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("unknownProperties")
    void required_v5_section_2_2_2_2_unknownPropertyIsRefused(Case wrong) {
        expectRefused(wrong);
    }

    static List<Case> repeatedProperties() {
        return cases((place, property) -> place.has(property) && property != Property.USER_PROPERTY
                ? place.with(
                        property.name(),
                        properties -> {
                            properties.add(property, value(property));
                            properties.add(property, value(property));
                        },
                        0x82)
                : null);
    }

    /** When it fails: the later value silently replaces the earlier one. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("repeatedProperties")
    void required_v5_section_2_2_2_2_repeatedPropertyIsRefused(Case wrong) {
        expectRefused(wrong);
    }

    // ---- Values ----

    static List<Case> numbersOutOfRange() {
        return cases(List.of(
                new BadNumber(Property.RECEIVE_MAXIMUM, 0, 0x82),
                new BadNumber(Property.MAXIMUM_PACKET_SIZE, 0, 0x82),
                new BadNumber(Property.SUBSCRIPTION_IDENTIFIER, 0, 0x82),
                new BadNumber(Property.TOPIC_ALIAS, 0, 0x94, 0x82),
                new BadNumber(Property.REQUEST_PROBLEM_INFORMATION, 2, 0x82),
                new BadNumber(Property.REQUEST_PROBLEM_INFORMATION, 0xFF, 0x82),
                new BadNumber(Property.REQUEST_RESPONSE_INFORMATION, 2, 0x82),
                new BadNumber(Property.REQUEST_RESPONSE_INFORMATION, 0xFF, 0x82)));
    }

    /** When it fails: ranges of values are not checked. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("numbersOutOfRange")
    void required_v5_section_2_2_2_2_numberOutOfRangeIsRefused(Case wrong) {
        expectRefused(wrong);
    }

    static List<Case> payloadFormats() {
        return cases(List.of(
                new BadNumber(Property.PAYLOAD_FORMAT_INDICATOR, 2, 0x82, 0x81),
                new BadNumber(Property.PAYLOAD_FORMAT_INDICATOR, 0xFF, 0x82, 0x81)));
    }

    /** When it fails: the indicator is handed on unseen. Only 0 and 1 are defined, but no sentence forbids the others. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("payloadFormats")
    void recommended_v5_section_3_3_2_3_2_undefinedPayloadFormatIsRefused(Case wrong) {
        expectRefused(wrong);
    }

    static List<Case> badTexts() {
        return cases((place, property) -> switch (place.has(property) ? property.form : Property.Form.BYTE) {
            case TEXT -> place.with(property.name(), properties -> properties.add(property, NOT_UTF8), 0x81);
            case TEXT_PAIR -> {
                byte[] pair = new Body()
                        .variable(property.id)
                        .binary(NOT_UTF8)
                        .string("value")
                        .bytes();
                yield place.with(property.name(), properties -> properties.raw(section(pair.length, pair)), 0x81);
            }
            default -> null;
        });
    }

    /** When it fails: a text that the broker has no use for is not looked at. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("badTexts")
    void required_v5_1_5_4_1_textsOfPropertiesAreUtf8(Case wrong) {
        expectRefused(wrong);
    }

    static List<Case> propertiesCutShort() {
        return cases((place, property) -> {
            byte[] whole = bytes(property);
            byte[] cut = Arrays.copyOf(whole, whole.length - 1);
            return place.has(property)
                    ? place.with(property.name(), properties -> properties.raw(section(cut.length, cut)), 0x81)
                    : null;
        });
    }

    /** When it fails: the last byte of the value is taken from what comes behind the properties. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("propertiesCutShort")
    void required_v5_section_2_2_2_2_propertyCutShortIsRefused(Case wrong) {
        expectRefused(wrong);
    }

    static List<Case> wrongPropertyLengths() {
        byte[] pair = bytes(Property.USER_PROPERTY);
        List<Case> cases = new ArrayList<>();
        for (Place place : Place.ALL) {
            for (int error : new int[] {-1, 1}) {
                byte[] section = section(pair.length + error, pair);
                cases.add(place.with(
                        String.format("Property Length %+d", error), properties -> properties.raw(section), 0x81));
            }
        }
        return cases;
    }

    /** When it fails: Property Length is read and then not used, or not compared with the end of the last property. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("wrongPropertyLengths")
    void required_v5_section_2_2_2_1_wrongPropertyLengthIsRefused(Case wrong) {
        expectRefused(wrong);
    }

    // ---- Making cases ----

    private interface Rule {

        /** The case of this property in this place; {@code null} when there is none. */
        Case of(Place place, Property property);
    }

    private static List<Case> cases(Rule rule) {
        List<Case> cases = new ArrayList<>();
        for (Place place : Place.ALL) {
            for (Property property : Property.values()) {
                Case theCase = place.isPlain(property) ? rule.of(place, property) : null;
                if (theCase != null) {
                    cases.add(theCase);
                }
            }
        }
        return cases;
    }

    private static List<Case> cases(List<BadNumber> numbers) {
        List<Case> cases = new ArrayList<>();
        for (BadNumber bad : numbers) {
            for (Place place : Place.ALL) {
                if (place.has(bad.property()) && place.isPlain(bad.property())) {
                    cases.add(place.with(
                            bad.property() + " " + bad.number(),
                            properties -> properties.add(bad.property(), bad.number()),
                            bad.codes()));
                }
            }
        }
        return cases;
    }

    /** A value that is right everywhere. */
    private static Object value(Property property) {
        return switch (property.form) {
            case BYTE, TWO_BYTES, VARIABLE -> 1L;
            case FOUR_BYTES ->
                switch (property) {
                    // No session is left behind, and DISCONNECT may not have another when CONNECT has none.
                    case SESSION_EXPIRY_INTERVAL -> 0L;
                    // The answers must fit.
                    case MAXIMUM_PACKET_SIZE -> 10_000L;
                    default -> 1L;
                };
            case TEXT -> "text";
            case BINARY -> new byte[] {1};
            case TEXT_PAIR -> new Properties.Pair("name", "value");
        };
    }

    /** Identifier and value. */
    private static byte[] bytes(Property property) {
        Properties properties = new Properties();
        properties.add(property, value(property));
        return properties.withoutLength();
    }

    private static byte[] section(int length, byte[] properties) {
        return new Body().variable(length).raw(properties).bytes();
    }

    private static Consumer<Properties> raw(int... bytes) {
        return properties -> properties.raw(Outgoing.narrow(bytes));
    }
}
