package dev.recado.bench.report;

import dev.recado.bench.broker.BrokerKind;
import dev.recado.bench.run.Metric;
import dev.recado.bench.run.Results;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * What Recado is to reach: a figure, or its ratio to another.
 *
 * @param what in words
 * @param ours the figure
 * @param theirs what it is divided by: the best of these that there are; none for the figure itself
 * @param bound of the quotient
 */
record Goal(String what, Figure ours, List<Figure> theirs, Bound side, double bound) {

    enum Bound {
        AT_LEAST("≥"),
        AT_MOST("≤");

        final String sign;

        Bound(String sign) {
            this.sign = sign;
        }
    }

    record Figure(String scenario, BrokerKind broker, Metric metric) {

        private OptionalDouble median(Results results) {
            return results.series().stream()
                    .filter(one -> one.scenario().equals(scenario) && one.broker() == broker && one.metric() == metric)
                    .mapToDouble(Results.Series::median)
                    .findFirst();
        }
    }

    private static final BrokerKind OURS = BrokerKind.RECADO_NIO;
    private static final BrokerKind BLOCKING = BrokerKind.RECADO_BLOCKING;
    private static final List<BrokerKind> PEERS =
            Stream.of(BrokerKind.values()).filter(BrokerKind::isPeer).toList();

    static final List<Goal> LIST = List.of(
            faster("1-1", 5, BrokerKind.NATS),
            faster("1-1", 40, BrokerKind.HIVEMQ),
            faster("1-1-1k", 2, BrokerKind.NATS),
            faster("fan-out", 2.2, BrokerKind.NATS),
            faster("fan-out", 40, BrokerKind.HIVEMQ),
            faster("fan-in", 4, BrokerKind.NATS),
            faster("pairs", 4, BrokerKind.NATS),
            faster("qos1", 6, BrokerKind.HIVEMQ),
            faster("qos1", 12, BrokerKind.MOSQUITTO),
            faster("qos1-pairs", 6, BrokerKind.HIVEMQ),
            faster("qos1-pairs", 12, BrokerKind.MOSQUITTO),
            latency("ping-pong", Metric.P50, 1, List.of(BrokerKind.MOSQUITTO)),
            latency("ping-pong", Metric.P99, 1, List.of(BrokerKind.MOSQUITTO)),
            latency("ping-pong", Metric.P50, 1.25, List.of(BrokerKind.RELAY)),
            latency("rate-20k", Metric.P99, 1, PEERS),
            itself("idle", Metric.LIVE_HEAP, Bound.AT_MOST, 2048),
            ratio("connect", Metric.CONNECTS, OURS, Bound.AT_LEAST, 3, List.of(BrokerKind.HIVEMQ)),
            itself("burst", Metric.REFUSED, Bound.AT_MOST, 0),
            ratio("1-1", Metric.MESSAGES, BLOCKING, Bound.AT_LEAST, 0.7, List.of(OURS)),
            ratio("fan-in", Metric.MESSAGES, BLOCKING, Bound.AT_LEAST, 1, List.of(OURS)),
            ratio("ping-pong", Metric.P50, BLOCKING, Bound.AT_MOST, 3, List.of(OURS)),
            faster("api-qos0", 3, BrokerKind.HIVEMQ, BrokerKind.MOSQUITTO, BrokerKind.NATS),
            faster("api-qos1", 3, BrokerKind.HIVEMQ, BrokerKind.MOSQUITTO),
            itself("1-1", Metric.ALLOCATED, Bound.AT_MOST, 0.5),
            itself("qos1", Metric.ALLOCATED, Bound.AT_MOST, 0.5),
            itself("fan-out", Metric.ALLOCATED, Bound.AT_MOST, 0.5),
            slowdown("topics", "1-1", 2),
            slowdown("retain", "1-1", 1.5),
            slowdown("subscriptions-10k", "subscriptions-1k", 1.3),
            slowdown("connections-5k", "connections-500", 1.3));

    private static Goal faster(String scenario, double times, BrokerKind... than) {
        return ratio(scenario, Metric.MESSAGES, OURS, Bound.AT_LEAST, times, List.of(than));
    }

    private static Goal latency(String scenario, Metric metric, double times, List<BrokerKind> than) {
        return ratio(scenario, metric, OURS, Bound.AT_MOST, times, than);
    }

    private static Goal ratio(
            String scenario, Metric metric, BrokerKind ours, Bound side, double bound, List<BrokerKind> than) {
        String names = than.equals(PEERS)
                ? "the best peer"
                : String.join(" or ", than.stream().map(BrokerKind::title).toList());
        return new Goal(
                "%s: %s, %s to %s".formatted(scenario, metric.title(), ours.title(), names),
                new Figure(scenario, ours, metric),
                than.stream()
                        .map(broker -> new Figure(scenario, broker, metric))
                        .toList(),
                side,
                bound);
    }

    private static Goal itself(String scenario, Metric metric, Bound side, double bound) {
        return new Goal(
                scenario + ": " + metric.title() + ", " + OURS.title(),
                new Figure(scenario, OURS, metric),
                List.of(),
                side,
                bound);
    }

    /** What a message costs more than in another scenario. */
    private static Goal slowdown(String scenario, String plain, double times) {
        return new Goal(
                "%s: cost of a message to that in %s, %s".formatted(scenario, plain, OURS.title()),
                new Figure(plain, OURS, Metric.MESSAGES),
                List.of(new Figure(scenario, OURS, Metric.MESSAGES)),
                Bound.AT_MOST,
                times);
    }

    /** The figure or the ratio; empty when one of the figures is missing. */
    OptionalDouble measured(Results results) {
        OptionalDouble own = ours.median(results);
        if (theirs.isEmpty() || own.isEmpty()) {
            return own;
        }
        DoubleStream known = theirs.stream()
                .map(figure -> figure.median(results))
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble);
        OptionalDouble best = ours.metric.moreIsBetter() ? known.max() : known.min();
        return best.isEmpty() ? best : OptionalDouble.of(own.getAsDouble() / best.getAsDouble());
    }

    boolean isReached(double measured) {
        return side == Bound.AT_LEAST ? measured >= bound : measured <= bound;
    }

    String wanted() {
        return side.sign + " " + number(bound) + (theirs.isEmpty() ? "" : " ×");
    }

    String found(double measured) {
        return number(measured) + (theirs.isEmpty() ? "" : " ×");
    }

    private static String number(double value) {
        return value >= 100 ? "%,.0f".formatted(value) : "%.2f".formatted(value).replaceAll("\\.?0+$", "");
    }
}
