package dev.recado.interop.proof;

import static dev.recado.interop.proof.Faults.ignores;
import static dev.recado.interop.proof.Faults.repeats;
import static dev.recado.interop.proof.Faults.sends;
import static dev.recado.interop.proof.Faults.takes;
import static dev.recado.interop.proof.Faults.withholds;
import static dev.recado.interop.proof.Mutant.mutant;
import static dev.recado.interop.proof.Packet.CONNACK;
import static dev.recado.interop.proof.Packet.CONNECT;
import static dev.recado.interop.proof.Packet.DISCONNECT;
import static dev.recado.interop.proof.Packet.PINGRESP;
import static dev.recado.interop.proof.Packet.PUBACK;
import static dev.recado.interop.proof.Packet.PUBCOMP;
import static dev.recado.interop.proof.Packet.PUBLISH;
import static dev.recado.interop.proof.Packet.PUBREC;
import static dev.recado.interop.proof.Packet.PUBREL;
import static dev.recado.interop.proof.Packet.SUBACK;
import static dev.recado.interop.proof.Packet.SUBSCRIBE;
import static dev.recado.interop.proof.Packet.UNSUBACK;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Faults in acknowledgements: their identifiers, codes and properties, and the exchanges that they are part of. */
final class AcknowledgementMutants {

    private static final Set<Integer> DEFINED = Set.of(0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x92, 0x97, 0x99);

    private AcknowledgementMutants() {}

    /** Where an acknowledgement may say why, and which statements keep that within bounds. */
    private enum Explained {
        CONNACK_(CONNACK, "v5_3_2_2_19", "v5_3_2_2_20"),
        PUBACK_(PUBACK, "v5_3_4_2_2", "v5_3_4_2_3"),
        PUBREC_(PUBREC, "v5_3_5_2_2", "v5_3_5_2_3"),
        PUBREL_(PUBREL, "v5_3_6_2_2", "v5_3_6_2_3"),
        PUBCOMP_(PUBCOMP, "v5_3_7_2_2", "v5_3_7_2_3"),
        SUBACK_(SUBACK, "v5_3_9_2_1", "v5_3_9_2_2"),
        UNSUBACK_(UNSUBACK, "v5_3_11_2_1", "v5_3_11_2_2"),
        DISCONNECT_(DISCONNECT, "v5_3_14_2_3", "v5_3_14_2_4"),
        AUTH_(Packet.AUTH, "v5_3_15_2_2", "v5_3_15_2_3");

        final int type;
        final String reasonString;
        final String userProperties;

        Explained(int type, String reasonString, String userProperties) {
            this.type = type;
            this.reasonString = reasonString;
            this.userProperties = userProperties;
        }

        /** A Maximum Packet Size that keeps this out has to let CONNACK in, so this must make a packet longer than that. */
        private static final String LONG_TEXT = "whatever the packet's size. ".repeat(8);

        Stream<Mutant> mutants() {
            String name = name().replace("_", "").toLowerCase(Locale.ROOT);
            return Stream.of(
                    mutant("explains-" + name + "-whatever-its-size", reasonString, sends(type, p -> {
                        explained(p).set(Props.REASON_STRING, LONG_TEXT);
                    })),
                    mutant("adds-user-properties-to-" + name + "-whatever-its-size", userProperties, sends(type, p -> {
                        explained(p).addUser("reason", LONG_TEXT);
                    })));
        }
    }

    private static Props explained(Packet packet) {
        if (packet.version != 5) {
            return new Props();
        }
        if (packet.codes.isEmpty() && !packet.is(SUBACK, UNSUBACK)) {
            packet.code(0);
        }
        if (packet.properties == null) {
            packet.properties = new Props();
        }
        return packet.properties;
    }

