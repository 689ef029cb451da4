package dev.recado.testkit.mqtt;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The tables of {@link V5FormatRules} and {@link V311FormatRules}: flags that are wrong, and lengths. */
final class FormatTables {

    /** What is wrong ends before a name would end. */
    static final String NAME = "kit";

    /** Of CONNECT, up to the version: a broker cannot know how to refuse less. */
    private static final int PROTOCOL = 7;

    private FormatTables() {}

    /** Each bit of the flags, inverted. */
    static List<Case> wrongFlags(PacketType... types) {
        List<Case> cases = new ArrayList<>();
        for (PacketType type : types) {
            for (int bit = 1; bit <= 8; bit <<= 1) {
                int firstByte = type.firstByte() ^ bit;
                int[] codes = type == PacketType.CONNECT ? new int[0] : new int[] {0x81};
                cases.add(new Case(
                        String.format("flags 0x%X of %s", firstByte & 0x0F, type),
                        type,
                        packet -> packet.firstByte(firstByte),
                        codes));
            }
        }
        return cases;
    }

    /** A packet with as many fields as it can have, cut behind each byte of its body where it must not end. */
    static List<Case> cutShort(Version version, List<PacketType> types) {
        List<Case> cases = new ArrayList<>();
        for (PacketType type : types) {
            int whole = fullBody(version, type).length;
            for (int cut = 0; cut < whole; cut++) {
                int length = cut;
                if (!mayEndAt(version, type, length)) {
                    cases.add(new Case(
                            type + " cut to " + length + " of " + whole + " bytes",
                            type,
                            packet -> fill(packet).cutTo(length),
                            codes(version, type, length)));
                }
            }
        }
        return cases;
    }

    /** A packet with as many fields as it can have, and a byte behind it. All that is there of PUBLISH is payload. */
    static List<Case> tooLong(List<PacketType> types) {
        return types.stream()
                .filter(type -> type != PacketType.PUBLISH)
                .map(type -> new Case(
                        type + " and a byte", type, packet -> fill(packet).then(0), 0x81))
                .toList();
    }

    private static Outgoing<?> fill(Outgoing<?> packet) {
        if (packet.type == PacketType.PINGREQ) {
            return packet;
        }
        packet.user("n", "v");
        return packet instanceof Connect connect
                ? connect.will("kit/will", "will")
                        .willUser("n", "v")
                        .userName("user")
                        .password("word")
                : packet;
    }

    private static byte[] fullBody(Version version, PacketType type) {
        return fill(RuleTables.correct(type, 1, NAME)).body(version);
    }

    /** The short forms of MQTT 5: without Reason Code, or without properties. */
    private static boolean mayEndAt(Version version, PacketType type, int length) {
        return version.hasProperties()
                && switch (type) {
                    case PUBACK, PUBREC, PUBREL, PUBCOMP -> Set.of(2, 3).contains(length);
                    case DISCONNECT, AUTH -> Set.of(0, 1).contains(length);
                    default -> false;
                };
    }

    private static int[] codes(Version version, PacketType type, int length) {
        if (type == PacketType.CONNECT && length < PROTOCOL) {
            return new int[0];
        }
        boolean noFilter = (type == PacketType.SUBSCRIBE || type == PacketType.UNSUBSCRIBE)
                && length == fill(new Filters(type, 1)).body(version).length;
        // Well-formed without any filter, but a protocol error (sections 3.8.3 and 3.10.3).
        return new int[] {noFilter ? 0x82 : 0x81};
    }
}
