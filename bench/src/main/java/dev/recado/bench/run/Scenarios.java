package dev.recado.bench.run;

import dev.recado.bench.broker.BrokerKind;
import dev.recado.bench.run.Flows.Shape;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Everything that is measured. */
final class Scenarios {

    private static final Set<BrokerKind> ALL = EnumSet.allOf(BrokerKind.class);
    private static final Set<BrokerKind> BUT_RELAY = EnumSet.complementOf(EnumSet.of(BrokerKind.RELAY));
    private static final Set<BrokerKind> MQTT = EnumSet.complementOf(EnumSet.of(BrokerKind.RELAY, BrokerKind.NATS));

    /** Moquette and Artemis are measured where one figure says enough: they are slow, which takes long, and lose messages. */
    private static final Set<BrokerKind> FAST =
            EnumSet.complementOf(EnumSet.of(BrokerKind.MOQUETTE, BrokerKind.ARTEMIS));

    private static final Set<BrokerKind> FAST_BUT_RELAY = without(FAST, BrokerKind.RELAY);
    private static final Set<BrokerKind> FAST_MQTT = without(FAST_BUT_RELAY, BrokerKind.NATS);

    /** Where the question is what Recado's own plain 1:1 becomes. */
    private static final Set<BrokerKind> RECADO = EnumSet.of(BrokerKind.RECADO_NIO);

    /** A round of HiveMQ CE takes as long as four of the others. */
    private static final Set<BrokerKind> STORING =
            EnumSet.of(BrokerKind.RECADO_NIO, BrokerKind.RECADO_BLOCKING, BrokerKind.MOSQUITTO);

    private static Set<BrokerKind> without(Set<BrokerKind> brokers, BrokerKind one) {
        Set<BrokerKind> rest = EnumSet.copyOf(brokers);
        rest.remove(one);
        return rest;
    }

    private static final Shape ONE_TO_ONE = Shape.of(1, 1, 1, 16);

    static final List<Scenario> LIST = List.of(
            new Scenario("1-1", "1:1, 16 B, QoS 0", ALL, Flows.throughput(ONE_TO_ONE)),
            new Scenario("1-1-1k", "1:1, 1 KiB, QoS 0", FAST, Flows.throughput(Shape.of(1, 1, 1, 1024))),
            new Scenario("fan-out", "1:100, 16 B, QoS 0", FAST, Flows.throughput(Shape.of(1, 1, 100, 16))),
            new Scenario("fan-in", "50:1, 16 B, QoS 0", FAST, Flows.throughput(Shape.of(1, 50, 1, 16))),
            new Scenario("pairs", "20 pairs, 64 B, QoS 0", FAST_BUT_RELAY, Flows.throughput(Shape.of(20, 1, 1, 64))),
            new Scenario("qos1", "1:1, 16 B, QoS 1", MQTT, Flows.throughput(ONE_TO_ONE.qos(1))),
            new Scenario(
                    "qos1-pairs",
                    "10 pairs, 16 B, QoS 1",
                    FAST_MQTT,
                    Flows.throughput(Shape.of(10, 1, 1, 16).qos(1))),
            new Scenario("qos2", "1:1, 16 B, QoS 2", FAST_MQTT, Flows.throughput(ONE_TO_ONE.qos(2))),
            new Scenario(
                    "topics", "1:1 through 10,000 topics", FAST_BUT_RELAY, Flows.throughput(ONE_TO_ONE.topics(10_000))),
            new Scenario("retain", "1:1, RETAIN set", FAST_MQTT, Flows.throughput(ONE_TO_ONE.retained())),
            new Scenario(
                    "churn",
                    "1:1 while subscriptions come and go",
                    FAST_BUT_RELAY,
                    Flows.throughput(ONE_TO_ONE, Flows.churn())),
            new Scenario(
                    "subscriptions-1k",
                    "1:1 beside 1,000 subscriptions",
                    RECADO,
                    Flows.throughput(ONE_TO_ONE, Flows.subscriptions(1_000))),
            new Scenario(
                    "subscriptions-10k",
                    "1:1 beside 10,000 subscriptions",
                    RECADO,
                    Flows.throughput(ONE_TO_ONE, Flows.subscriptions(10_000))),
            new Scenario(
                    "connections-500",
                    "1:1 beside 500 connections",
                    RECADO,
                    Flows.throughput(ONE_TO_ONE, Flows.connections(500))),
            new Scenario(
                    "connections-5k",
                    "1:1 beside 5,000 connections",
                    RECADO,
                    Flows.throughput(ONE_TO_ONE, Flows.connections(5_000))),
            new Scenario("ping-pong", "latency, one message at a time", ALL, Flows.latency(0)),
            new Scenario("rate-1k", "latency at 1,000 messages/s", FAST, Flows.latency(1_000)),
            new Scenario("rate-20k", "latency at 20,000 messages/s", ALL, Flows.latency(20_000)),
            new Scenario("connect", "connecting, 64 at once", FAST_BUT_RELAY, Costs.connectRate(64)),
            new Scenario("burst", "connecting, 5,000 at once", FAST_BUT_RELAY, Costs.connects(5_000, 5_000)),
            new Scenario("idle", "10,000 idle connections", FAST_BUT_RELAY, Costs.idle(10_000)),
            new Scenario("retained", "100,000 retained messages to a new subscriber", STORING, Costs.replay(100_000)),
            new Scenario("start", "from start to the first message", BUT_RELAY, Costs.start()),
            new Scenario("api-qos0", "clients' API, 1:1, 16 B, QoS 0", FAST_BUT_RELAY, Clients.throughput(0)),
            new Scenario("api-qos1", "clients' API, 1:1, 16 B, QoS 1", FAST_MQTT, Clients.throughput(1)));

    private Scenarios() {}
}
