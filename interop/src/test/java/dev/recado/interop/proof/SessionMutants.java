package dev.recado.interop.proof;

import static dev.recado.interop.proof.Faults.ignores;
import static dev.recado.interop.proof.Faults.sends;
import static dev.recado.interop.proof.Faults.staysOpenBehind;
import static dev.recado.interop.proof.Faults.takes;
import static dev.recado.interop.proof.Faults.withholds;
import static dev.recado.interop.proof.Mutant.mutant;
import static dev.recado.interop.proof.Packet.CONNACK;
import static dev.recado.interop.proof.Packet.CONNECT;
import static dev.recado.interop.proof.Packet.DISCONNECT;
import static dev.recado.interop.proof.Packet.PUBLISH;

import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Faults in what outlives a connection, and in how connections end: sessions, wills, DISCONNECT. */
final class SessionMutants {

    private static final long NEVER = 0xFFFF_FFFFL;

    private SessionMutants() {}

    static final List<Mutant> ALL = List.of(
            // ---- Sessions ----
            mutant("ignores-clean-start", "v5_3_1_2_4 v5_3_1_4_4 v311_3_1_2_6 v311_3_1_4_3", takes(CONNECT, p -> {
                if (!p.clientId.isEmpty()) {
                    p.connectFlags &= ~2;
                }
            })),
            mutant(
                    "starts-clean-always",
                    "v5_3_1_2_5 v5_3_1_4_4 v5_4_4_0_1 v5_4_5_0_1 v311_3_1_2_4 v311_3_1_2_5 v311_4_1_0_1"
                            + " v311_4_4_0_1 v311_4_5_0_1",
                    takes(CONNECT, p -> p.connectFlags |= 2)),
            mutant(
                    "ends-sessions-with-their-connections",
                    "v5_3_1_2_23",
                    takes(CONNECT, p -> p.remove(Props.SESSION_EXPIRY))),
            mutant("never-ends-sessions", "v5_4_1_0_2 v5_section_3_1_2_11_2", takes(CONNECT, p -> {
                if (p.version == 5) {
                    p.properties.set(Props.SESSION_EXPIRY, NEVER);
                }
            })),
            mutant("takes-never-for-at-once", "v5_3_1_2_23", takes(CONNECT, p -> {
                if (p.number(Props.SESSION_EXPIRY) == NEVER) {
                    p.remove(Props.SESSION_EXPIRY);
                }
            })),
            mutant("keeps-clean-sessions", "v311_3_1_2_6", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(CONNECT) && packet.version == 4 && !packet.damaged() && !packet.clientId.isEmpty()) {
                        // Known from the second time on; the first one ends what is left of older runs.
                        if (link.memory().put("session " + packet.clientId, true) != null) {
                            packet.connectFlags &= ~2;
                        }
                    }
                    link.toBroker(packet);
                }
            }),
            mutant("keeps-the-first-interval-of-a-session", "v5_section_3_1_2_11_2", takes(CONNECT, (p, link) -> {
                if (p.version == 5 && !p.clientId.isEmpty()) {
                    long first = (Long) link.memory()
                            .computeIfAbsent("interval " + p.clientId, id -> p.number(Props.SESSION_EXPIRY));
                    p.properties.set(Props.SESSION_EXPIRY, first);
                }
            })),
            mutant("lets-the-interval-run-while-connected", "v5_4_1_0_1", takes(CONNECT, (p, link) -> {
                long seconds = p.number(Props.SESSION_EXPIRY);
                if (seconds > 0 && seconds < 30) {
                    link.later(seconds * 1000, link::cutBroker);
                }
            })),
            mutant("clean-start-hides-the-old-session", "v5_3_1_2_4", () -> new Fault() {
                private boolean hides;

                @Override
                void fromClient(Packet packet, Link link) {
                    // The old session is asked for, and only CONNACK is changed.
                    if (packet.is(CONNECT) && packet.number(Props.SESSION_EXPIRY) > 0 && packet.cleanStart()) {
                        packet.connectFlags &= ~2;
                        hides = true;
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(CONNACK) && hides) {
                        packet.acknowledgeFlags = 0;
                    }
                    link.toClient(packet);
                }
            }),
            mutant("lets-two-connections-share-a-client-id", "v5_3_1_4_3 v311_3_1_4_2", () -> new Fault() {
                @Override
                void fromBroker(Packet packet, Link link) {
                    if (!packet.is(DISCONNECT)) {
                        link.toClient(packet);
                    }
                }

                @Override
                void brokerEnded(Link link) {
                    if (link.connect() == null || link.memory().get(link.connect().clientId) == link) {
                        link.endClient();
                    }
                }

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(CONNECT)) {
                        link.memory().put(packet.clientId, link);
                    }
                    link.toBroker(packet);
                }
            }),
            mutant("gives-the-newer-connection-a-new-session", "v5_3_1_4_3 v311_3_1_4_2", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(CONNECT) && !packet.damaged()) {
                        if (link.memory().put("connected " + packet.clientId, link) != null) {
                            packet.connectFlags |= 2;
                        }
                    }
                    link.toBroker(packet);
                }

                @Override
                void brokerEnded(Link link) {
                    if (link.connect() != null) {
                        link.memory().remove("connected " + link.connect().clientId, link);
                    }
                    link.endClient();
                }

                @Override
                void clientEnded(Link link) {
                    if (link.connect() != null) {
                        link.memory().remove("connected " + link.connect().clientId, link);
                    }
                    link.cutBroker();
                }
            }),
            mutant(
                    "keeps-no-messages-for-who-is-away",
                    "v5_3_1_2_5 v5_4_5_0_1 v311_3_1_2_5 v311_4_5_0_1",
                    sinceConnack(p -> p.is(PUBLISH) && !p.dup())),
            mutant("keeps-messages-for-who-is-away-at-qos-0", "v5_3_1_2_5", () -> new Fault() {
                private boolean live;

                @Override
                void fromClient(Packet packet, Link link) {
                    live |= !packet.is(CONNECT);
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && !live) {
                        packet.qos(0);
                    }
                    link.toClient(packet);
                }
            }),

            // ---- Wills ----
            mutant(
                    "publishes-no-wills",
                    "v5_3_1_2_7 v5_3_1_2_8 v311_3_1_2_8 v311_3_1_2_9 v5_3_1_3_1 v311_3_1_3_1",
                    takes(CONNECT, Packet::removeWill)),
            mutant(
                    "publishes-wills-after-normal-disconnect",
                    "v5_3_14_4_3 v5_3_1_2_8 v311_3_14_4_3 v311_3_1_2_10",
                    () -> new Fault() {
                        @Override
                        void fromClient(Packet packet, Link link) {
                            if (packet.is(DISCONNECT) && !packet.damaged() && packet.flags == 0 && packet.code() == 0) {
                                link.cutBroker();
                            } else {
                                link.toBroker(packet);
                            }
                        }
                    }),
            mutant("publishes-wills-after-the-long-form-of-disconnect", "v5_3_14_4_3", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(DISCONNECT) && !packet.damaged() && !packet.codes.isEmpty() && packet.code() == 0) {
                        link.cutBroker();
                    } else {
                        link.toBroker(packet);
                    }
                }
            }),
            mutant("drops-wills-at-any-disconnect", "v5_3_1_2_8 v5_3_14_2_1", takes(DISCONNECT, p -> {
                if (p.code() != 0) {
                    p.code(0);
                }
            })),
            mutant("drops-wills-when-connections-are-cut", "v5_3_1_2_7 v311_3_1_2_8", () -> new Fault() {
                @Override
                void clientEnded(Link link) {
                    link.toBroker(new Packet(DISCONNECT, link.version()));
                    link.cutBroker();
                }
            }),
            mutant(
                    "publishes-wills-only-when-connections-are-cut",
                    "v5_3_1_2_8 v5_3_1_2_22 v311_3_1_2_8",
                    () -> new Fault() {
                        @Override
                        void fromClient(Packet packet, Link link) {
                            if (packet.is(CONNECT) && packet.hasWill() && !packet.damaged()) {
                                link.memory().put("will " + packet.willTopic + packet.willPayload, link);
                            }
                            link.toBroker(packet);
                        }

                        @Override
                        void fromBroker(Packet packet, Link link) {
                            if (packet.is(PUBLISH)
                                    && link.memory().get("will " + packet.topic + packet.text()) instanceof Link dead
                                    && !dead.hasClientEnded()) {
                                return;
                            }
                            link.toClient(packet);
                        }
                    }),
            mutant(
                    "publishes-wills-without-their-delay",
                    "v5_3_1_2_8 v5_3_1_3_9",
                    takes(CONNECT, p -> p.willProperties.remove(Props.WILL_DELAY))),
            mutant("lets-wills-wait-longer-than-their-session", "v5_3_1_2_8", takes(CONNECT, p -> {
                if (p.willProperties.has(Props.WILL_DELAY)) {
                    p.properties.set(Props.SESSION_EXPIRY, NEVER);
                }
            })),
            mutant("clean-start-cancels-the-waiting-will", "v5_3_1_2_8", takes(CONNECT, p -> {
                if (p.version == 5 && !p.clientId.isEmpty()) {
                    p.connectFlags &= ~2;
                }
            })),
            mutant("resuming-does-not-cancel-the-waiting-will", "v5_3_1_3_9", takes(CONNECT, (p, link) -> {
                // A name of its own for each connection: nobody comes back.
                if (p.version == 5 && !p.clientId.isEmpty() && p.willProperties.has(Props.WILL_DELAY)) {
                    p.clientId += "x";
                }
            })),
            mutant("keeps-wills-that-are-done-with", "v5_3_1_2_10 v311_3_1_2_10", takes(CONNECT, (p, link) -> {
                if (p.hasWill()) {
                    link.memory().put("kept will " + p.clientId, p.copy());
                } else if (link.memory().get("kept will " + p.clientId) instanceof Packet earlier
                        && (p.version == 4 || !p.clientId.isEmpty())) {
                    p.connectFlags |= 4;
                    p.willTopic = earlier.willTopic;
                    p.willPayload = earlier.willPayload;
                }
            })),
            mutant("takes-the-last-message-for-a-will", "v311_3_1_2_12", () -> new Fault() {
                private Packet last;

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && !packet.damaged() && !packet.topic.isEmpty()) {
                        last = packet.copy();
                    } else if (packet.is(DISCONNECT)) {
                        last = null;
                    }
                    link.toBroker(packet);
                }

                @Override
                void brokerEnded(Link link) {
                    if (last != null && !link.hasClientEnded()) {
                        link.publishAside(last);
                    }
                    link.endClient();
                }
            }),
            mutant(
                    "publishes-wills-at-qos-0",
                    "v5_3_1_2_12 v311_3_1_2_9 v311_3_1_2_14",
                    takes(CONNECT, p -> p.connectFlags &= ~0x18)),
            mutant(
                    "retains-no-wills",
                    "v5_3_1_2_15 v311_3_1_2_9 v311_3_1_2_17",
                    takes(CONNECT, p -> p.connectFlags &= ~0x20)),
            mutant("retains-all-wills", "v5_3_1_2_14 v311_3_1_2_16", takes(CONNECT, p -> {
                if (p.hasWill()) {
                    p.connectFlags |= 0x20;
                }
            })),
            mutant(
                    "publishes-wills-without-properties",
                    "v5_section_3_1_3_2",
                    takes(
                            CONNECT,
                            p -> p.willProperties.removeIf(
                                    prop -> prop.id() != Props.WILL_DELAY && prop.id() != Props.USER))),
            mutant("reverses-user-properties-of-wills", "v5_3_1_3_10", takes(CONNECT, p -> p.willProperties.reverse())),
            mutant("takes-an-empty-will-for-none", "v5_section_3_1_3_4", takes(CONNECT, p -> {
                if (p.willPayload.isEmpty()) {
                    p.removeWill();
                }
            })),
            mutant("refuses-wills-of-qos-2", "v5_3_2_2_12", refusingWills(0x9B, 0x10)),
            mutant("refuses-retained-wills", "v5_3_2_2_13", refusingWills(0x9A, 0x20)),

            // ---- DISCONNECT ----
            mutant(
                    "stays-open-behind-its-disconnect",
                    "v5_3_14_4_2 v5_4_13_1_1 v5_4_13_2_1",
                    staysOpenBehind(p -> p.is(DISCONNECT), false)),
            mutant(
                    "stays-open-behind-the-clients-disconnect",
                    "v5_section_3_14_4 v311_section_3_14_4",
                    ignores(p -> p.is(DISCONNECT) && !p.damaged() && p.codes.isEmpty() && p.flags == 0)),
            mutant("sends-messages-behind-its-disconnect", "v5_3_14_4_1", () -> new Fault() {
                private Packet last;

                @Override
                void fromBroker(Packet packet, Link link) {
                    link.toClient(packet);
                    if (packet.is(PUBLISH)) {
                        last = packet;
                    } else if (packet.is(DISCONNECT) && last != null) {
                        link.toClient(last);
                    }
                }
            }),
            mutant("sends-disconnect-with-a-code-of-connack", "v5_3_14_2_1", sends(DISCONNECT, p -> p.code(0x85))),
            mutant("sends-disconnect-with-a-session-expiry-interval", "v5_3_14_2_2", sends(DISCONNECT, p -> {
                if (p.properties == null) {
                    p.properties = new Props();
                }
                p.code(p.code());
                p.properties.set(Props.SESSION_EXPIRY, 60);
            })),
            mutant("never-says-why-it-closes", "v5_3_14_2_1", withholds(p -> p.is(DISCONNECT))),
            mutant("takes-any-code-of-disconnect-for-normal", "v5_3_14_2_1", takes(DISCONNECT, p -> {
                if (p.code() != 0 && p.code() != 0x04) {
                    p.code(0);
                }
            })),
            mutant(
                    "ignores-the-interval-in-disconnect",
                    "v5_section_3_14_2_2_2",
                    takes(DISCONNECT, p -> p.remove(Props.SESSION_EXPIRY))),
            mutant("takes-malformed-disconnect-for-normal", "v5_section_2_2_2_2 v311_section_3_14", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    boolean malformed = packet.is(DISCONNECT)
                            && (packet.damaged()
                                    || packet.has(Props.TOPIC_ALIAS)
                                    || packet.properties != null && packet.properties.repeats());
                    link.toBroker(malformed ? new Packet(DISCONNECT, link.version()) : packet);
                }
            }),
            mutant(
                    "takes-disconnect-with-flags-for-normal",
                    "v5_3_14_1_1 v311_3_14_1_1",
                    takes(DISCONNECT, p -> p.flags = 0)),
            mutant(
                    "ignores-the-long-forms-of-disconnect",
                    "v5_section_3_14_2_2",
                    ignores(p -> p.is(DISCONNECT) && p.raw.length > 2 && !p.damaged() && p.code() == 0)),
            mutant("forgets-a-session-while-it-is-connected", "v5_4_1_0_1 v311_4_1_0_2", () -> new Fault() {
                private int acknowledged;

                @Override
                void fromClient(Packet packet, Link link) {
                    acknowledged += packet.is(Packet.PUBACK) ? 1 : 0;
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (!packet.is(PUBLISH) || acknowledged < 2) {
                        link.toClient(packet);
                    }
                }
            }));

    /** Between CONNACK and the next packet of the client, these do not come, and count as acknowledged. */
    private static Supplier<Fault> sinceConnack(Predicate<Packet> which) {
        return () -> new Fault() {
            private boolean live;

            @Override
            void fromClient(Packet packet, Link link) {
                live |= !packet.is(CONNECT);
                link.toBroker(packet);
            }

            @Override
            void fromBroker(Packet packet, Link link) {
                if (live || !which.test(packet)) {
                    link.toClient(packet);
                } else if (packet.qos() == 1) {
                    Packet taken = new Packet(Packet.PUBACK, packet.version);
                    taken.id = packet.id;
                    link.toBroker(taken);
                }
            }
        };
    }

    private static Supplier<Fault> refusingWills(int code, int flag) {
        return () -> new Fault() {
            @Override
            void fromClient(Packet packet, Link link) {
                if (packet.is(CONNECT)
                        && packet.version == 5
                        && packet.hasWill()
                        && (packet.connectFlags & flag) != 0) {
                    Packet refusal = new Packet(CONNACK, 5);
                    refusal.code(code);
                    link.toClient(refusal);
                    link.endClient();
                } else {
                    link.toBroker(packet);
                }
            }
        };
    }
}
