package dev.recado.interop.proof;

import static dev.recado.interop.proof.Faults.repeats;
import static dev.recado.interop.proof.Faults.sends;
import static dev.recado.interop.proof.Faults.takes;
import static dev.recado.interop.proof.Mutant.mutant;
import static dev.recado.interop.proof.Packet.CONNACK;
import static dev.recado.interop.proof.Packet.CONNECT;
import static dev.recado.interop.proof.Packet.PUBLISH;
import static dev.recado.interop.proof.Packet.SUBSCRIBE;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Faults in passing messages on: flags, properties, retained messages, sizes, aliases, order. */
final class PublishMutants {

    private PublishMutants() {}

    static final List<Mutant> ALL = List.of(
            // ---- DUP, QoS, topic, payload ----
            mutant("repeats-without-dup", "v5_3_3_1_1 v5_4_3_3_3 v311_3_3_1_1", sends(PUBLISH, p -> p.flags &= ~8)),
            mutant(
                    "sends-new-messages-with-dup",
                    "v5_3_3_1_1 v5_4_3_2_2 v5_4_3_3_2 v311_3_3_1_1 v311_4_3_2_1 v311_4_3_3_1",
                    sends(PUBLISH, p -> p.flags |= p.qos() > 0 ? 8 : 0)),
            mutant(
                    "sends-dup-at-qos-0",
                    "v5_3_3_1_2 v5_4_3_1_1 v311_3_3_1_2 v311_4_3_1_1",
                    sends(PUBLISH, p -> p.flags |= p.qos() == 0 ? 8 : 0)),
            mutant(
                    "forwards-dup",
                    "v5_3_3_1_2 v5_3_3_1_3 v5_4_3_2_2 v5_4_3_3_2 v311_3_3_1_2 v311_3_3_1_3",
                    () -> new Fault() {
                        @Override
                        void fromClient(Packet packet, Link link) {
                            if (packet.is(PUBLISH) && packet.dup()) {
                                link.memory().put("dup " + packet.topic + ' ' + packet.text(), true);
                            }
                            link.toBroker(packet);
                        }

                        @Override
                        void fromBroker(Packet packet, Link link) {
                            if (packet.is(PUBLISH)
                                    && link.memory().containsKey("dup " + packet.topic + ' ' + packet.text())) {
                                packet.flags |= 8;
                            }
                            link.toClient(packet);
                        }
                    }),
            mutant("delivers-at-the-qos-of-the-message", "v5_3_8_4_8 v311_3_8_4_6", () -> new Fault() {
                private final Map<Integer, List<Packet.Filter>> asked = new HashMap<>();

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(SUBSCRIBE) && packet.filters.stream().allMatch(Packet.Filter::isValid)) {
                        asked.put(packet.id, List.copyOf(packet.filters));
                        packet.filters.replaceAll(filter -> filter.options(filter.options() & ~3 | 2));
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(Packet.SUBACK) && asked.containsKey(packet.id) && packet.code() <= 2) {
                        packet.codes.clear();
                        asked.get(packet.id).forEach(filter -> packet.codes.add(filter.options() & 3));
                    }
                    link.toClient(packet);
                }
            }),
            mutant("delivers-at-qos-0", "v5_3_8_4_7 v5_3_8_4_8 v311_3_8_4_6", sends(PUBLISH, p -> p.qos(0))),
            mutant("delivers-qos-2-at-1", "v5_3_8_4_8 v5_4_3_3_2 v311_3_8_4_6", sends(PUBLISH, p -> {
                if (p.qos() == 2) {
                    p.qos(1);
                }
            })),
            mutant("sends-qos-3", "v5_4_3_3_2 v311_4_3_3_1", sends(PUBLISH, p -> {
                if (p.qos() == 2) {
                    p.flags |= 6;
                }
            })),
            mutant("delivers-qos-0-at-1", "v5_4_3_1_1 v311_4_3_1_1 v5_3_8_4_8", sends(PUBLISH, p -> {
                if (p.qos() == 0) {
                    p.qos(1);
                    p.id = 60_000;
                }
            })),
            mutant("sends-an-identifier-at-qos-0", "v5_2_2_1_2 v311_2_3_1_5", sends(PUBLISH, p -> {
                if (p.qos() == 0) {
                    // Where MQTT 5 has Property Length, the identifier's first byte says that there are no properties.
                    byte[] payload = new byte[p.payload.length + 2];
                    payload[1] = 1;
                    System.arraycopy(p.payload, 0, payload, 2, p.payload.length);
                    p.payload = payload;
                }
            })),
            mutant(
                    "cuts-topics-at-their-last-slash",
                    "v5_3_3_2_1 v311_3_3_2_1 v5_4_7_1_1",
                    sends(
                            PUBLISH,
                            p -> p.topic = p.topic.endsWith("/") && p.topic.length() > 1
                                    ? p.topic.substring(0, p.topic.length() - 1)
                                    : p.topic)),
            mutant("sends-wildcards-in-topic-names", "v5_3_3_2_2 v311_3_3_2_2", () -> new Fault() {
                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.topic.endsWith("/last")) {
                        packet.topic = packet.topic.replace("/last", "/#");
                    }
                    link.toClient(packet);
                }
            }),
            mutant("delivers-twice", "v5_4_3_3_10 v311_4_3_3_2 v5_3_3_2_3", repeats(p -> p.is(PUBLISH))),
            mutant("loses-every-fourth-message", "v5_4_6_0_5 v5_4_6_0_6 v311_4_6_0_6", () -> new Fault() {
                private int messages;

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (!packet.is(PUBLISH) || ++messages % 4 != 0) {
                        link.toClient(packet);
                    }
                }
            }),
            mutant(
                    "swaps-every-third-message-with-the-next",
                    "v5_4_6_0_5 v5_4_6_0_6 v311_4_6_0_5 v311_4_6_0_6",
                    () -> new Fault() {
                        private int messages;
                        private Packet held;

                        @Override
                        void fromBroker(Packet packet, Link link) {
                            if (packet.is(PUBLISH) && ++messages % 3 == 0) {
                                held = packet;
                                link.later(50, () -> release(link));
                            } else {
                                link.toClient(packet);
                                release(link);
                            }
                        }

                        private void release(Link link) {
                            if (held != null) {
                                link.toClient(held);
                                held = null;
                            }
                        }
                    }),
            mutant("repeats-in-reverse-order", "v311_4_6_0_6 v5_4_4_0_1", reversingRepeats()),
            mutant("sends-pubrels-in-the-order-of-their-messages", "v311_4_6_0_6", () -> new Fault() {
                private final Map<Integer, Packet> held = new TreeMap<>();

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (!packet.is(Packet.PUBREL)) {
                        link.toClient(packet);
                        return;
                    }
                    held.put(packet.id, packet);
                    link.later(50, () -> {
                        held.values().forEach(link::toClient);
                        held.clear();
                    });
                }
            }),
            mutant("repeats-on-a-live-connection", "v5_4_4_0_1", () -> new Fault() {
                @Override
                void fromBroker(Packet packet, Link link) {
                    link.toClient(packet);
                    if (packet.is(PUBLISH) && packet.qos() > 0) {
                        Packet again = packet.copy();
                        again.flags |= 8;
                        link.later(1000, () -> link.toClient(again));
                    }
                }
            }),

            // ---- Properties ----
            mutant("drops-payload-format-indicators", "v5_3_3_2_4", dropping(Props.PAYLOAD_FORMAT)),
            mutant("takes-payload-formats-that-are-not-defined", "v5_section_3_3_2_3_2", takes(PUBLISH, p -> {
                if (p.number(Props.PAYLOAD_FORMAT) > 1) {
                    p.properties.set(Props.PAYLOAD_FORMAT, 1);
                }
            })),
            mutant("drops-content-types", "v5_3_3_2_20", dropping(Props.CONTENT_TYPE)),
            mutant("drops-response-topics", "v5_3_3_2_15", dropping(Props.RESPONSE_TOPIC)),
            mutant("drops-correlation-data", "v5_3_3_2_16", dropping(Props.CORRELATION_DATA)),
            mutant("drops-user-properties", "v5_3_3_2_17", dropping(Props.USER)),
            mutant("keeps-one-user-property-of-a-name", "v5_3_3_2_17", sends(PUBLISH, p -> {
                if (p.properties != null) {
                    Set<String> names = new HashSet<>();
                    p.properties.removeIf(prop -> prop.id() == Props.USER && !names.add(prop.name()));
                }
            })),
            mutant("reverses-user-properties", "v5_3_3_2_18", sends(PUBLISH, p -> {
                if (p.properties != null) {
                    p.properties.reverse();
                }
            })),
            mutant("keeps-no-properties-of-retained-messages", "v5_3_3_2_17", sends(PUBLISH, p -> {
                if (p.properties != null && p.retain()) {
                    p.properties.list.clear();
                }
            })),
            mutant("keeps-no-properties-of-repeated-messages", "v5_3_3_2_17", sends(PUBLISH, p -> {
                if (p.properties != null && p.dup()) {
                    p.properties.list.clear();
                }
            })),
            mutant("lets-no-message-expire", "v5_3_3_2_5 v5_section_3_3_1_3", takes(PUBLISH, p -> {
                if (p.has(Props.MESSAGE_EXPIRY)) {
                    p.properties.set(Props.MESSAGE_EXPIRY, 1_000_000);
                }
            })),
            mutant("forwards-expiry-intervals-as-they-came", "v5_3_3_2_6", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.has(Props.MESSAGE_EXPIRY) && !packet.damaged()) {
                        link.memory().put("expiry " + packet.topic, packet.number(Props.MESSAGE_EXPIRY));
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.has(Props.MESSAGE_EXPIRY)) {
                        packet.properties.set(
                                Props.MESSAGE_EXPIRY, (Long) link.memory().get("expiry " + packet.topic));
                    }
                    link.toClient(packet);
                }
            }),
            mutant("forwards-no-expiry-intervals", "v5_3_3_2_6", dropping(Props.MESSAGE_EXPIRY)),

            // ---- Retained messages ----
            mutant(
                    "retains-nothing",
                    "v5_3_3_1_5 v5_3_3_1_9 v5_section_3_8_3_1 v311_3_3_1_5 v311_3_3_1_6 v311_3_1_2_7",
                    takes(PUBLISH, p -> p.flags &= ~1)),
            mutant(
                    "retains-the-first-message-only",
                    "v5_3_3_1_5 v311_3_3_1_7 v311_3_3_1_5",
                    takes(PUBLISH, (p, link) -> {
                        if (p.retain()
                                && p.payload.length > 0
                                && link.memory().put("retained " + p.topic, true) != null) {
                            p.flags &= ~1;
                        }
                    })),
            mutant("retains-at-qos-0", "v5_3_3_1_5 v311_3_3_1_5", sends(PUBLISH, p -> {
                if (p.retain()) {
                    p.qos(0);
                }
            })),
            mutant("keeps-no-messages-of-qos-0", "v5_3_3_1_5 v311_3_3_1_7", takes(PUBLISH, p -> {
                if (p.qos() == 0 && p.payload.length > 0) {
                    p.flags &= ~1;
                }
            })),
            mutant("empty-messages-clear-nothing", "v5_3_3_1_6 v311_3_3_1_10", takes(PUBLISH, p -> {
                if (p.payload.length == 0) {
                    p.flags &= ~1;
                }
            })),
            mutant("retains-empty-messages", "v5_3_3_1_7 v5_3_3_1_6 v311_3_3_1_11 v311_3_3_1_10", () -> new Fault() {
                // The broker retains a stand-in.
                private static final String STAND_IN = "(empty)";

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.retain() && packet.payload.length == 0) {
                        packet.payload = STAND_IN.getBytes(StandardCharsets.US_ASCII);
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.text().equals(STAND_IN)) {
                        packet.payload = new byte[0];
                    }
                    link.toClient(packet);
                }
            }),
            mutant("retains-every-message", "v5_3_3_1_8 v311_3_3_1_12", takes(PUBLISH, p -> p.flags |= 1)),
            mutant("ordinary-messages-clear-what-is-retained", "v5_3_3_1_8 v311_3_3_1_12", takes(PUBLISH, (p, link) -> {
                if (!p.retain() && !p.topic.isEmpty() && p.payload.length == 0) {
                    p.flags |= 1;
                }
            })),
            mutant("forgets-retained-messages-with-their-publisher", "v5_3_3_1_5 v311_3_1_2_7", () -> new Fault() {
                private final List<Packet> mine = new ArrayList<>();

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.retain()) {
                        Packet clear = packet.copy();
                        clear.payload = new byte[0];
                        clear.qos(0);
                        mine.add(clear);
                    } else if (packet.is(Packet.DISCONNECT)) {
                        mine.forEach(link::toBroker);
                    }
                    link.toBroker(packet);
                }
            }),
            mutant(
                    "sends-retained-messages-without-retain",
                    "v5_section_3_8_3_1 v311_3_3_1_8",
                    sends(PUBLISH, p -> p.flags &= ~1)),
            mutant(
                    "sends-live-messages-with-retain",
                    "v5_3_3_1_12 v5_3_3_1_13 v311_3_3_1_9",
                    sends(PUBLISH, p -> p.flags |= 1)),
            mutant("sends-one-retained-message-for-a-wildcard", "v5_3_3_1_9 v311_3_3_1_6", () -> new Fault() {
                private boolean sent;

                @Override
                void fromClient(Packet packet, Link link) {
                    sent &= !packet.is(SUBSCRIBE);
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.retain()) {
                        if (sent) {
                            return;
                        }
                        sent = true;
                    }
                    link.toClient(packet);
                }
            }),

            // ---- What the client can take ----
            mutant(
                    "sends-packets-of-any-size",
                    "v5_3_1_2_24 v5_3_1_2_25",
                    takes(CONNECT, p -> p.remove(Props.MAXIMUM_PACKET_SIZE))),
            mutant("takes-a-packet-of-the-maximum-size-for-too-large", "v5_3_1_2_24", takes(CONNECT, p -> {
                long maximum = p.number(Props.MAXIMUM_PACKET_SIZE);
                if (maximum > 60) {
                    p.properties.set(Props.MAXIMUM_PACKET_SIZE, maximum - 1);
                }
            })),
            mutant("keeps-messages-that-are-too-large", "v5_3_1_2_25", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(CONNECT)) {
                        packet.remove(Props.MAXIMUM_PACKET_SIZE);
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    // Not acknowledged either, so that the broker keeps it.
                    long maximum = link.connect() == null ? 0 : link.connect().number(Props.MAXIMUM_PACKET_SIZE);
                    if (maximum == 0 || packet.bytes().length <= maximum) {
                        link.toClient(packet);
                    }
                }
            }),
            mutant("ignores-receive-maximum", "v5_3_3_4_9 v5_4_9_0_1 v5_4_9_0_2", takes(CONNECT, p -> {
                if (p.number(Props.RECEIVE_MAXIMUM) > 0) {
                    p.remove(Props.RECEIVE_MAXIMUM);
                }
            })),
            mutant("sends-one-more-than-receive-maximum", "v5_3_3_4_9 v5_4_9_0_1", takes(CONNECT, p -> {
                if (p.number(Props.RECEIVE_MAXIMUM) > 0) {
                    p.properties.set(Props.RECEIVE_MAXIMUM, p.number(Props.RECEIVE_MAXIMUM) + 1);
                }
            })),
            mutant("does-not-count-repeated-messages", "v5_3_3_4_9", takes(CONNECT, p -> {
                if (p.number(Props.RECEIVE_MAXIMUM) > 0 && !p.cleanStart()) {
                    p.remove(Props.RECEIVE_MAXIMUM);
                }
            })),
            mutant("holds-everything-back-without-quota", "v5_3_3_4_10 v5_4_9_0_3", () -> new Fault() {
                private int underWay;
                private final List<Packet> held = new ArrayList<>();

                @Override
                void fromClient(Packet packet, Link link) {
                    link.toBroker(packet);
                    if (packet.is(Packet.PUBACK, Packet.PUBCOMP)) {
                        underWay--;
                        held.forEach(link::toClient);
                        held.clear();
                    }
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    underWay += packet.is(PUBLISH) && packet.qos() > 0 ? 1 : 0;
                    long maximum = link.connect() == null ? 0 : link.connect().number(Props.RECEIVE_MAXIMUM);
                    if (maximum > 0 && underWay >= maximum && !packet.is(PUBLISH)) {
                        held.add(packet);
                    } else {
                        link.toClient(packet);
                    }
                }
            }),
            mutant("takes-no-more-than-two-at-qos-2", "v5_section_3_2_2_3_3", () -> new Fault() {
                private int open;

                @Override
                void fromClient(Packet packet, Link link) {
                    open += packet.is(PUBLISH) && packet.qos() == 2 && !packet.dup() ? 1 : 0;
                    open -= packet.is(Packet.PUBREL) ? 1 : 0;
                    if (open > 4) {
                        Packet quota = new Packet(Packet.DISCONNECT, 5);
                        quota.code(0x93);
                        link.toClient(quota);
                        link.endClient();
                        link.cutBroker();
                    } else {
                        link.toBroker(packet);
                    }
                }
            }),

            // ---- Topic Aliases ----
            mutant("sends-aliases-unasked", "v5_3_1_2_27 v5_3_3_2_11", sends(PUBLISH, p -> {
                if (p.properties != null && !p.has(Props.TOPIC_ALIAS)) {
                    p.properties.set(Props.TOPIC_ALIAS, 1);
                }
            })),
            mutant("sends-aliases-over-the-maximum", "v5_3_1_2_26 v5_3_3_2_11", sends(PUBLISH, (p, link) -> {
                if (link.connect() != null
                        && link.connect().number(Props.TOPIC_ALIAS_MAXIMUM) > 0
                        && !p.topic.isEmpty()) {
                    p.properties.set(Props.TOPIC_ALIAS, link.connect().number(Props.TOPIC_ALIAS_MAXIMUM) + 1);
                }
            })),
            mutant("remembers-its-aliases-on-the-next-connection", "v5_3_3_2_7", sends(PUBLISH, (p, link) -> {
                if (link.connect() != null && link.connect().number(Props.TOPIC_ALIAS_MAXIMUM) > 0) {
                    if (link.memory().put("told " + link.connect().clientId + ' ' + p.topic, true) != null) {
                        p.topic = "";
                    }
                    p.properties.set(Props.TOPIC_ALIAS, 1);
                }
            })),
            mutant("remembers-clients-aliases-on-the-next-connection", "v5_3_3_2_7", takes(PUBLISH, (p, link) -> {
                if (p.has(Props.TOPIC_ALIAS) && link.connect() != null) {
                    String key = "alias " + link.connect().clientId + ' ' + p.number(Props.TOPIC_ALIAS);
                    if (!p.topic.isEmpty()) {
                        link.memory().put(key, p.topic);
                    } else if (link.memory().get(key) instanceof String known) {
                        p.topic = known;
                    }
                }
            })),
            mutant("takes-alias-0-for-none", "v5_3_3_2_8", takes(PUBLISH, p -> {
                if (p.has(Props.TOPIC_ALIAS) && p.number(Props.TOPIC_ALIAS) == 0) {
                    p.remove(Props.TOPIC_ALIAS);
                }
            })),
            mutant("takes-one-alias-less-than-announced", "v5_3_3_2_12", sends(CONNACK, p -> {
                if (p.number(Props.TOPIC_ALIAS_MAXIMUM) > 0) {
                    p.properties.set(Props.TOPIC_ALIAS_MAXIMUM, p.number(Props.TOPIC_ALIAS_MAXIMUM) + 1);
                }
            })),
            mutant("keeps-the-first-topic-of-an-alias", "v5_section_3_3_2_3_4", () -> new Fault() {
                private final Map<Long, String> first = new HashMap<>();

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.has(Props.TOPIC_ALIAS) && !packet.damaged()) {
                        String topic = first.putIfAbsent(packet.number(Props.TOPIC_ALIAS), packet.topic);
                        if (topic != null && packet.topic.isEmpty()) {
                            packet.topic = topic;
                        }
                    }
                    link.toBroker(packet);
                }
            }),
            mutant("forwards-clients-aliases", "v5_section_3_3_2_3_4", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.has(Props.TOPIC_ALIAS) && packet.qos() > 0) {
                        link.memory().put("aliased " + packet.text(), packet.number(Props.TOPIC_ALIAS));
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && link.memory().get("aliased " + packet.text()) instanceof Long alias) {
                        packet.properties.set(Props.TOPIC_ALIAS, alias);
                    }
                    link.toClient(packet);
                }
            }),
            mutant("resolves-aliases-at-qos-0-only", "v5_section_3_3_2_3_4", withholdsAliasedAbove0()),
            mutant("takes-an-unknown-alias-for-a-topic", "v5_section_3_3_4", () -> new Fault() {
                private boolean known;

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.has(Props.TOPIC_ALIAS)) {
                        if (packet.topic.isEmpty() && !known && packet.number(Props.TOPIC_ALIAS) > 0) {
                            packet.topic = "unknown";
                        }
                        known = true;
                    }
                    link.toBroker(packet);
                }
            }));

    private static Supplier<Fault> dropping(int property) {
        return sends(PUBLISH, p -> p.remove(property));
    }

    private static Supplier<Fault> withholdsAliasedAbove0() {
        return Faults.ignores(p -> p.is(PUBLISH) && p.has(Props.TOPIC_ALIAS) && p.topic.isEmpty() && p.qos() > 0);
    }

    /** What is sent again on a new connection comes last first. */
    private static Supplier<Fault> reversingRepeats() {
        return () -> new Fault() {
            private final List<Packet> repeats = new ArrayList<>();
            private boolean live;

            @Override
            void fromClient(Packet packet, Link link) {
                live |= !packet.is(CONNECT);
                link.toBroker(packet);
            }

            @Override
            void fromBroker(Packet packet, Link link) {
                if (packet.is(CONNACK) && packet.acknowledgeFlags == 1) {
                    link.toClient(packet);
                    link.later(100, () -> {
                        repeats.forEach(link::toClient);
                        repeats.clear();
                        live = true;
                    });
                } else if (packet.is(PUBLISH)
                        && !live
                        && link.connect() != null
                        && !link.connect().cleanStart()) {
                    repeats.add(0, packet);
                } else {
                    link.toClient(packet);
                }
            }
        };
    }
}
