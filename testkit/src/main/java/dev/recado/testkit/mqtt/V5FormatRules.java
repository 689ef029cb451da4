package dev.recado.testkit.mqtt;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What MQTT 5 demands of the header, the length and the codes of each packet. */
abstract class V5FormatRules extends RuleTables {

    V5FormatRules(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- Flags ----

    static List<Case> wrongFlags() {
        return FormatTables.wrongFlags(
                PacketType.CONNECT,
                PacketType.PUBREL,
                PacketType.SUBSCRIBE,
                PacketType.UNSUBSCRIBE,
                PacketType.DISCONNECT,
                PacketType.AUTH);
    }

    /** When it fails: flags are masked away. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("wrongFlags")
    void required_v5_2_1_3_1_reservedFlagsHaveTheirValue(Case wrong) {
        expectRefused(wrong);
    }

    static List<Case> wrongFlagsOfAcknowledgements() {
        return FormatTables.wrongFlags(PacketType.PUBACK, PacketType.PUBREC, PacketType.PUBCOMP);
    }

    /** When it fails: flags are checked only where they are not 0. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("wrongFlagsOfAcknowledgements")
    void required_v5_2_1_3_1_acknowledgementsWithFlagsAreRefused(Case wrong) {
        expectRefused(wrong);
    }

    static List<Case> wrongFlagsOfPings() {
        return FormatTables.wrongFlags(PacketType.PINGREQ);
    }

    /** When it fails: PINGREQ, of which nothing but its type is of use, is not checked. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("wrongFlagsOfPings")
    void required_v5_2_1_3_1_pingWithFlagsIsRefused(Case wrong) {
        expectRefused(wrong);
    }

    // ---- Length ----

    static List<Case> packetsCutShort() {
        return FormatTables.cutShort(Version.V5, CLIENTS_IN_V5);
    }

    /** When it fails: a field is read beyond the end of its packet, or what is not there is taken for empty. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("packetsCutShort")
    void required_v5_section_2_1_4_packetCutShortIsRefused(Case wrong) {
        expectRefused(wrong, FormatTables.NAME);
    }

    static List<Case> packetsTooLong() {
        return FormatTables.tooLong(CLIENTS_IN_V5);
    }

    /** When it fails: the end of the packet is not compared with the end of its last field. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("packetsTooLong")
    void required_v5_section_2_1_4_packetWithBytesBehindItsEndIsRefused(Case wrong) {
        expectRefused(wrong);
    }

    // ---- Fields behind the header ----

    static List<Case> undefinedCodes() {
        List<Case> cases = new ArrayList<>();
        for (PacketType type : List.of(PacketType.PUBACK, PacketType.PUBREC, PacketType.PUBREL, PacketType.PUBCOMP)) {
            // Of other packets, and of none.
            for (int code : new int[] {0x10, 0x92, 0xFF}) {
                if (!type.serverCodes.contains(code)) {
                    cases.add(new Case(
                            String.format("0x%02X in %s", code, type),
                            type,
                            packet -> ((Simple) packet).code(code),
                            0x81,
                            0x82));
                }
            }
        }
        return cases;
    }

    /**
     * When it fails: a Reason Code is only asked whether it is an error. Senders must not use others, but no sentence says what
     * a receiver does.
     */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("undefinedCodes")
    void recommended_v5_section_2_4_undefinedReasonCodeIsRefused(Case wrong) {
        expectRefused(wrong);
    }

    /** When it fails: the broker answers to an identifier that no packet can have. */
    @Test
    void required_v5_2_2_1_3_identifier0IsRefused() {
        for (PacketType type : List.of(PacketType.PUBLISH, PacketType.SUBSCRIBE, PacketType.UNSUBSCRIBE)) {
            connected().send(correct(type, 0, newClientId())).expectClosed(0x81, 0x82);
        }
    }
}
