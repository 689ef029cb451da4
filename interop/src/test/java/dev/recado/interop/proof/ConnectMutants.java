package dev.recado.interop.proof;

import static dev.recado.interop.proof.Faults.letsIn;
import static dev.recado.interop.proof.Faults.repeats;
import static dev.recado.interop.proof.Faults.sends;
import static dev.recado.interop.proof.Faults.staysOpenBehind;
import static dev.recado.interop.proof.Faults.takes;
import static dev.recado.interop.proof.Mutant.mutant;
import static dev.recado.interop.proof.Packet.CONNACK;
import static dev.recado.interop.proof.Packet.CONNECT;
import static dev.recado.interop.proof.Packet.PINGREQ;
import static dev.recado.interop.proof.Packet.PUBLISH;

import dev.recado.interop.proof.Packet.Damage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Faults in taking and refusing clients. */
final class ConnectMutants {

    private static final Set<Integer> NOT_OF_CONNECT = Set.of(
            Props.TOPIC_ALIAS,
            Props.WILL_DELAY,
            Props.ASSIGNED_CLIENT_ID,
            Props.SERVER_KEEP_ALIVE,
            Props.REASON_STRING,
            Props.SUBSCRIPTION_ID);

    private ConnectMutants() {}

    static final List<Mutant> ALL = List.of(
            // ---- Who is taken ----
            mutant("ignores-what-precedes-connect", "v5_3_1_0_1 v311_3_1_0_1", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    if (link.connect() != null) {
                        link.toBroker(packet);
                    }
                }
            }),
            mutant("ignores-second-connect", "v5_3_1_0_2 v311_3_1_0_2", () -> new Fault() {
                private boolean connected;

                @Override
                void fromClient(Packet packet, Link link) {
                    if (!packet.is(CONNECT) || !connected) {
                        link.toBroker(packet);
                    }
                    connected |= packet.is(CONNECT);
                }
            }),
            mutant(
                    "takes-any-protocol-name",
                    "v5_3_1_2_1 v311_3_1_2_1",
                    letsIn(p -> p.raw.length > 12 && !p.protocol.equals("MQTT"))),
            mutant(
                    "takes-any-protocol-version",
                    "v5_3_1_2_2 v311_3_1_2_2",
                    letsIn(p -> p.protocol.equals("MQTT") && p.raw.length > 12 && p.level != 4 && p.level != 5)),
            mutant("takes-reserved-connect-flag", "v5_3_1_2_3 v311_3_1_2_3", letsIn(p -> (p.connectFlags & 1) != 0)),
            mutant(
                    "takes-bytes-behind-connect",
                    "v5_3_1_4_1 v5_3_1_2_16 v5_3_1_2_18 v311_3_1_4_1 v311_3_1_2_11 v311_3_1_2_18 v311_3_1_2_20",
                    letsIn(p -> p.damage == Damage.TRAILING)),
            mutant(
                    "takes-missing-fields-of-connect-for-empty",
                    "v5_3_1_4_1 v5_3_1_2_9 v5_3_1_2_17 v5_3_1_2_19 v5_3_1_3_1 v5_3_1_3_3"
                            + " v311_3_1_4_1 v311_3_1_2_9 v311_3_1_2_19 v311_3_1_2_21 v311_3_1_3_1 v311_3_1_3_3",
                    letsIn(p -> p.damage == Damage.CUT)),
            mutant(
                    "takes-will-qos-without-will",
                    "v5_3_1_2_11 v311_3_1_2_13",
                    letsIn(p -> !p.hasWill() && (p.connectFlags & 0x18) != 0)),
            mutant(
                    "takes-will-retain-without-will",
                    "v5_3_1_2_13 v311_3_1_2_15",
                    letsIn(p -> !p.hasWill() && (p.connectFlags & 0x20) != 0)),
            mutant("takes-will-qos-3-for-2", "v5_3_1_2_12 v311_3_1_2_14", takes(CONNECT, p -> {
                if ((p.connectFlags & 0x18) == 0x18) {
                    p.connectFlags &= ~0x08;
                }
            })),
            mutant(
                    "takes-password-without-user-name",
                    "v311_3_1_2_22",
                    letsIn(p -> p.version == 4 && (p.connectFlags & 0xC0) == 0x40)),
            mutant(
                    "takes-client-id-that-is-no-string",
                    "v5_3_1_3_4 v311_3_1_3_4",
                    letsIn(p -> Packet.isBadString(p.clientId))),
            mutant(
                    "takes-user-name-that-is-no-string",
                    "v5_3_1_3_12 v311_3_1_3_11",
                    letsIn(p -> Packet.isBadString(p.userName))),
            mutant(
                    "takes-will-topic-that-is-no-string",
                    "v5_3_1_3_11 v311_3_1_3_10",
                    letsIn(p -> Packet.isBadString(p.willTopic))),
            mutant(
                    "takes-empty-will-topic",
                    "v5_section_4_7_3",
                    letsIn(p -> p.hasWill() && !p.damaged() && p.willTopic.isEmpty())),
            mutant(
                    "takes-repeated-properties-of-connect",
                    "v5_section_2_2_2_2",
                    letsIn(p -> p.properties != null && p.properties.repeats())),
            mutant(
                    "takes-other-properties-in-connect",
                    "v5_section_2_2_2_2",
                    letsIn(p -> p.properties != null
                            && (NOT_OF_CONNECT.stream().anyMatch(p::has)
                                    || p.willProperties.has(Props.RECEIVE_MAXIMUM)))),
            mutant(
                    "takes-unknown-property-of-connect",
                    "v5_section_2_2_2_2",
                    letsIn(p -> p.damage == Damage.UNREADABLE)),
            mutant(
                    "takes-values-out-of-range-in-connect",
                    "v5_section_3_1_2_11 v5_section_2_2_2_2",
                    letsIn(p -> p.has(Props.RECEIVE_MAXIMUM) && p.number(Props.RECEIVE_MAXIMUM) == 0
                            || p.has(Props.MAXIMUM_PACKET_SIZE) && p.number(Props.MAXIMUM_PACKET_SIZE) == 0
                            || p.number(Props.PROBLEM_INFORMATION) > 1
                            || p.number(Props.RESPONSE_INFORMATION_REQUEST) > 1)),
            mutant(
                    "takes-authentication-data-without-method",
                    "v5_section_3_1_2_11",
                    letsIn(p -> p.has(Props.AUTH_DATA) && !p.has(Props.AUTH_METHOD))),
            mutant(
                    "refuses-clients-that-say-much",
                    "v5_3_1_4_5 v311_3_1_4_4",
                    refusing(0x83, 3, p -> p.keepAlive == 600 && p.hasWill())),
            mutant(
                    "refuses-long-client-ids",
                    "v5_3_1_3_5 v311_3_1_3_5",
                    refusing(0x85, 2, p -> p.clientId.length() > 20)),

            // ---- Client Identifiers ----
            mutant("assigns-one-client-id-to-all", "v5_3_1_3_6 v5_3_2_2_16 v311_3_1_3_6", () -> new Fault() {
                private boolean assigned;

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(CONNECT) && packet.clientId.isEmpty() && packet.cleanStart() && !packet.damaged()) {
                        packet.clientId = "assigned" + packet.version;
                        assigned = true;
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(CONNACK) && assigned && packet.version == 5) {
                        packet.properties.set(Props.ASSIGNED_CLIENT_ID, "assigned5");
                    }
                    link.toClient(packet);
                }
            }),
            mutant(
                    "keeps-assigned-client-id-secret",
                    "v5_3_1_3_7",
                    sends(CONNACK, p -> p.remove(Props.ASSIGNED_CLIENT_ID))),
            mutant("tells-another-client-id-than-it-assigned", "v5_3_1_3_7", sends(CONNACK, p -> {
                if (p.has(Props.ASSIGNED_CLIENT_ID)) {
                    p.properties.set(Props.ASSIGNED_CLIENT_ID, p.properties.text(Props.ASSIGNED_CLIENT_ID) + "x");
                }
            })),
            mutant(
                    "assigns-client-ids-to-sessions-that-are-kept",
                    "v311_3_1_3_7 v311_3_1_3_8",
                    letsIn(p -> p.version == 4 && !p.damaged() && p.clientId.isEmpty() && !p.cleanStart())),
            mutant("rejects-client-ids-with-another-code", "v311_3_1_3_8 v311_3_1_3_9", sends(CONNACK, p -> {
                if (p.version == 4 && p.code() == 2) {
                    p.code(5);
                }
            })),
            mutant(
                    "knows-client-ids-without-case",
                    "v5_3_1_3_2 v311_3_1_3_2",
                    takes(CONNECT, p -> p.clientId = p.clientId.toLowerCase(Locale.ROOT))),

            // ---- CONNACK ----
            mutant("never-tells-of-a-session", "v5_3_2_2_3 v311_3_2_2_2", sends(CONNACK, p -> p.acknowledgeFlags = 0)),
            mutant(
                    "always-tells-of-a-session",
                    "v5_3_2_2_2 v5_3_2_2_3 v5_3_1_2_6 v311_3_2_2_1 v311_3_2_2_3",
                    sends(CONNACK, p -> p.acknowledgeFlags = p.code() == 0 ? 1 : 0)),
            mutant(
                    "tells-of-a-session-when-it-refuses",
                    "v5_3_2_2_6 v311_3_2_2_4",
                    sends(CONNACK, p -> p.acknowledgeFlags |= p.code() == 0 ? 0 : 1)),
            mutant("sets-reserved-bits-in-connack", "v5_3_2_2_1", sends(CONNACK, p -> p.acknowledgeFlags |= 4)),
            mutant("sends-connack-twice", "v5_3_2_0_2", repeats(p -> p.is(CONNACK))),
            mutant("sends-connack-behind-the-next-packet", "v5_3_2_0_1 v311_3_2_0_1", () -> new Fault() {
                private Packet held;

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(CONNACK)) {
                        held = packet;
                        link.later(30, () -> release(link));
                    } else {
                        link.toClient(packet);
                        release(link);
                    }
                }

                @Override
                void brokerEnded(Link link) {
                    release(link);
                    link.endClient();
                }

                private void release(Link link) {
                    if (held != null) {
                        link.toClient(held);
                        held = null;
                    }
                }
            }),
            mutant(
                    "stays-connected-when-it-refuses",
                    "v5_3_2_2_7 v5_4_13_2_1 v311_3_2_2_5",
                    staysOpenBehind(p -> p.is(CONNACK) && p.code() != 0, false)),
            mutant("refuses-with-the-code-of-another-packet", "v5_3_2_2_8", sends(CONNACK, p -> {
                if (p.version == 5 && p.code() != 0) {
                    p.code(0x91);
                }
            })),
            mutant("refuses-with-a-code-where-there-is-none", "v311_3_2_2_6", () -> new Fault() {
                private boolean answered;

                @Override
                void fromBroker(Packet packet, Link link) {
                    answered = true;
                    link.toClient(packet);
                }

                @Override
                void brokerEnded(Link link) {
                    if (!answered && link.connect() != null && link.version() == 4) {
                        Packet refusal = new Packet(CONNACK, 4);
                        refusal.code(3);
                        link.toClient(refusal);
                    }
                    link.endClient();
                }
            }),
            mutant("refuses-earlier-versions-with-another-code", "v311_3_1_2_2", sends(CONNACK, p -> {
                if (p.version == 4 && p.code() == 1) {
                    p.code(5);
                }
            })),
            mutant("refuses-by-disconnect", "v5_3_14_0_1", () -> new Fault() {
                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(CONNACK) && packet.isError() && packet.version == 5) {
                        Packet disconnect = new Packet(Packet.DISCONNECT, 5);
                        disconnect.code(packet.code());
                        link.toClient(disconnect);
                    } else {
                        link.toClient(packet);
                    }
                }
            }),
            mutant("handles-what-follows-a-refused-connect", "v5_3_1_4_6 v311_3_1_4_5", () -> new Fault() {
                private final List<Packet> early = new ArrayList<>();
                private boolean accepted;
                private boolean refused;

                @Override
                void fromClient(Packet packet, Link link) {
                    link.toBroker(packet);
                    if (packet.is(PUBLISH) && !accepted) {
                        early.add(packet);
                        if (refused) {
                            handle(link);
                        }
                    }
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    accepted |= packet.is(CONNACK) && packet.code() == 0;
                    link.toClient(packet);
                }

                @Override
                void brokerEnded(Link link) {
                    if (!accepted && link.connect() != null) {
                        refused = true;
                        handle(link);
                    }
                    link.endClient();
                }

                private void handle(Link link) {
                    early.forEach(link::publishAside);
                    early.clear();
                }
            }),
            mutant("tells-response-information-unasked", "v5_3_1_2_28", sends(CONNACK, p -> {
                if (p.version == 5) {
                    p.properties.set(Props.RESPONSE_INFORMATION, "answers");
                }
            })),
            mutant("announces-qos-1-and-takes-2", "v5_3_2_2_9", sends(CONNACK, p -> {
                if (p.version == 5 && p.code() == 0) {
                    p.properties.set(Props.MAXIMUM_QOS, 1);
                }
            })),

            // ---- Keep Alive ----
            mutant("does-not-watch-keep-alive", "v5_3_1_2_22 v311_3_1_2_24", takes(CONNECT, p -> p.keepAlive = 0)),
            mutant(
                    "watches-a-keep-alive-of-zero",
                    "v5_section_3_1_2_10 v311_section_3_1_2_10",
                    takes(CONNECT, p -> p.keepAlive = p.keepAlive == 0 ? 1 : p.keepAlive)),
            mutant(
                    "works-to-a-keep-alive-of-its-own",
                    "v5_3_2_2_22",
                    takes(CONNECT, p -> p.keepAlive = p.keepAlive == 2 ? 1 : p.keepAlive)),
            mutant("takes-what-it-sends-for-a-sign-of-life", "v5_3_1_2_22 v311_3_1_2_24", () -> new Fault() {
                private int own;

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(Packet.PINGRESP) && own > 0) {
                        own--;
                        return;
                    }
                    link.toClient(packet);
                    if (packet.is(PUBLISH)) {
                        own++;
                        link.toBroker(new Packet(PINGREQ, packet.version));
                    }
                }
            }),
            mutant("takes-only-pings-for-a-sign-of-life", "v5_3_1_2_22 v311_3_1_2_24", () -> new Fault() {
                private int signs;

                @Override
                void fromClient(Packet packet, Link link) {
                    link.toBroker(packet);
                    if (packet.is(CONNECT, PINGREQ) && link.connect().keepAlive > 0) {
                        int seen = ++signs;
                        link.later(link.connect().keepAlive * 1500L, () -> {
                            if (seen == signs) {
                                link.cutBroker();
                            }
                        });
                    }
                }
            }));

    private static Supplier<Fault> refusing(int code5, int code311, Predicate<Packet> which) {
        return () -> new Fault() {
            @Override
            void fromClient(Packet packet, Link link) {
                if (packet.is(CONNECT) && !packet.damaged() && which.test(packet)) {
                    Packet refusal = new Packet(CONNACK, packet.version);
                    refusal.code(packet.version == 5 ? code5 : code311);
                    link.toClient(refusal);
                    link.endClient();
                } else {
                    link.toBroker(packet);
                }
            }
        };
    }
}
