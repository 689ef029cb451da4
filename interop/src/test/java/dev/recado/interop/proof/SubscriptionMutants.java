package dev.recado.interop.proof;

import static dev.recado.interop.proof.Faults.sends;
import static dev.recado.interop.proof.Faults.takes;
import static dev.recado.interop.proof.Mutant.mutant;
import static dev.recado.interop.proof.Packet.CONNACK;
import static dev.recado.interop.proof.Packet.CONNECT;
import static dev.recado.interop.proof.Packet.PUBACK;
import static dev.recado.interop.proof.Packet.PUBLISH;
import static dev.recado.interop.proof.Packet.PUBREC;
import static dev.recado.interop.proof.Packet.SUBACK;
import static dev.recado.interop.proof.Packet.SUBSCRIBE;
import static dev.recado.interop.proof.Packet.UNSUBACK;
import static dev.recado.interop.proof.Packet.UNSUBSCRIBE;

import dev.recado.interop.proof.Packet.Filter;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Faults in subscriptions: what they match, what they ask for, how they begin and end. */
final class SubscriptionMutants {

    private static final int NO_LOCAL = 4;
    private static final int RETAIN_AS_PUBLISHED = 8;
    private static final int RETAIN_HANDLING = 0x30;
    private static final int RETAINED_IF_NEW = 0x10;
    private static final int NO_RETAINED = 0x20;
    private static final String SHARE = "$share/";

    private SubscriptionMutants() {}

