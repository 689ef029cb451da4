package dev.recado.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Broker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The load side with Recado, in small. */
class RecadoTest {

    private static final Duration SHORT = Duration.ofMillis(100);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static Broker broker() {
        return Broker.builder().transport("nio").listen("mqtt://127.0.0.1:0").start();
    }

    private static Loop loop(Broker broker) throws Exception {
        return new Loop(new InetSocketAddress("127.0.0.1", broker.endpoint().getPort()), new MqttWire());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void shouldGetEveryMessageOfSeveralPairs(int qos) throws Exception {
        try (Broker broker = broker();
                Loop loop = loop(broker)) {
            List<Group> pairs = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                List<String> topics = List.of("pair/" + i);
                pairs.add(new Group(
                        loop,
                        1,
                        1,
                        () -> new MessageRing(loop.wire(), topics, 16, qos, false, 4 << 10),
                        topics.get(0),
                        qos,
                        500));
            }
            Throughput.Count count = new Throughput(loop, pairs, () -> {}).measure(SHORT);

            assertThat(count.lost()).isZero();
            assertThat(count.received()).isPositive();
        }
    }

    @Test
    void shouldChangeSubscriptionsWhileMessagesFlow() throws Exception {
        try (Broker broker = broker();
                Loop loop = loop(broker)) {
            List<String> topics = IntStream.range(0, 10).mapToObj(i -> "t/" + i).toList();
            Group group = new Group(
                    loop, 2, 2, () -> new MessageRing(loop.wire(), topics, 16, 0, false, 4 << 10), "t/#", 0, 1_000);
            Churn churn = new Churn(loop, "other/");
            Throughput.Count count = new Throughput(loop, List.of(group), churn).measure(SHORT);

            assertThat(count.lost()).isZero();
            assertThat(churn.changes()).isGreaterThan(1);
        }
    }

    @Test
    void shouldOpenConnectionsAndReplayRetainedMessages() throws Exception {
        try (Broker broker = broker();
                Loop loop = loop(broker)) {
            assertThat(Connects.open(loop, 50, 10).refused()).isZero();
            assertThat(broker.clients()).hasSize(50);

            List<String> topics =
                    IntStream.range(0, 700).mapToObj("kept/%03d"::formatted).toList();
            Group.publishAll(loop, new MessageRing(loop.wire(), topics, 16, 1, true, 4 << 10), 700);
            Client subscriber = loop.connect();
            loop.subscribe(subscriber, 1, "kept/#", 0);

            assertThat(loop.await(() -> subscriber.inbound().messages() == 700, Duration.ofSeconds(20)))
                    .isTrue();
        }
    }

    @Test
    void shouldCountWhatIsRefused() throws Exception {
        try (Broker broker = Broker.builder()
                        .listen("mqtt://127.0.0.1:0")
                        .limits(limits -> limits.maxConnections(5))
                        .start();
                Loop loop = loop(broker)) {
            assertThat(Connects.open(loop, 8, 8).refused()).isEqualTo(3);
        }
    }

    @Test
    void shouldCountConnectionsThatAreClosedAtOnce() throws Exception {
        try (Broker broker = broker();
                Loop loop = loop(broker)) {
            Connects.Count count = openAndClose(loop, some -> some.perSecond() > 0);

            assertThat(count.refused()).isZero();
            assertThat(count.perSecond()).isPositive();
            // The time measured is at least that.
            assertThat(count.perSecond() * SHORT.toMillis() / 1_000)
                    .isLessThanOrEqualTo(broker.stats().connectionsTotal());
            assertThat(loop.await(() -> broker.clients().isEmpty(), LIMIT)).isTrue();
        }
    }

    @Test
    void shouldCountWhatIsRefusedOfThoseThatAreClosedAtOnce() throws Exception {
        try (Broker broker = Broker.builder()
                        .listen("mqtt://127.0.0.1:0")
                        .limits(limits -> limits.maxConnections(1))
                        .start();
                Loop kept = loop(broker);
                Loop loop = loop(broker)) {
            kept.connect();
            Connects.Count count = openAndClose(loop, some -> some.refused() > 0);

            assertThat(count.perSecond()).isZero();
            assertThat(count.refused()).isPositive();
        }
    }

    /** Again until there is something to count: on a busy machine the first answer may take longer than one time measured. */
    private static Connects.Count openAndClose(Loop loop, Predicate<Connects.Count> enough) throws Exception {
        long start = System.nanoTime();
        Connects.Count count;
        do {
            count = Connects.openAndClose(loop, 8, Duration.ZERO, SHORT);
        } while (!enough.test(count) && System.nanoTime() - start < LIMIT.toNanos());
        return count;
    }
}
