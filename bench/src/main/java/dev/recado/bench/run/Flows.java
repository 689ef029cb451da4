package dev.recado.bench.run;

import dev.recado.bench.broker.BrokerProcess;
import dev.recado.bench.load.Churn;
import dev.recado.bench.load.Connects;
import dev.recado.bench.load.Group;
import dev.recado.bench.load.Latency;
import dev.recado.bench.load.Loop;
import dev.recado.bench.load.MessageRing;
import dev.recado.bench.load.Throughput;
import dev.recado.bench.load.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** Messages that flow from publishers to subscribers: throughput and latency. */
final class Flows {

    /** What one system call sends. */
    private static final int BATCH_BYTES = 16 << 10;

    private static final int SMALL_BATCH_BYTES = 4 << 10;

    /** What is under way to one subscriber at most; every broker here keeps so much for a subscriber. */
    private static final int WINDOW_BYTES = 256 << 10;

    /** Messages in flight: less than what any broker here takes from one client. */
    private static final int QOS_WINDOW = 500;

    private static final int CHURN_SUBSCRIPTIONS = 100;
    private static final double NANOS_A_MICRO = 1_000;

    private Flows() {}

    /**
     * Publishers and subscribers that all share one filter, any number of times.
     *
     * @param groups so many, each with its own topic
     * @param topics that each publisher goes through
     */
    record Shape(int groups, int publishers, int subscribers, int payload, int qos, boolean retain, int topics) {

        static Shape of(int groups, int publishers, int subscribers, int payload) {
            return new Shape(groups, publishers, subscribers, payload, 0, false, 1);
        }

        Shape qos(int level) {
            return new Shape(groups, publishers, subscribers, payload, level, retain, topics);
        }

        Shape retained() {
            return new Shape(groups, publishers, subscribers, payload, qos, true, topics);
        }

        Shape topics(int number) {
            return new Shape(groups, publishers, subscribers, payload, qos, retain, number);
        }

        /** @param round what was retained in an earlier one must not come again */
        private List<Group> open(Loop loop, int round) throws IOException {
            List<Group> all = new ArrayList<>();
            int batch = groups * publishers == 1 ? BATCH_BYTES : SMALL_BATCH_BYTES;
            for (int g = 0; g < groups; g++) {
                String prefix = (retain ? "keep%d/%03d/" : "live%d/%03d/").formatted(round % 10, g);
                List<String> names = IntStream.range(0, topics)
                        .mapToObj(i -> prefix + "%05d".formatted(i))
                        .toList();
                Wire wire = loop.wire();
                Supplier<MessageRing> ring = () -> new MessageRing(wire, names, payload, qos, retain, batch);
                int windowBytes = groups * subscribers == 1 ? WINDOW_BYTES : WINDOW_BYTES / 4;
                int window = qos == 0 ? windowBytes / ring.get().messageLength() : QOS_WINDOW;
                all.add(new Group(
                        loop, publishers, subscribers, ring, topics == 1 ? names.get(0) : prefix + "#", qos, window));
            }
            return all;
        }
    }

    /** What else the broker has to do or to hold. */
    interface Beside {
        Runnable begin(Loop loop, Pace pace) throws IOException;
    }

    static final Beside NOTHING = (loop, pace) -> () -> {};

    static Scenario.Measurement throughput(Shape shape) {
        return throughput(shape, NOTHING);
    }

    static Scenario.Measurement throughput(Shape shape, Beside beside) {
        return (brokers, kind, pace, round) -> {
            BrokerProcess broker = brokers.running(kind);
            try (Loop loop = new Loop(broker.address(), kind.wire())) {
                Runnable also = beside.begin(loop, pace);
                List<Group> groups = shape.open(loop, round);
                Throughput throughput = new Throughput(loop, groups, also);
                throughput.warmUp(pace.warmUp(round));
                long allocatedBefore = kind.isRecado() ? broker.allocated() : 0;
                long receivedBefore = throughput.received();
                long changesBefore = also instanceof Churn churn ? churn.changes() : 0;
                Throughput.Count count = throughput.measure(pace.measured());
                Outcome outcome = Outcome.of(Metric.MESSAGES, count.perSecond());
                if (kind.isRecado()) {
                    double allocated = broker.allocated() - allocatedBefore;
                    outcome = outcome.and(Metric.ALLOCATED, allocated / (count.received() - receivedBefore));
                }
                if (also instanceof Churn churn) {
                    double changes = churn.changes() - changesBefore;
                    outcome = outcome.and(
                            Metric.CHANGES, changes * 1e9 / pace.measured().toNanos());
                }
                return outcome.unlessLost(count.lost(), count.due());
            }
        };
    }

    static Beside churn() {
        return (loop, pace) -> new Churn(loop, "other/");
    }

    /** Other clients' subscriptions, a hundred each, which match nothing that is published. */
    static Beside subscriptions(int number) {
        return (loop, pace) -> {
            for (int first = 0; first < pace.scaled(number); first += CHURN_SUBSCRIPTIONS) {
                List<String> filters = IntStream.range(first, first + CHURN_SUBSCRIPTIONS)
                        .mapToObj(i -> "other/" + i)
                        .toList();
                loop.subscribeAll(loop.connect(), filters);
            }
            return () -> {};
        };
    }

    static Beside connections(int number) {
        return (loop, pace) -> {
            Connects.Count opened = Connects.open(loop, pace.scaled(number), 100);
            if (opened.refused() > 0) {
                throw new IOException(opened.refused() + " connections were refused");
            }
            return () -> {};
        };
    }

    /** @param perSecond 0: each message is sent when the one before has come */
    static Scenario.Measurement latency(int perSecond) {
        return (brokers, kind, pace, round) -> {
            BrokerProcess broker = brokers.running(kind);
            try (Loop loop = new Loop(broker.address(), kind.wire())) {
                String topic = "live0/000/00000";
                MessageRing ring = new MessageRing(loop.wire(), List.of(topic), 16, 0, false, BATCH_BYTES);
                Latency latency = new Latency(loop, ring, topic);
                Latency.Times times = perSecond == 0
                        ? latency.pingPong(pace.warmUp(round), pace.measured())
                        : latency.atRate(perSecond, pace.warmUp(round), pace.measured());
                return outcome(times);
            }
        };
    }

    private static Outcome outcome(Latency.Times times) {
        if (times.keptUp() < 1) {
            return Outcome.spoilt("only %.2f %% of the messages due were sent".formatted(100 * times.keptUp()));
        }
        Histogram nanos = times.nanos();
        Map<Metric, Double> figures = new EnumMap<>(Metric.class);
        figures.put(Metric.P50, nanos.getValueAtPercentile(50) / NANOS_A_MICRO);
        figures.put(Metric.P99, nanos.getValueAtPercentile(99) / NANOS_A_MICRO);
        figures.put(Metric.P999, nanos.getValueAtPercentile(99.9) / NANOS_A_MICRO);
        return new Outcome(figures, nanos, null).unlessLost(times.lost(), nanos.getTotalCount() + times.lost());
    }
}
