package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Broker;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.Subscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A new subscription over 100,000 last values gets them all, and nobody else notices. */
@Timeout(180)
class RetainedAtScaleTest {

    private static final int TOPICS = 100_000;

    static Stream<Arguments> transportsAndQos() {
        return Pairs.TRANSPORTS.stream()
                .flatMap(transport ->
                        Stream.of(QoS.AT_MOST_ONCE, QoS.AT_LEAST_ONCE).map(qos -> Arguments.of(transport, qos)));
    }

    @ParameterizedTest
    @MethodSource("transportsAndQos")
    void shouldSendEveryLastValueOnceWhileOthersGoOn(String transport, QoS qos) throws Exception {
        try (Broker broker = Broker.builder()
                .transport(transport)
                .listen("mqtt://127.0.0.1:0")
                .start()) {
            fill(broker);
            Map<String, AtomicInteger> arrived = new ConcurrentHashMap<>();
            AtomicInteger missing = new AtomicInteger(TOPICS);
            try (Publisher pinging = Publisher.builder(broker.endpoint())
                            .topic("ping")
                            .retain(false)
                            .open();
                    Subscriber pinged =
                            Subscriber.builder(broker.endpoint()).topic("ping").open()) {
                Subscriber late = Subscriber.builder(broker.endpoint())
                        .topic("many/#")
                        .qos(qos)
                        .onMessage(message -> {
                            arrived.computeIfAbsent(message.topic(), topic -> new AtomicInteger())
                                    .incrementAndGet();
                            missing.decrementAndGet();
                        })
                        .open();
                List<Long> roundTrips = new ArrayList<>();
                while (missing.get() > 0) {
                    long before = System.nanoTime();
                    pinging.publish("x");
                    assertThat(pinged.receive(Duration.ofSeconds(20))).isPresent();
                    roundTrips.add(System.nanoTime() - before);
                }
                late.close();
                assertThat(arrived)
                        .hasSize(TOPICS)
                        .allSatisfy((topic, times) -> assertThat(times).hasValue(1));
                // However long the replay takes, others must not have to wait for all of it.
                assertThat(roundTrips).as("round trips meanwhile").hasSizeGreaterThan(5);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("transportsAndQos")
    void shouldFindTheFewThatAFilterMatchesAtOnce(String transport, QoS qos) {
        try (Broker broker = Broker.builder()
                .transport(transport)
                .listen("mqtt://127.0.0.1:0")
                .start()) {
            fill(broker);
            // Connecting alone takes longer than the few: on a busy machine a tenth of what all of them take.
            long one = fastest(broker, "many/7/7", qos, 1, 10);
            long few = fastest(broker, "many/7/+", qos, 100, 10);
            long all = fastest(broker, "many/#", qos, TOPICS, 3);

            assertThat((few - one) * 10)
                    .as("a filter that matches 100 of %d, beyond one that names a topic", TOPICS)
                    .isLessThan(all - one);
        }
    }

    /** Of so many subscriptions the one that had its last values first, in nanoseconds. */
    private static long fastest(Broker broker, String filter, QoS qos, int expected, int attempts) {
        long fastest = Long.MAX_VALUE;
        for (int i = 0; i < attempts; i++) {
            CompletableFuture<Void> complete = new CompletableFuture<>();
            AtomicInteger missing = new AtomicInteger(expected);
            long before = System.nanoTime();
            try (Subscriber subscriber = Subscriber.builder(broker.endpoint())
                    .topic(filter)
                    .qos(qos)
                    .onMessage(message -> {
                        if (missing.decrementAndGet() == 0) {
                            complete.complete(null);
                        }
                    })
                    .open()) {
                complete.orTimeout(60, TimeUnit.SECONDS).join();
                fastest = Math.min(fastest, System.nanoTime() - before);
            }
        }
        return fastest;
    }

    private static void fill(Broker broker) {
        try (Publisher publisher =
                Publisher.builder(broker.endpoint()).topicsUnder("many/#").open()) {
            for (int i = 0; i < TOPICS; i++) {
                publisher.publishAsync(Message.of("many/" + i / 100 + "/" + i % 100, "value of " + i));
            }
            publisher.flush();
        }
        assertThat(broker.stats().retainedMessages()).isEqualTo(TOPICS);
    }
}
