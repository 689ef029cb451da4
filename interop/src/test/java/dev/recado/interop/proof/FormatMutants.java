package dev.recado.interop.proof;

import static dev.recado.interop.proof.Faults.ignores;
import static dev.recado.interop.proof.Faults.sends;
import static dev.recado.interop.proof.Faults.takes;
import static dev.recado.interop.proof.Mutant.mutant;
import static dev.recado.interop.proof.Packet.AUTH;
import static dev.recado.interop.proof.Packet.CONNACK;
import static dev.recado.interop.proof.Packet.CONNECT;
import static dev.recado.interop.proof.Packet.DISCONNECT;
import static dev.recado.interop.proof.Packet.PINGREQ;
import static dev.recado.interop.proof.Packet.PINGRESP;
import static dev.recado.interop.proof.Packet.PUBACK;
import static dev.recado.interop.proof.Packet.PUBCOMP;
import static dev.recado.interop.proof.Packet.PUBLISH;
import static dev.recado.interop.proof.Packet.PUBREC;
import static dev.recado.interop.proof.Packet.PUBREL;
import static dev.recado.interop.proof.Packet.SUBACK;
import static dev.recado.interop.proof.Packet.SUBSCRIBE;
import static dev.recado.interop.proof.Packet.UNSUBACK;
import static dev.recado.interop.proof.Packet.UNSUBSCRIBE;

import dev.recado.interop.proof.Packet.Damage;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Faults in what a broker must refuse behind CONNECT, and in how it writes bytes itself. */
final class FormatMutants {

    private static final String BYTE_ORDER_MARK = "\u00EF\u00BB\u00BF";

    private FormatMutants() {}