    private static final List<Mutant> OTHERS = List.of(
            mutant("explains-to-who-wants-no-explanation", "v5_3_1_2_29", sends(PUBACK, (p, link) -> {
                if (link.connect() != null && link.connect().has(Props.PROBLEM_INFORMATION)) {
                    explained(p).set(Props.REASON_STRING, "unwanted");
                }
            })),

            // ---- Identifiers ----
            mutant(
                    "swaps-bytes-of-identifiers-in-puback",
                    "v5_2_2_1_5 v5_4_3_2_4 v311_2_3_1_6 v311_4_3_2_2",
                    sends(PUBACK, AcknowledgementMutants::swapId)),
            mutant(
                    "swaps-bytes-of-identifiers-in-pubrec",
                    "v5_2_2_1_5 v5_4_3_3_8 v311_2_3_1_6",
                    sends(PUBREC, AcknowledgementMutants::swapId)),
            mutant(
                    "swaps-bytes-of-identifiers-in-pubcomp",
                    "v5_2_2_1_5 v5_4_3_3_11 v311_2_3_1_6",
                    sends(PUBCOMP, AcknowledgementMutants::swapId)),
            mutant(
                    "sends-pubrel-with-another-identifier",
                    "v5_4_3_3_4 v311_4_3_3_1",
                    sends(PUBREL, p -> p.id ^= 0x100)),
            mutant(
                    "swaps-bytes-of-identifiers-in-suback",
                    "v5_2_2_1_6 v5_3_8_4_2 v311_2_3_1_7 v311_3_8_4_2",
                    sends(SUBACK, AcknowledgementMutants::swapId)),
            mutant(
                    "swaps-bytes-of-identifiers-in-unsuback",
                    "v5_2_2_1_6 v5_3_10_4_5 v311_2_3_1_7 v311_3_10_4_4",
                    sends(UNSUBACK, AcknowledgementMutants::swapId)),
            mutant(
                    "sends-every-message-with-one-identifier",
                    "v5_2_2_1_4 v5_4_3_2_1 v5_4_3_3_1 v311_2_3_1_4 v311_4_3_2_1 v311_4_3_3_1",
                    sends(PUBLISH, p -> p.id = 7)),
            mutant("numbers-each-qos-on-its-own", "v5_2_2_1_4 v311_2_3_1_4", () -> new Fault() {
                private final int[] last = new int[3];

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.qos() > 0) {
                        packet.id = ++last[packet.qos()];
                    }
                    link.toClient(packet);
                }
            }),
            mutant(
                    "numbers-repeated-messages-anew",
                    "v5_4_4_0_1 v5_4_3_2_3 v5_4_3_3_3 v311_2_3_1_4",
                    sends(PUBLISH, p -> {
                        if (p.dup()) {
                            p.id += 500;
                        }
                    })),
            mutant(
                    "takes-identifier-0",
                    "v5_2_2_1_3 v311_2_3_1_1",
                    ignores(p -> p.id == 0
                            && !p.damaged()
                            && (p.is(SUBSCRIBE, Packet.UNSUBSCRIBE) || p.is(PUBLISH) && p.qos() > 0))),

            // ---- What must be answered ----
            mutant("does-not-answer-pings", "v5_3_12_4_1 v311_3_12_4_1", withholds(p -> p.is(PINGRESP))),
            mutant("answers-every-second-ping", "v5_3_12_4_1 v311_3_12_4_1", () -> new Fault() {
                private boolean odd;

                @Override
                void fromBroker(Packet packet, Link link) {
                    odd ^= packet.is(PINGRESP);
                    if (!packet.is(PINGRESP) || odd) {
                        link.toClient(packet);
                    }
                }
            }),
            mutant("sends-no-puback", "v5_3_3_4_1 v5_4_3_2_4 v311_3_3_4_1 v311_4_3_2_2", withholds(p -> p.is(PUBACK))),
            mutant("sends-no-pubrec", "v5_3_3_4_1 v5_4_3_3_8 v311_3_3_4_1 v311_4_3_3_2", withholds(p -> p.is(PUBREC))),
            mutant("sends-no-pubrel", "v5_4_3_3_4 v311_4_3_3_1", withholds(p -> p.is(PUBREL))),
            mutant("sends-no-pubcomp", "v5_4_3_3_11 v311_4_3_3_2", withholds(p -> p.is(PUBCOMP))),
            mutant("sends-no-suback", "v5_3_8_4_1 v311_3_8_4_1", withholds(p -> p.is(SUBACK))),
            mutant("sends-no-unsuback", "v5_3_10_4_4 v311_3_10_4_4", withholds(p -> p.is(UNSUBACK))),
            mutant("sends-puback-twice", "v5_3_3_4_1 v311_3_3_4_1", repeats(p -> p.is(PUBACK))),
            mutant("sends-pubrec-twice", "v5_3_3_4_1 v311_3_3_4_1", repeats(p -> p.is(PUBREC))),
            mutant("sends-suback-twice", "v5_3_8_4_1 v311_3_8_4_1", repeats(p -> p.is(SUBACK))),
            mutant("sends-unsuback-twice", "v5_3_10_4_4 v311_3_10_4_4", repeats(p -> p.is(UNSUBACK))),
            mutant("answers-qos-2-with-puback", "v5_3_3_4_1 v311_3_3_4_1", sends(PUBREC, p -> p.type = PUBACK)),
            mutant("acknowledges-and-does-not-deliver", "v5_4_3_2_4 v311_4_3_2_2", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.qos() == 1 && !packet.damaged()) {
                        link.toClient(acknowledgement(PUBACK, packet));
                    } else {
                        link.toBroker(packet);
                    }
                }
            }),
            mutant("loses-qos-2-messages-behind-pubrec", "v5_4_3_3_8 v311_4_3_3_2", () -> new Fault() {
                private final Set<Integer> lost = new HashSet<>();

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.qos() == 2 && !packet.damaged()) {
                        lost.add(packet.id);
                        link.toClient(acknowledgement(PUBREC, packet));
                    } else if (packet.is(PUBREL) && lost.remove(packet.id)) {
                        link.toClient(acknowledgement(PUBCOMP, packet));
                    } else {
                        link.toBroker(packet);
                    }
                }
            }),
            mutant("answers-the-first-pubrel-only", "v311_4_3_3_2 v5_4_3_3_11", () -> new Fault() {
                private boolean answered;

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (!packet.is(PUBCOMP) || !answered) {
                        link.toClient(packet);
                    }
                    answered |= packet.is(PUBCOMP);
                }
            }),
            mutant("ignores-pubrels-for-nothing", "v5_3_7_2_1", withholds(p -> p.is(PUBCOMP) && p.code() == 0x92)),
            mutant("ignores-pubrecs-for-nothing", "v5_3_6_2_1", withholds(p -> p.is(PUBREL) && p.code() == 0x92)),

            // ---- Codes ----
            mutant("says-in-puback-that-there-is-nobody", "v5_3_4_2_1", sends(PUBACK, p -> setCode(p, 0x10))),
            mutant("says-in-pubrec-that-there-is-nobody", "v5_3_5_2_1", sends(PUBREC, p -> setCode(p, 0x10))),
            mutant("says-success-in-puback-of-what-it-refuses", "v5_3_4_2_1", sends(PUBACK, p -> setCode(p, 0))),
            mutant("says-success-in-pubrec-of-what-it-refuses", "v5_3_5_2_1", sends(PUBREC, p -> setCode(p, 0))),
            mutant("refuses-in-puback-with-a-code-of-suback", "v5_3_4_2_1", sends(PUBACK, p -> {
                if (p.isError()) {
                    setCode(p, 0x8F);
                }
            })),
            mutant("refuses-in-pubrec-with-a-code-of-suback", "v5_3_5_2_1", sends(PUBREC, p -> {
                if (p.isError()) {
                    setCode(p, 0x8F);
                }
            })),
            mutant(
                    "ignores-acknowledgements-with-undefined-codes",
                    "v5_section_2_4",
                    ignores(p -> p.is(PUBACK, PUBREC, PUBREL, PUBCOMP) && !DEFINED.contains(p.code()))),
            mutant("sends-pubrel-with-a-code-of-puback", "v5_3_6_2_1", sends(PUBREL, p -> setCode(p, 0x10))),
            mutant("sends-pubcomp-with-a-code-of-puback", "v5_3_7_2_1", sends(PUBCOMP, p -> setCode(p, 0x10))),
            mutant("refuses-and-says-nothing", "v311_3_3_5_2", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    if (!packet.is(PUBLISH) || !packet.topic.startsWith("$recado/")) {
                        link.toBroker(packet);
                    }
                }
            }),

            // ---- Exchanges: the broker receives ----
            mutant("takes-an-identifier-once-at-qos-1", "v5_4_3_2_5 v311_4_3_2_2", () -> new Fault() {
                private final Set<Integer> seen = new HashSet<>();

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.qos() == 1 && !packet.damaged() && !seen.add(packet.id)) {
                        link.toClient(acknowledgement(PUBACK, packet));
                    } else {
                        link.toBroker(packet);
                    }
                }
            }),
            mutant("takes-dup-for-a-repeat-at-qos-1", "v5_4_3_2_5 v311_4_3_2_2", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.qos() == 1 && packet.dup()) {
                        link.toClient(acknowledgement(PUBACK, packet));
                    } else {
                        link.toBroker(packet);
                    }
                }
            }),
            mutant("takes-an-identifier-once-at-qos-2", "v5_4_3_3_12 v311_4_3_3_2", () -> new Fault() {
                private final Set<Integer> done = new HashSet<>();

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.qos() == 2 && done.contains(packet.id)) {
                        link.toClient(acknowledgement(PUBREC, packet));
                    } else if (packet.is(PUBREL) && !done.add(packet.id)) {
                        link.toClient(acknowledgement(PUBCOMP, packet));
                    } else {
                        link.toBroker(packet);
                    }
                }
            }),
            mutant(
                    "delivers-repeated-qos-2-messages-again",
                    "v5_4_3_3_10 v5_3_1_2_5 v311_4_3_3_2 v311_3_1_2_4",
                    () -> new Fault() {
                        @Override
                        void fromClient(Packet packet, Link link) {
                            if (packet.is(PUBLISH) && packet.qos() == 2 && packet.dup() && !packet.damaged()) {
                                link.publishAside(packet);
                            }
                            link.toBroker(packet);
                        }
                    }),
            mutant(
                    "forgets-identifiers-of-qos-2-with-the-connection",
                    "v5_4_3_3_10 v5_3_1_2_5 v311_4_3_3_2 v311_3_1_2_4",
                    () -> new Fault() {
                        private final Set<Integer> seen = new HashSet<>();

                        @Override
                        void fromClient(Packet packet, Link link) {
                            if (packet.is(PUBLISH) && packet.qos() == 2 && !packet.damaged()) {
                                if (seen.add(packet.id)
                                        && packet.dup()
                                        && !link.connect().cleanStart()) {
                                    link.publishAside(packet);
                                }
                            }
                            link.toBroker(packet);
                        }
                    }),
            mutant("leaves-identifiers-of-refused-messages-behind", "v5_4_3_3_9", () -> new Fault() {
                private final Set<Integer> refused = new HashSet<>();

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.qos() == 2 && refused.contains(packet.id)) {
                        link.toClient(acknowledgement(PUBREC, packet));
                    } else if (packet.is(PUBREL) && refused.remove(packet.id)) {
                        link.toClient(acknowledgement(PUBCOMP, packet));
                    } else {
                        link.toBroker(packet);
                    }
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBREC) && packet.isError()) {
                        refused.add(packet.id);
                    }
                    link.toClient(packet);
                }
            }),
            mutant("forgets-exchanges-of-expired-messages", "v5_4_3_3_13", () -> new Fault() {
                private final Map<Integer, Long> expiries = new HashMap<>();

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.qos() == 2 && packet.number(Props.MESSAGE_EXPIRY) > 0) {
                        expiries.put(
                                packet.id, System.nanoTime() + packet.number(Props.MESSAGE_EXPIRY) * 1_000_000_000);
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBCOMP) && expiries.getOrDefault(packet.id, Long.MAX_VALUE) < System.nanoTime()) {
                        setCode(packet, 0x92);
                    }
                    link.toClient(packet);
                }
            }),

            // ---- Exchanges: the broker sends ----
            mutant("does-not-note-puback", "v5_4_3_2_3 v311_4_3_2_1", ignores(p -> p.is(PUBACK))),
            mutant(
                    "does-not-note-puback-with-an-error",
                    "v5_section_4_3_2 v5_4_4_0_2 v5_3_3_4_9",
                    ignores(p -> p.is(PUBACK) && p.isError())),
            mutant("ends-the-connection-at-puback-for-nothing", "v5_section_4_3_2", () -> new Fault() {
                private final Set<Integer> underWay = new HashSet<>();

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBACK) && !packet.damaged() && !underWay.contains(packet.id)) {
                        link.endClient();
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBLISH)) {
                        underWay.add(packet.id);
                    }
                    link.toClient(packet);
                }
            }),
            mutant(
                    "does-not-note-pubrec-with-an-error",
                    "v5_4_4_0_2 v5_4_3_3_3 v5_3_3_4_9",
                    ignores(p -> p.is(PUBREC) && p.isError())),
            mutant("answers-pubrec-with-an-error-by-pubrel", "v5_4_3_3_4 v5_4_4_0_2", takes(PUBREC, p -> {
                if (p.isError()) {
                    p.code(0);
                }
            })),
            mutant("takes-pubrec-0x10-for-an-error", "v5_4_3_3_4", takes(PUBREC, p -> {
                if (p.code() == 0x10) {
                    p.code(0x80);
                }
            })),
            mutant("does-not-note-pubcomp", "v5_4_3_3_5 v311_4_3_3_1", ignores(p -> p.is(PUBCOMP))),
            mutant(
                    "repeats-nothing",
                    "v5_4_4_0_1 v5_4_3_2_3 v5_4_3_3_3 v311_4_4_0_1 v311_4_3_2_1",
                    withholds(p -> p.is(PUBLISH) && p.dup())),
            mutant(
                    "repeats-no-pubrel",
                    "v5_4_4_0_1 v5_4_3_3_5 v311_4_4_0_1 v311_4_3_3_1",
                    unlessLive(PUBREL, (packet, link) -> {})),
            mutant(
                    "repeats-the-message-instead-of-pubrel",
                    "v5_4_3_3_6 v5_4_4_0_1 v311_4_4_0_1",
                    unlessLive(PUBREL, (packet, link) -> {
                        if (link.memory().get("message " + link.connect().clientId) instanceof Packet message) {
                            Packet again = message.copy();
                            again.flags |= 8;
                            link.toClient(again);
                        } else {
                            link.toClient(packet);
                        }
                    })),
            mutant(
                    "lets-messages-under-way-expire",
                    "v5_4_3_3_7",
                    withholds(p -> p.is(PUBLISH) && p.dup() && p.has(Props.MESSAGE_EXPIRY))),
            mutant("gives-pubrel-0x92-for-expired-messages", "v5_4_3_3_7", () -> new Fault() {
                private final Set<Integer> expiring = new HashSet<>();

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.has(Props.MESSAGE_EXPIRY)) {
                        expiring.add(packet.id);
                    } else if (packet.is(PUBREL) && expiring.contains(packet.id)) {
                        setCode(packet, 0x92);
                    }
                    link.toClient(packet);
                }
            }));

    static final List<Mutant> ALL = Stream.concat(
                    Stream.of(Explained.values()).flatMap(Explained::mutants), OTHERS.stream())
            .toList();

    private static void swapId(Packet packet) {
        packet.id = (packet.id & 0xFF) << 8 | packet.id >> 8;
    }

    private static void setCode(Packet packet, int code) {
        if (packet.version == 5) {
            packet.code(code);
        }
    }

    private static Packet acknowledgement(int type, Packet of) {
        Packet acknowledgement = new Packet(type, of.version);
        acknowledgement.id = of.id;
        acknowledgement.properties = null;
        return acknowledgement;
    }

    private interface Handler {
        void handle(Packet packet, Link link);
    }

    /** Handles packets of this type otherwise that the broker sends before the client has said anything but CONNECT. */
    private static Supplier<Fault> unlessLive(int type, Handler handler) {
        return () -> new Fault() {
            private boolean live;

            @Override
            void fromClient(Packet packet, Link link) {
                live |= !packet.is(CONNECT);
                link.toBroker(packet);
            }

            @Override
            void fromBroker(Packet packet, Link link) {
                if (packet.is(PUBLISH) && packet.qos() == 2) {
                    link.memory().put("message " + link.connect().clientId, packet.copy());
                }
                if (packet.is(type) && !live) {
                    handler.handle(packet, link);
                } else {
                    link.toClient(packet);
                }
            }
        };
    }
}
