package dev.recado.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Whether a broker that loses messages is found out, and one that does not is believed. */
class LossTest {

    private static final Duration SHORT = Duration.ofMillis(100);
    private static final String TOPIC = "live0/000/00000";

    private final Wire wire = new MqttWire();

    private MessageRing ring() {
        return new MessageRing(wire, List.of(TOPIC), 16, 0, false, 4 << 10);
    }

    private Throughput.Count throughput(RelayThread relay, int subscribers) throws Exception {
        try (Loop loop = new Loop(relay.address(), wire)) {
            Supplier<MessageRing> ring = this::ring;
            Group group = new Group(loop, 1, subscribers, ring, TOPIC, 0, 2_000);
            Throughput throughput = new Throughput(loop, List.of(group), () -> {});
            throughput.warmUp(SHORT);
            return throughput.measure(SHORT);
        }
    }

    @Test
    void shouldCountEveryMessageAtEverySubscriber() throws Exception {
        try (RelayThread relay = new RelayThread(0)) {
            Throughput.Count count = throughput(relay, 3);

            assertThat(count.lost()).isZero();
            assertThat(count.received())
                    .isEqualTo(count.due())
                    .isPositive()
                    .satisfies(n -> assertThat(n % 3).isZero());
            assertThat(count.perSecond()).isPositive();
        }
    }

    @Test
    void shouldFindOutABrokerThatLosesMessages() throws Exception {
        try (RelayThread relay = new RelayThread(5 * ring().messageLength())) {
            assertThat(throughput(relay, 1).lost()).isEqualTo(5);
        }
    }

    @Test
    void shouldFindOutALossWhenLatencyIsMeasured() throws Exception {
        try (RelayThread relay = new RelayThread(ring().messageLength());
                Loop loop = new Loop(relay.address(), wire)) {
            assertThat(new Latency(loop, ring(), TOPIC).pingPong(SHORT, SHORT).lost())
                    .isEqualTo(1);
        }
    }

    @Test
    void shouldRecordEveryMessageThatWasDue() throws Exception {
        try (RelayThread relay = new RelayThread(0);
                Loop loop = new Loop(relay.address(), wire)) {
            Latency.Times times = new Latency(loop, ring(), TOPIC).atRate(1_000, SHORT, Duration.ofMillis(300));

            assertThat(times.lost()).isZero();
            assertThat(times.keptUp()).isEqualTo(1);
            assertThat(times.nanos().getTotalCount()).isEqualTo(300);
        }
    }
}