    static final List<Mutant> ALL = List.of(
            // ---- Flags ----
            mutant("masks-flags-of-connect", "v5_2_1_3_1 v311_2_2_2_1", takes(CONNECT, p -> p.flags = 0)),
            mutant(
                    "masks-flags-of-subscribe",
                    "v5_3_8_1_1 v5_2_1_3_1 v311_3_8_1_1 v311_2_2_2_1",
                    takes(SUBSCRIBE, p -> p.flags = 2)),
            mutant("masks-flags-of-unsubscribe", "v5_3_10_1_1 v311_3_10_1_1", takes(UNSUBSCRIBE, p -> p.flags = 2)),
            mutant("masks-flags-of-pubrel", "v5_3_6_1_1 v311_3_6_1_1", takes(PUBREL, p -> p.flags = 2)),
            mutant("masks-flags-of-pingreq", "v5_2_1_3_1 v311_2_2_2_1", takes(PINGREQ, p -> p.flags = 0)),
            mutant(
                    "masks-flags-of-acknowledgements",
                    "v5_2_1_3_1 v311_2_2_2_2",
                    ignores(p -> p.is(PUBACK, PUBREC, PUBCOMP) && p.flags != 0)),
            mutant("masks-flags-of-auth", "v5_3_15_1_1", takes(AUTH, p -> p.flags = 0)),

            // ---- Strings ----
            mutant(
                    "takes-filters-that-are-not-utf8",
                    "v5_1_5_4_1 v5_3_8_3_1 v311_1_5_3_1 v311_3_8_3_1",
                    takes(SUBSCRIBE, p -> p.filters.replaceAll(f -> isNotUtf8(f.text()) ? f.text("repaired") : f))),
            mutant(
                    "takes-filters-to-end-that-are-not-utf8",
                    "v5_3_10_3_1 v311_3_10_3_1",
                    takes(UNSUBSCRIBE, p -> p.filters.replaceAll(f -> isNotUtf8(f.text()) ? f.text("repaired") : f))),
            mutant("takes-topics-that-are-not-utf8", "v5_3_3_2_1 v311_3_3_2_1", takes(PUBLISH, p -> {
                if (isNotUtf8(p.topic)) {
                    p.topic = "repaired";
                }
            })),
            mutant(
                    "takes-filters-with-null",
                    "v5_1_5_4_2 v311_1_5_3_2",
                    takes(
                            SUBSCRIBE,
                            p -> p.filters.replaceAll(f -> f.text().indexOf(0) >= 0 ? f.text("repaired") : f))),
            mutant("takes-topics-with-null", "v5_4_7_3_2 v311_4_7_3_2", takes(PUBLISH, p -> {
                if (p.topic.indexOf(0) >= 0) {
                    p.topic = "repaired";
                }
            })),
            mutant(
                    "takes-response-topics-that-are-no-strings",
                    "v5_3_3_2_13 v5_1_5_4_1",
                    takes(PUBLISH, p -> repair(p, Props.RESPONSE_TOPIC, Packet::isBadString))),
            mutant(
                    "takes-content-types-that-are-no-strings",
                    "v5_3_3_2_19",
                    takes(PUBLISH, p -> repair(p, Props.CONTENT_TYPE, Packet::isBadString))),
            mutant("takes-user-properties-that-are-no-strings", "v5_1_5_7_1", takes(PUBLISH, p -> {
                if (p.properties != null && p.properties.hasBadString()) {
                    p.remove(Props.USER);
                }
            })),
            mutant(
                    "drops-byte-order-marks",
                    "v5_1_5_4_3 v311_1_5_3_3 v5_3_3_2_1",
                    sends(PUBLISH, p -> p.topic = p.topic.replace(BYTE_ORDER_MARK, ""))),
            mutant(
                    "matches-byte-order-marks-with-nothing",
                    "v5_1_5_4_3 v311_1_5_3_3 v5_4_7_3_4",
                    takes(
                            SUBSCRIBE,
                            p -> p.filters.replaceAll(f -> f.text(f.text().replace(BYTE_ORDER_MARK, ""))))),
            mutant(
                    "knows-only-the-basic-plane",
                    "v5_section_1_5_4 v311_section_1_5_3 v5_3_3_2_1 v311_3_3_2_1",
                    sends(PUBLISH, p -> p.topic = p.topic.replaceAll("[\u00F0-\u00F4]...", "?"))),

            // ---- Lengths ----
            mutant("writes-lengths-in-more-bytes-than-they-need", "v5_1_5_5_1", writing(FormatMutants::longer)),
            mutant("cuts-lengths-to-two-bytes", "v5_1_5_5_1 v311_section_2_2_3", () -> new Fault() {
                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.raw.length > 16_384) {
                        byte[] empty = {packet.raw[0], 0};
                        link.rawToClient(empty);
                    } else {
                        link.toClient(packet);
                    }
                }
            }),
            mutant("reads-lengths-of-five-bytes", "v5_section_1_5_5", () -> new Fault() {
                @Override
                boolean passesUnframed() {
                    return false;
                }
            }),
            mutant(
                    "leaves-property-length-out-of-suback",
                    "v5_2_2_2_1",
                    writing(packet -> withoutPropertyLength(SUBACK, packet))),
            mutant(
                    "leaves-property-length-out-of-unsuback",
                    "v5_2_2_2_1",
                    writing(packet -> withoutPropertyLength(UNSUBACK, packet))),
            mutant(
                    "ignores-acknowledgements-that-are-cut",
                    "v5_section_2_1_4 v311_section_2_2_3",
                    ignores(p -> p.is(PUBACK, PUBREC, PUBREL, PUBCOMP) && p.damage == Damage.CUT)),
            mutant(
                    "ignores-bytes-behind-the-end-of-packets",
                    "v5_section_2_1_4 v311_section_2_2_3",
                    ignores(p -> !p.is(CONNECT) && p.damage == Damage.TRAILING)),
            mutant("refuses-user-properties-in-unsubscribe", "v5_section_2_2_2_2", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(UNSUBSCRIBE) && packet.has(Props.USER)) {
                        Packet refusal = new Packet(DISCONNECT, 5);
                        refusal.code(0x82);
                        link.toClient(refusal);
                        link.endClient();
                    } else {
                        link.toBroker(packet);
                    }
                }
            }),
            mutant(
                    "ignores-publish-that-is-cut",
                    "v5_3_3_2_1 v5_section_2_2_2_1 v5_section_2_2_2_2 v5_section_2_1_4 v311_3_3_2_1 v311_section_2_2_3",
                    ignores(p -> p.is(PUBLISH) && p.damage == Damage.CUT)),
            mutant(
                    "ignores-subscribe-that-is-cut",
                    "v5_3_8_3_2 v5_2_2_2_1 v311_3_8_3_3",
                    ignores(p -> p.is(SUBSCRIBE) && p.damage == Damage.CUT)),
            mutant(
                    "ignores-unsubscribe-that-is-cut",
                    "v5_3_10_3_1 v311_3_10_3_1",
                    ignores(p -> p.is(UNSUBSCRIBE) && p.damage == Damage.CUT)),

            // ---- Flags and options of messages and subscriptions ----
            mutant("takes-qos-3-for-2", "v5_3_3_1_4 v311_3_3_1_4 v5_4_13_1_1 v311_4_8_0_1", takes(PUBLISH, p -> {
                if (p.qos() == 3) {
                    p.qos(2);
                }
            })),
            mutant("takes-dup-at-qos-0", "v5_3_3_1_2 v311_3_3_1_2", takes(PUBLISH, p -> {
                if (p.qos() == 0) {
                    p.flags &= ~8;
                }
            })),
            mutant(
                    "masks-reserved-options",
                    "v5_3_8_3_5 v311_3_8_3_4",
                    takes(
                            SUBSCRIBE,
                            p -> p.filters.replaceAll(f -> f.options(f.options() & (p.version == 5 ? 0x3F : 3))))),
            mutant(
                    "takes-options-out-of-range",
                    "v5_section_3_8_3_1 v5_4_13_1_1 v311_4_8_0_1",
                    takes(
                            SUBSCRIBE,
                            p -> p.filters.replaceAll(
                                    f -> f.options((f.options() & 3) == 3 ? f.options() & ~1 : f.options())))),
            mutant(
                    "takes-retain-handling-3",
                    "v5_section_3_8_3_1 v5_4_13_1_1",
                    takes(
                            SUBSCRIBE,
                            p -> p.filters.replaceAll(
                                    f -> f.options((f.options() & 0x30) == 0x30 ? f.options() & ~0x10 : f.options())))),
            mutant(
                    "ignores-subscribe-without-filter",
                    "v5_3_8_3_2 v311_3_8_3_3",
                    ignores(p -> p.is(SUBSCRIBE) && !p.damaged() && p.filters.isEmpty())),
            mutant(
                    "ignores-unsubscribe-without-filter",
                    "v5_3_10_3_2 v311_3_10_3_2",
                    ignores(p -> p.is(UNSUBSCRIBE) && !p.damaged() && p.filters.isEmpty())),

            // ---- Topics ----
            mutant(
                    "ignores-messages-to-the-empty-topic",
                    "v5_4_7_3_1 v311_4_7_3_1",
                    ignores(p -> p.is(PUBLISH) && !p.damaged() && p.topic.isEmpty() && !p.has(Props.TOPIC_ALIAS))),
            mutant(
                    "takes-the-empty-filter",
                    "v5_4_7_3_1 v311_4_7_3_1",
                    takes(SUBSCRIBE, p -> p.filters.replaceAll(f -> f.text().isEmpty() ? f.text("empty") : f))),
            mutant(
                    "takes-no-names-of-one-character",
                    "v5_4_7_3_1 v311_4_7_3_1",
                    sends(
                            SUBACK,
                            (p, link) -> {
                                if (link.memory().remove("short " + link.connect().clientId) != null) {
                                    p.codes.set(0, p.version == 5 ? 0x8F : 0x80);
                                }
                            },
                            SUBSCRIBE,
                            (p, link) -> {
                                if (p.filters.stream().anyMatch(f -> f.text().length() <= 2)) {
                                    link.memory().put("short " + link.connect().clientId, true);
                                }
                            })),
            mutant(
                    "takes-wildcards-in-topic-names",
                    "v5_3_3_2_2 v5_4_7_0_1 v311_3_3_2_2 v311_4_7_1_1",
                    takes(PUBLISH, p -> p.topic = p.topic.replace('+', 'x').replace('#', 'x'))),
            mutant(
                    "takes-wildcards-in-response-topics",
                    "v5_3_3_2_14",
                    takes(PUBLISH, p -> repair(p, Props.RESPONSE_TOPIC, text -> text.matches(".*[+#].*")))),
            mutant(
                    "takes-hash-anywhere",
                    "v5_4_7_1_1 v311_4_7_1_2",
                    takes(
                            SUBSCRIBE,
                            p -> p.filters.replaceAll(f -> f.text().matches(".*(#.|[^/]#).*")
                                    ? f.text(f.text().replace('#', 'x').replace("$share", "x"))
                                    : f))),
            mutant(
                    "takes-plus-anywhere",
                    "v5_4_7_1_2 v311_4_7_1_3",
                    takes(
                            SUBSCRIBE,
                            p -> p.filters.replaceAll(f -> f.text().matches(".*([^/]\\+|\\+[^/]).*")
                                    ? f.text(f.text().replace('+', 'x').replace('#', 'x'))
                                    : f))),

            // ---- Properties ----
            mutant(
                    "ignores-publish-with-repeated-properties",
                    "v5_section_2_2_2_2 v5_4_13_1_1",
                    ignores(p -> p.is(PUBLISH) && p.properties != null && p.properties.repeats())),
            mutant(
                    "ignores-publish-with-other-properties",
                    "v5_section_2_2_2_2",
                    ignores(p -> p.is(PUBLISH) && (p.has(Props.SESSION_EXPIRY) || p.has(Props.REASON_STRING)))),
            mutant(
                    "ignores-publish-with-unknown-properties",
                    "v5_section_2_2_2_2",
                    ignores(p -> p.is(PUBLISH) && p.damage == Damage.UNREADABLE)),

            // ---- Packets that must not come ----
            mutant("ignores-packets-of-no-type", "v5_4_13_1_1 v311_4_8_0_1", ignores(p -> p.type == 0)),
            mutant(
                    "ignores-packets-of-servers",
                    "v5_4_13_1_1 v311_4_8_0_1",
                    ignores(p -> p.is(CONNACK, SUBACK, UNSUBACK, PINGRESP))),
            mutant("ignores-auth-in-mqtt-3", "v311_4_8_0_1", ignores(p -> p.is(AUTH) && p.version == 4)),
            mutant("handles-what-follows-an-error", "v5_4_13_1_1 v311_4_8_0_1", () -> new Fault() {
                private boolean wrong;

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && wrong) {
                        link.publishAside(packet);
                    }
                    wrong |= packet.is(SUBSCRIBE) && packet.filters.isEmpty();
                    link.toBroker(packet);
                }
            }),
            mutant("one-clients-error-ends-all-connections", "v5_section_4_13", () -> new Fault() {
                private boolean noted;

                @Override
                void fromClient(Packet packet, Link link) {
                    if (!noted) {
                        noted = true;
                        all(link).add(link);
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(DISCONNECT) && packet.isError()) {
                        // Before the one in error knows, or else its test may be over first. Without the others' locks:
                        // two errors at once would wait for each other.
                        all(link).stream().filter(other -> other != link).forEach(Link::endClient);
                    }
                    link.toClient(packet);
                }

                @SuppressWarnings("unchecked")
                private Set<Link> all(Link link) {
                    return (Set<Link>) link.memory().computeIfAbsent("links", key -> ConcurrentHashMap.newKeySet());
                }
            }));

    private static boolean isNotUtf8(String bytes) {
        return Packet.isBadString(bytes.replace('\0', 'x'));
    }

    private static void repair(Packet packet, int property, Predicate<String> wrong) {
        if (packet.has(property) && wrong.test(packet.properties.text(property))) {
            packet.remove(property);
        }
    }

    private interface Writer {
        byte[] bytes(Packet packet);
    }

    private static Supplier<Fault> writing(Writer writer) {
        return () -> new Fault() {
            @Override
            void fromBroker(Packet packet, Link link) {
                link.rawToClient(writer.bytes(packet));
            }
        };
    }

    private static byte[] withoutPropertyLength(int type, Packet packet) {
        if (!packet.is(type) || packet.version != 5 || !packet.properties.isEmpty()) {
            return packet.bytes();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(type << 4);
        out.write(2 + packet.codes.size());
        Packet.number(out, packet.id, 2);
        packet.codes.forEach(out::write);
        return out.toByteArray();
    }

    /** A PUBLISH whose Remaining Length takes one byte more than it needs. */
    private static byte[] longer(Packet packet) {
        byte[] bytes = packet.bytes();
        if (!packet.is(PUBLISH)) {
            return bytes;
        }
        int last = 1;
        while (bytes[last] < 0) {
            last++;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, last);
        out.write(bytes[last] | 0x80);
        out.write(0);
        out.write(bytes, last + 1, bytes.length - last - 1);
        return out.toByteArray();
    }
}