    static final List<Mutant> ALL = List.of(
            // ---- SUBACK ----
            mutant(
                    "reverses-codes-of-suback",
                    "v5_3_9_3_1 v311_3_9_3_1",
                    sends(SUBACK, p -> Collections.reverse(p.codes))),
            mutant(
                    "sends-suback-with-the-first-code-only",
                    "v5_3_8_4_6 v311_3_8_4_5",
                    sends(SUBACK, p -> p.codes.subList(1, p.codes.size()).clear())),
            mutant(
                    "sends-suback-with-one-code-too-many",
                    "v5_3_8_4_6 v311_3_8_4_5",
                    sends(SUBACK, p -> p.codes.add(0))),
            mutant("sends-suback-with-a-code-of-unsuback", "v5_3_9_3_2 v311_3_9_3_2", sends(SUBACK, p -> {
                p.codes.set(0, 0x11);
            })),
            mutant("answers-each-filter-on-its-own", "v5_3_8_4_5 v311_3_8_4_4", () -> new Fault() {
                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(SUBACK)) {
                        for (int code : List.copyOf(packet.codes)) {
                            packet.code(code);
                            link.toClient(packet);
                        }
                    } else {
                        link.toClient(packet);
                    }
                }
            }),
            mutant("subscribes-to-the-first-filter-only", "v5_3_8_4_5 v311_3_8_4_4", subscribingFirst()),
            mutant("grants-more-than-it-delivers", "v5_3_8_4_7", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(SUBSCRIBE) && packet.filters.stream().allMatch(Filter::isValid)) {
                        packet.filters.replaceAll(filter -> filter.options(filter.options() & ~3));
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(SUBACK) && packet.code() == 0) {
                        packet.codes.set(0, 1);
                    }
                    link.toClient(packet);
                }
            }),
            mutant(
                    "refuses-qos-2-instead-of-lowering-it",
                    "v5_3_2_2_10",
                    sends(SUBACK, p -> p.codes.replaceAll(code -> code == 2 ? 0x80 : code))),

            // ---- Options ----
            mutant(
                    "ignores-no-local",
                    "v5_3_8_3_3 v5_3_8_4_3",
                    takes(SUBSCRIBE, ordinary(f -> f.options(f.options() & ~NO_LOCAL)))),
            mutant("sends-nobody-his-own-messages", "v5_3_8_3_3", takes(SUBSCRIBE, p -> {
                if (p.version == 5) {
                    p.filters.replaceAll(f -> f.text().startsWith(SHARE) ? f : f.options(f.options() | NO_LOCAL));
                }
            })),
            mutant("forgets-no-local-with-the-connection", "v5_3_8_3_3", () -> new Fault() {
                private boolean resumed;

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(SUBSCRIBE) && packet.filters.size() == 1 && !packet.damaged()) {
                        link.memory().put("subscription " + link.connect().clientId, packet.copy());
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(SUBACK) && packet.id == 0xFFFE && resumed) {
                        return;
                    }
                    link.toClient(packet);
                    if (packet.is(CONNACK)
                            && packet.acknowledgeFlags == 1
                            && link.memory().get("subscription " + link.connect().clientId) instanceof Packet before
                            && (before.filters.get(0).options() & NO_LOCAL) != 0) {
                        resumed = true;
                        Packet again = before.copy();
                        again.id = 0xFFFE;
                        again.filters.replaceAll(f -> f.options(f.options() & ~NO_LOCAL | NO_RETAINED));
                        link.toBroker(again);
                    }
                }
            }),
            mutant(
                    "takes-no-local-for-shared-subscriptions",
                    "v5_3_8_3_4",
                    takes(
                            SUBSCRIBE,
                            p -> p.filters.replaceAll(
                                    f -> f.text().startsWith(SHARE) ? f.options(f.options() & ~NO_LOCAL) : f))),
            mutant(
                    "clears-retain-of-what-is-forwarded",
                    "v5_3_3_1_13 v5_3_8_4_3",
                    takes(SUBSCRIBE, ordinary(f -> f.options(f.options() & ~RETAIN_AS_PUBLISHED)))),
            mutant("forwards-retain-always", "v5_3_3_1_12 v5_3_8_4_3", takes(SUBSCRIBE, p -> {
                if (p.version == 5) {
                    p.filters.replaceAll(f -> f.options(f.options() | RETAIN_AS_PUBLISHED));
                }
            })),
            mutant("loses-retain-of-messages-that-wait", "v5_3_3_1_13", () -> new Fault() {
                private boolean live;

                @Override
                void fromClient(Packet packet, Link link) {
                    live |= !packet.is(CONNECT);
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && !live) {
                        packet.flags &= ~1;
                    }
                    link.toClient(packet);
                }
            }),
            mutant("keeps-retain-of-messages-that-wait", "v311_3_3_1_9", () -> new Fault() {
                private boolean live;

                @Override
                void fromClient(Packet packet, Link link) {
                    live |= !packet.is(CONNECT);
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && !live) {
                        packet.flags |= 1;
                    }
                    link.toClient(packet);
                }
            }),
            mutant("takes-retain-handling-0-for-1", "v5_3_3_1_9 v5_3_8_4_4", takes(SUBSCRIBE, p -> {
                if (p.version == 5) {
                    p.filters.replaceAll(
                            f -> (f.options() & RETAIN_HANDLING) == 0 ? f.options(f.options() | RETAINED_IF_NEW) : f);
                }
            })),
            mutant(
                    "takes-retain-handling-1-for-0",
                    "v5_3_3_1_10",
                    takes(
                            SUBSCRIBE,
                            ordinary(f -> (f.options() & RETAIN_HANDLING) == RETAINED_IF_NEW
                                    ? f.options(f.options() & ~RETAIN_HANDLING)
                                    : f))),
            mutant(
                    "takes-retain-handling-1-for-2",
                    "v5_3_3_1_10",
                    takes(
                            SUBSCRIBE,
                            ordinary(f -> (f.options() & RETAIN_HANDLING) == RETAINED_IF_NEW
                                    ? f.options(f.options() ^ RETAIN_HANDLING)
                                    : f))),
            mutant(
                    "takes-retain-handling-2-for-0",
                    "v5_3_3_1_11",
                    takes(
                            SUBSCRIBE,
                            ordinary(f -> (f.options() & RETAIN_HANDLING) == NO_RETAINED
                                    ? f.options(f.options() & ~RETAIN_HANDLING)
                                    : f))),
            mutant(
                    "takes-retain-handling-2-for-1",
                    "v5_3_3_1_11",
                    takes(
                            SUBSCRIBE,
                            ordinary(f -> (f.options() & RETAIN_HANDLING) == NO_RETAINED
                                    ? f.options(f.options() ^ RETAIN_HANDLING)
                                    : f))),
            mutant("takes-subscriptions-of-the-session-for-new", "v5_3_3_1_10", () -> new Fault() {
                private boolean resumed;

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(SUBSCRIBE) && resumed && !packet.damaged()) {
                        packet.filters.replaceAll(f -> f.options(f.options() & ~RETAIN_HANDLING));
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    resumed |= packet.is(CONNACK) && packet.acknowledgeFlags == 1;
                    link.toClient(packet);
                }
            }),
            mutant(
                    "sends-retained-messages-for-new-subscriptions-only",
                    "v5_3_3_1_9 v5_3_8_4_4 v311_3_8_4_3",
                    () -> new Fault() {
                        private final Set<String> known = new HashSet<>();
                        private boolean old;

                        @Override
                        void fromClient(Packet packet, Link link) {
                            if (packet.is(SUBSCRIBE) && !packet.damaged() && !packet.filters.isEmpty()) {
                                old = !known.add(packet.filters.get(0).text());
                            } else if (packet.is(UNSUBSCRIBE)) {
                                packet.filters.forEach(filter -> known.remove(filter.text()));
                            }
                            link.toBroker(packet);
                        }

                        @Override
                        void fromBroker(Packet packet, Link link) {
                            if (!packet.is(PUBLISH) || !packet.retain() || !old) {
                                link.toClient(packet);
                            }
                        }
                    }),

            // ---- A subscription instead of another ----
            mutant("keeps-the-earlier-subscription", "v5_3_8_4_3 v311_3_8_4_3", takes(SUBSCRIBE, (p, link) -> {
                for (int i = 0; i < p.filters.size(); i++) {
                    Filter filter = p.filters.get(i);
                    if (!filter.isValid()) {
                        return;
                    }
                    int first = (Integer) link.memory()
                            .computeIfAbsent(
                                    "options " + link.connect().clientId + ' ' + filter.text(),
                                    key -> filter.options());
                    p.filters.set(i, filter.options(first));
                }
            })),
            mutant("delivers-for-the-earlier-subscription-too", "v5_3_8_4_3 v311_3_8_4_3", () -> new Fault() {
                private final Map<String, Integer> times = new HashMap<>();

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(SUBSCRIBE)) {
                        packet.filters.forEach(filter -> times.merge(filter.text(), 1, Integer::sum));
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    link.toClient(packet);
                    if (packet.is(PUBLISH) && times.getOrDefault(packet.topic, 0) > 1 && !packet.retain()) {
                        link.toClient(packet);
                    }
                }
            }),
            mutant("loses-a-message-while-it-replaces-a-subscription", "v5_3_8_4_4 v311_3_8_4_3", () -> new Fault() {
                private final Set<String> known = new HashSet<>();
                private int replaced;
                private boolean lost;

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(SUBSCRIBE) && !packet.filters.isEmpty()) {
                        replaced += known.add(packet.filters.get(0).text()) ? 0 : 1;
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && !packet.retain() && replaced > 5 && !lost) {
                        lost = true;
                    } else {
                        link.toClient(packet);
                    }
                }
            }),
            mutant("keeps-the-earlier-subscription-identifier", "v5_3_8_4_3", takes(SUBSCRIBE, (p, link) -> {
                if (p.version == 5 && p.filters.size() == 1 && !p.properties.repeats()) {
                    long own = p.number(Props.SUBSCRIPTION_ID);
                    long first = (Long) link.memory()
                            .computeIfAbsent(
                                    "identifier " + link.connect().clientId + ' '
                                            + p.filters.get(0).text(),
                                    key -> own);
                    if (first > 0) {
                        p.properties.set(Props.SUBSCRIPTION_ID, first);
                    }
                }
            })),

            // ---- Subscription Identifiers ----
            mutant(
                    "drops-subscription-identifiers",
                    "v5_3_3_4_3 v5_3_3_4_4 v5_3_3_4_5",
                    sends(PUBLISH, p -> p.remove(Props.SUBSCRIPTION_ID))),
            mutant("repeats-subscription-identifiers", "v5_3_3_4_3 v5_3_3_4_4", sends(PUBLISH, p -> {
                if (p.has(Props.SUBSCRIPTION_ID)) {
                    p.properties.add(Props.SUBSCRIPTION_ID, p.number(Props.SUBSCRIPTION_ID));
                }
            })),
            mutant("sends-the-first-subscription-identifier-only", "v5_3_3_4_4 v5_3_3_4_5", sends(PUBLISH, p -> {
                if (p.has(Props.SUBSCRIPTION_ID)) {
                    p.properties.set(Props.SUBSCRIPTION_ID, p.number(Props.SUBSCRIPTION_ID));
                }
            })),
            mutant("cuts-subscription-identifiers-to-two-bytes", "v5_3_3_4_3", takes(SUBSCRIBE, p -> {
                if (p.number(Props.SUBSCRIPTION_ID) > 0xFFFF) {
                    p.properties.set(Props.SUBSCRIPTION_ID, p.number(Props.SUBSCRIPTION_ID) & 0xFFFF);
                }
            })),
            mutant("takes-subscription-identifier-0-for-none", "v5_section_3_8_2_1_2", takes(SUBSCRIBE, p -> {
                if (p.number(Props.SUBSCRIPTION_ID) == 0) {
                    p.remove(Props.SUBSCRIPTION_ID);
                }
            })),
            mutant("takes-several-subscription-identifiers", "v5_section_3_8_2_1_2", takes(SUBSCRIBE, p -> {
                if (p.has(Props.SUBSCRIPTION_ID)) {
                    p.properties.set(Props.SUBSCRIPTION_ID, p.number(Props.SUBSCRIPTION_ID));
                }
            })),

            // ---- Overlapping subscriptions ----
            mutant(
                    "delivers-overlapping-subscriptions-at-the-lowest-qos",
                    "v5_3_3_4_2 v311_3_3_5_1",
                    takes(SUBSCRIBE, (p, link) -> {
                        // The lowest of all on this connection.
                        for (int i = 0; i < p.filters.size(); i++) {
                            Filter filter = p.filters.get(i);
                            if (!filter.isValid()
                                    || filter.text().isEmpty()
                                    || filter.text().startsWith("$")) {
                                return;
                            }
                            String parent = filter.text().replaceFirst("/[^/]*$", "");
                            int lowest = (Integer) link.memory()
                                    .merge(
                                            "qos " + link.connect().clientId + ' ' + parent,
                                            filter.options() & 3,
                                            (a, b) -> Math.min((Integer) a, (Integer) b));
                            if (lowest < (filter.options() & 3) || filter.text().endsWith("+")) {
                                p.filters.set(i, filter.options(filter.options() & ~3));
                            }
                        }
                    })),

            // ---- UNSUBSCRIBE ----
            mutant(
                    "answers-unsubscribe-and-goes-on",
                    "v5_3_10_4_1 v5_3_10_4_2 v5_3_10_4_6 v5_section_3_10_4 v311_3_10_4_1 v311_3_10_4_2 v311_3_10_4_6",
                    () -> new Fault() {
                        @Override
                        void fromClient(Packet packet, Link link) {
                            if (packet.is(UNSUBSCRIBE) && !packet.damaged() && !packet.filters.isEmpty()) {
                                Packet answer = new Packet(UNSUBACK, packet.version);
                                answer.id = packet.id;
                                if (packet.version == 5) {
                                    packet.filters.forEach(filter -> answer.codes.add(0));
                                }
                                link.toClient(answer);
                            } else {
                                link.toBroker(packet);
                            }
                        }
                    }),
            mutant("unsubscribes-from-the-first-filter-only", "v5_3_10_4_6 v311_3_10_4_6", () -> new Fault() {
                private int others;

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(UNSUBSCRIBE) && packet.filters.size() > 1 && !packet.damaged()) {
                        others = packet.filters.size() - 1;
                        packet.filters.subList(1, packet.filters.size()).clear();
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(UNSUBACK) && packet.version == 5) {
                        for (; others > 0; others--) {
                            packet.codes.add(0);
                        }
                    }
                    link.toClient(packet);
                }
            }),
            mutant("answers-each-filter-of-unsubscribe-on-its-own", "v5_3_10_4_6 v311_3_10_4_6", () -> new Fault() {
                private int filters;

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(UNSUBSCRIBE)) {
                        filters = packet.filters.size();
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    link.toClient(packet);
                    if (packet.is(UNSUBACK)) {
                        for (int i = 1; i < filters; i++) {
                            link.toClient(packet);
                        }
                    }
                }
            }),
            mutant(
                    "unsubscribes-without-regard-to-case",
                    "v5_3_10_4_1 v311_3_10_4_1",
                    takes(
                            UNSUBSCRIBE,
                            p -> p.filters.replaceAll(f -> f.text().startsWith(SHARE)
                                    ? f
                                    : f.text(f.text().toLowerCase(Locale.ROOT))))),
            mutant(
                    "unsubscribes-from-what-a-wildcard-matches",
                    "v5_3_10_4_1 v311_3_10_4_1",
                    takes(
                            UNSUBSCRIBE,
                            p -> p.filters.replaceAll(f -> f.text(f.text().replace("/+", "/a"))))),
            mutant("leaves-filters-that-it-does-not-know-unanswered", "v311_3_10_4_5 v5_3_10_4_5", () -> new Fault() {
                private final Set<String> known = new HashSet<>();

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(SUBSCRIBE)) {
                        packet.filters.forEach(filter -> known.add(filter.text()));
                    }
                    if (!packet.is(UNSUBSCRIBE)
                            || packet.damaged()
                            || packet.filters.stream().anyMatch(filter -> known.contains(filter.text()))) {
                        link.toBroker(packet);
                    }
                }
            }),
            mutant("reverses-codes-of-unsuback", "v5_3_11_3_1", sends(UNSUBACK, p -> Collections.reverse(p.codes))),
            mutant("sends-unsuback-without-codes", "v5_3_11_3_2", sends(UNSUBACK, p -> p.codes.clear())),
            mutant("sends-unsuback-with-a-code-of-suback", "v5_3_11_3_2", sends(UNSUBACK, p -> {
                if (!p.codes.isEmpty()) {
                    p.codes.set(0, 0x01);
                }
            })),
            mutant("drops-what-is-under-way-at-unsubscribe", "v5_3_10_4_3 v311_3_10_4_3", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(UNSUBSCRIBE)) {
                        packet.filters.forEach(filter -> link.memory().put("unsubscribed " + filter.text(), true));
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (!packet.is(PUBLISH)
                            || !packet.dup()
                            || !link.memory().containsKey("unsubscribed " + packet.topic)) {
                        link.toClient(packet);
                    }
                }
            }),
            mutant("answers-no-pubrec-behind-unsubscribe", "v5_3_10_4_3 v311_3_10_4_3", () -> new Fault() {
                private boolean unsubscribed;

                @Override
                void fromClient(Packet packet, Link link) {
                    unsubscribed |= packet.is(UNSUBSCRIBE);
                    if (!packet.is(PUBREC) || !unsubscribed) {
                        link.toBroker(packet);
                    }
                }
            }),
            mutant("brings-back-subscriptions-with-the-session", "v5_3_10_4_2 v311_3_10_4_2", () -> new Fault() {
                private boolean persistent;

                @Override
                void fromClient(Packet packet, Link link) {
                    persistent |= packet.is(CONNECT) && !packet.cleanStart();
                    if (packet.is(UNSUBSCRIBE) && persistent && !packet.damaged()) {
                        Packet answer = new Packet(UNSUBACK, packet.version);
                        answer.id = packet.id;
                        if (packet.version == 5) {
                            packet.filters.forEach(filter -> answer.codes.add(0));
                        }
                        link.toClient(answer);
                    } else {
                        link.toBroker(packet);
                    }
                }
            }),

            // ---- Filters and names ----
            mutant(
                    "takes-plus-for-hash",
                    "v5_4_7_1_2 v311_4_7_1_3 v5_3_3_1_9",
                    matching(f -> f.endsWith("/+") ? f.substring(0, f.length() - 1) + '#' : f)),
            mutant(
                    "takes-hash-for-plus",
                    "v5_4_7_1_1 v311_4_7_1_2 v5_3_3_1_9 v311_3_3_1_6",
                    matching(f -> f.endsWith("/#") && !f.endsWith("+/#") ? f.substring(0, f.length() - 1) + '+' : f)),
            mutant(
                    "takes-plus-for-a-name",
                    "v5_4_7_1_2 v311_4_7_1_3 v311_3_8_3_2",
                    matching(f -> f.contains("#") ? f : f.replace("+", "plus"))),
            mutant(
                    "matches-whatever-begins-alike",
                    "v5_3_3_2_3 v311_3_3_2_3",
                    matching(f -> f.endsWith("/wanted") ? f.replace("/wanted", "/#") : f)),
            mutant(
                    "matches-without-regard-to-case",
                    "v5_section_4_7_3 v5_4_7_3_4 v311_section_4_7_3 v311_4_7_3_4",
                    takesNames(name -> name.toLowerCase(Locale.ROOT))),
            mutant(
                    "takes-a-slash-at-the-end-for-nothing",
                    "v5_section_4_7_3 v311_section_4_7_3",
                    takesNames(name ->
                            name.length() > 2 && name.endsWith("/") ? name.substring(0, name.length() - 1) : name)),
            mutant(
                    "takes-two-slashes-for-one",
                    "v5_section_4_7_3 v311_section_4_7_3",
                    takesNames(name -> name.length() > 2 ? name.replace("//", "/") : name)),
            mutant("normalizes-names", "v5_4_7_3_4 v311_4_7_3_4", takesNames(SubscriptionMutants::normalized)),
            mutant(
                    "matches-dollar-with-leading-wildcards",
                    "v5_4_7_2_1 v311_4_7_2_1",
                    sends(
                            PUBLISH,
                            (p, link) -> {
                                // Who asks for everything is shown one such topic.
                                if (link.memory().containsKey("everything " + link.connect().clientId)) {
                                    p.topic = "$" + p.topic;
                                }
                            },
                            SUBSCRIBE,
                            (p, link) -> {
                                if (p.filters.stream()
                                        .anyMatch(f -> f.text().startsWith("#")
                                                || f.text().startsWith("+/"))) {
                                    link.memory().put("everything " + link.connect().clientId, true);
                                }
                            })),

            // ---- Shared subscriptions ----
            mutant("takes-shared-subscriptions-for-ordinary", "v5_section_4_8_2", takes(SUBSCRIBE, ordinary(f -> {
                String topic = topicOfGroup(f);
                return topic == null || topic.isEmpty() ? f : f.text(topic);
            }))),
            mutant(
                    "knows-one-group-only",
                    "v5_section_4_8_2",
                    matching(f -> f.startsWith("$share/other/") ? f.replace("$share/other/", "$share/kit/") : f)),
            mutant(
                    "knows-no-group-names-but-words",
                    "v5_4_8_2_1",
                    sends(
                            SUBACK,
                            (p, link) -> {
                                if (link.memory().remove("odd " + link.connect().clientId) != null) {
                                    p.codes.set(0, 0x8F);
                                }
                            },
                            SUBSCRIBE,
                            (p, link) -> {
                                if (p.filters.stream()
                                        .anyMatch(f -> f.text().startsWith(SHARE)
                                                && !f.text().matches("\\$share/\\w+/.*"))) {
                                    link.memory().put("odd " + link.connect().clientId, true);
                                }
                            })),
            mutant("takes-empty-group-names", "v5_4_8_2_1", matching(f -> f.replace("$share//", "$share/empty/"))),
            mutant(
                    "takes-wildcards-in-group-names",
                    "v5_4_8_2_2",
                    matching(f -> f.matches("\\$share/[^/]*[+#][^/]*/.+") ? "$share/wild/" + f.split("/", 3)[2] : f)),
            mutant(
                    "takes-groups-without-a-filter",
                    "v5_4_8_2_2",
                    matching(f -> f.matches("\\$share/[^/+#]+/?") ? "$share/g/all" : f)),
            mutant(
                    "serves-members-at-one-qos",
                    "v5_4_8_2_3",
                    takes(SUBSCRIBE, ordinary(f -> f.text().startsWith(SHARE) ? f.options(f.options() & ~3) : f))),
            mutant(
                    "serves-members-at-the-qos-of-the-message",
                    "v5_4_8_2_3",
                    takes(SUBSCRIBE, ordinary(f -> f.text().startsWith(SHARE) ? f.options(f.options() & ~3 | 2) : f))),
            mutant("sends-retained-messages-to-groups", "v5_section_4_8_2", () -> new Fault() {
                private final List<Packet> retained = new ArrayList<>();

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.retain()) {
                        link.memory().put("retained " + packet.topic, packet.copy());
                    }
                    if (packet.is(SUBSCRIBE) && !packet.damaged()) {
                        for (Filter filter : packet.filters) {
                            if (topicOfGroup(filter) != null
                                    && link.memory().get("retained " + topicOfGroup(filter)) instanceof Packet last) {
                                retained.add(last.copy());
                            }
                        }
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    link.toClient(packet);
                    if (packet.is(SUBACK)) {
                        retained.forEach(last -> {
                            last.qos(0);
                            link.toClient(last);
                        });
                        retained.clear();
                    }
                }
            }),
            mutant("still-chooses-members-that-have-gone", "v5_section_4_8_2", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(UNSUBSCRIBE)
                            && packet.filters.stream().anyMatch(f -> f.text().startsWith(SHARE))) {
                        packet.filters.replaceAll(f -> f.text("kit/nothing"));
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(UNSUBACK) && packet.codes.size() == 1) {
                        packet.code(0);
                    }
                    link.toClient(packet);
                }
            }),
            mutant("shared-subscriptions-displace-ordinary-ones", "v5_section_4_8_2", () -> new Fault() {
                private final Set<String> ordinary = new HashSet<>();
                private final Set<String> displaced = new HashSet<>();

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(SUBSCRIBE) && !packet.damaged()) {
                        for (Filter filter : packet.filters) {
                            if (!filter.text().startsWith(SHARE)) {
                                ordinary.add(filter.text());
                            } else if (ordinary.contains(filter.text().split("/", 3)[2])) {
                                displaced.add(filter.text().split("/", 3)[2]);
                            }
                        }
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (!packet.is(PUBLISH) || !displaced.remove(packet.topic)) {
                        link.toClient(packet);
                    }
                }
            }),
            mutant("hands-refused-messages-to-other-members", "v5_4_8_2_6", () -> new Fault() {
                private final Map<Integer, Packet> underWay = new HashMap<>();
                private boolean member;

                @Override
                void fromClient(Packet packet, Link link) {
                    member |= packet.is(SUBSCRIBE)
                            && packet.filters.stream().anyMatch(f -> f.text().startsWith(SHARE));
                    Packet refused = packet.is(PUBACK, PUBREC) && packet.isError() ? underWay.get(packet.id) : null;
                    link.toBroker(packet);
                    if (member && refused != null) {
                        link.publishAside(refused);
                    }
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBLISH)) {
                        underWay.put(packet.id, packet.copy());
                    }
                    link.toClient(packet);
                }
            }),
            mutant("hands-on-what-was-begun-with-one-member", "v5_4_8_2_4 v5_4_8_2_5", () -> new Fault() {
                private final Map<Integer, Packet> underWay = new HashMap<>();
                private String group;

                @Override
                void fromClient(Packet packet, Link link) {
                    if (packet.is(SUBSCRIBE) && !packet.damaged() && !packet.filters.isEmpty()) {
                        group = topicOfGroup(packet.filters.get(0));
                        if (group != null) {
                            // The latest to join is the one to be given what others have not finished.
                            link.memory().put("member " + group, link);
                        }
                    } else if (packet.is(PUBACK, PUBREC)) {
                        underWay.remove(packet.id);
                    }
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(PUBLISH) && packet.qos() > 0) {
                        underWay.put(packet.id, packet.copy());
                    }
                    link.toClient(packet);
                }

                @Override
                void clientEnded(Link link) {
                    link.cutBroker();
                    if (group != null && link.memory().get("member " + group) instanceof Link other && other != link) {
                        underWay.values().forEach(message -> {
                            message.id += 1000;
                            other.later(0, () -> other.toClient(message));
                        });
                    }
                }
            }),
            mutant("ignores-unsubscribe-for-groups", "v5_section_3_10_4", ignoresGroups()));

    /** {@code null} when the filter is not that of a group. */
    private static String topicOfGroup(Filter filter) {
        String[] parts = filter.text().split("/", 3);
        return filter.text().startsWith(SHARE) && parts.length == 3 ? parts[2] : null;
    }

    private static Supplier<Fault> ignoresGroups() {
        return takes(
                UNSUBSCRIBE,
                p -> p.filters.replaceAll(f -> {
                    String[] parts = f.text().split("/", 3);
                    return f.text().startsWith(SHARE) && parts.length == 3 ? f.text(parts[2]) : f;
                }));
    }

    /** Changes options of MQTT 5 that are in range. */
    private static Consumer<Packet> ordinary(UnaryOperator<Filter> change) {
        return p -> {
            if (p.version == 5) {
                p.filters.replaceAll(filter -> filter.isValid() ? change.apply(filter) : filter);
            }
        };
    }

    private static Supplier<Fault> matching(UnaryOperator<String> filter) {
        return takes(SUBSCRIBE, p -> p.filters.replaceAll(f -> f.text(filter.apply(f.text()))));
    }

    /** The broker sees names and filters changed; subscribers see the names as they were published. */
    private static Supplier<Fault> takesNames(UnaryOperator<String> change) {
        return () -> new Fault() {
            @Override
            void fromClient(Packet packet, Link link) {
                if (packet.is(PUBLISH) && !packet.damaged()) {
                    String changed = change.apply(packet.topic);
                    link.memory().put("name " + changed + ' ' + packet.text(), packet.topic);
                    packet.topic = changed;
                } else if (packet.is(SUBSCRIBE, UNSUBSCRIBE) && !packet.damaged()) {
                    packet.filters.replaceAll(filter -> filter.text(change.apply(filter.text())));
                }
                link.toBroker(packet);
            }

            @Override
            void fromBroker(Packet packet, Link link) {
                if (packet.is(PUBLISH)
                        && link.memory().get("name " + packet.topic + ' ' + packet.text()) instanceof String name) {
                    packet.topic = name;
                }
                link.toClient(packet);
            }
        };
    }

    /** To the composed form, as Unicode has it. */
    private static String normalized(String bytes) {
        String text = new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        if (Packet.isBadString(bytes)) {
            return bytes;
        }
        return new String(
                Normalizer.normalize(text, Normalizer.Form.NFC).getBytes(StandardCharsets.UTF_8),
                StandardCharsets.ISO_8859_1);
    }

    private static Supplier<Fault> subscribingFirst() {
        return () -> new Fault() {
            private final Map<Integer, Integer> others = new HashMap<>();

            @Override
            void fromClient(Packet packet, Link link) {
                if (packet.is(SUBSCRIBE)
                        && !packet.damaged()
                        && packet.filters.size() > 1
                        && packet.filters.stream().allMatch(Filter::isValid)) {
                    others.put(packet.id, packet.filters.size() - 1);
                    packet.filters.subList(1, packet.filters.size()).clear();
                }
                link.toBroker(packet);
            }

            @Override
            void fromBroker(Packet packet, Link link) {
                if (packet.is(SUBACK) && others.containsKey(packet.id)) {
                    packet.codes.addAll(Collections.nCopies(others.remove(packet.id), 0));
                }
                link.toClient(packet);
            }
        };
    }
}
