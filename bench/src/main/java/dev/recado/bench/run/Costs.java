package dev.recado.bench.run;

import dev.recado.bench.broker.BrokerProcess;
import dev.recado.bench.load.Client;
import dev.recado.bench.load.Connects;
import dev.recado.bench.load.Group;
import dev.recado.bench.load.Loop;
import dev.recado.bench.load.MessageRing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** What connections, retained messages and starting cost. */
final class Costs {

    private static final int AT_ONCE = 100;
    private static final int TIMES_WARM_UP = 2;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration SILENCE = Duration.ofSeconds(3);
    private static final double NANOS_A_MILLI = 1e6;

    private Costs() {}

    /**
     * Warmed up for longer than what runs a million times a second: a compiler looks at code that has run some ten thousand times.
     *
     * @param atOnce attempts under way, always
     */
    static Scenario.Measurement connectRate(int atOnce) {
        return (brokers, kind, pace, round) -> {
            BrokerProcess broker = brokers.running(kind);
            try (Loop loop = new Loop(broker.address(), kind.wire())) {
                Duration warmUp = pace.warmUp(round).multipliedBy(TIMES_WARM_UP);
                return outcome(Connects.openAndClose(loop, atOnce, warmUp, pace.measured()));
            }
        };
    }

    /** @param atOnce attempts under way at most */
    static Scenario.Measurement connects(int number, int atOnce) {
        return (brokers, kind, pace, round) -> {
            BrokerProcess broker = brokers.running(kind);
            int count = pace.scaled(number);
            if (round == 0) {
                open(broker, count, atOnce); // warms it up
            }
            Connects.Count opened = open(broker, count, atOnce);
            return outcome(opened);
        };
    }

    private static Outcome outcome(Connects.Count opened) {
        return Outcome.of(Metric.CONNECTS, opened.perSecond()).and(Metric.REFUSED, opened.refused());
    }

    private static Connects.Count open(BrokerProcess broker, int count, int atOnce) throws IOException {
        try (Loop loop = new Loop(broker.address(), broker.kind().wire())) {
            return Connects.open(loop, count, atOnce);
        }
    }

    /** In a broker that has done nothing else but to open and close as many before, so that its code is loaded. */
    static Scenario.Measurement idle(int number) {
        return (brokers, kind, pace, round) -> {
            int count = pace.scaled(number);
            try (BrokerProcess broker = BrokerProcess.start(kind)) {
                open(broker, count / 10, AT_ONCE);
                long heapBefore = kind.runsInJvm() ? broker.liveHeap() : 0;
                long residentBefore = broker.resident();
                try (Loop loop = new Loop(broker.address(), kind.wire())) {
                    Connects.Count opened = Connects.open(loop, count, AT_ONCE);
                    if (opened.refused() > 0) {
                        return Outcome.spoilt(opened.refused() + " of " + count + " connections were refused");
                    }
                    double resident = broker.resident() - residentBefore;
                    Outcome outcome = Outcome.of(Metric.RESIDENT, resident / count);
                    if (kind.runsInJvm()) {
                        double heap = broker.liveHeap() - heapBefore;
                        outcome = outcome.and(Metric.LIVE_HEAP, heap / count);
                    }
                    loop.requireAlive();
                    return outcome;
                }
            }
        };
    }

    /** Retained messages of 16 bytes, which one new subscription asks for. */
    static Scenario.Measurement replay(int number) {
        return (brokers, kind, pace, round) -> {
            int count = pace.scaled(number);
            try (BrokerProcess broker = BrokerProcess.start(kind);
                    Loop loop = new Loop(broker.address(), kind.wire())) {
                List<String> topics = IntStream.range(0, count)
                        .mapToObj(i -> "kept/%03d/%06d".formatted(i / 1000, i))
                        .toList();
                MessageRing ring = new MessageRing(loop.wire(), topics, 16, 1, true, 4 << 10);
                Group.publishAll(loop, ring, count);
                Client subscriber = loop.connect();
                long start = System.nanoTime();
                loop.subscribe(subscriber, 1, "kept/#", 0);
                long known = -1;
                while (subscriber.inbound().messages() < count
                        && subscriber.inbound().messages() != known) {
                    long last = subscriber.inbound().messages();
                    known = last;
                    loop.await(() -> subscriber.inbound().messages() != last, SILENCE);
                }
                double seconds = (System.nanoTime() - start) / 1e9;
                loop.requireAlive();
                return Outcome.of(Metric.MESSAGES, count / seconds)
                        .unlessLost(count - subscriber.inbound().messages(), count);
            }
        };
    }

    /** From the start of the process to the first message at a subscriber, looking every millisecond. */
    static Scenario.Measurement start() {
        return (brokers, kind, pace, round) -> {
            long start = System.nanoTime();
            try (BrokerProcess broker = BrokerProcess.launch(kind)) {
                broker.awaitListening();
                try (Loop loop = new Loop(broker.address(), kind.wire())) {
                    Client subscriber = loop.connect();
                    loop.subscribe(subscriber, 1, "first", 0);
                    loop.connect().command(loop.wire().publish("first", new byte[16], 0, false));
                    boolean came = loop.await(() -> subscriber.inbound().messages() > 0, LIMIT);
                    double millis = (System.nanoTime() - start) / NANOS_A_MILLI;
                    return came ? Outcome.of(Metric.FIRST_MESSAGE, millis) : Outcome.spoilt("the message never came");
                }
            }
        };
    }
}
