package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.recado.Broker;
import dev.recado.ClosedException;
import dev.recado.ConnectionState;
import dev.recado.MqttVersion;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.RecadoException;
import dev.recado.Reconnect;
import dev.recado.Subscriber;
import dev.recado.core.TransportChoice;
import dev.recado.core.broker.BrokerBuilder;
import dev.recado.core.memory.MemoryTransport;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What goes wrong only at unlucky moments: many short rounds against the real broker, with callbacks that come late and
 * connections that break. The seed of a failing round is in its message; {@code -Drecado.test.seed=} repeats it, as far as
 * the threads play along.
 */
class ClientRacesTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final URI ENDPOINT = URI.create("memory:races");
    private static final Reconnect QUICKLY = new Reconnect(Duration.ofMillis(1), Duration.ofMillis(4), 10_000);

    private final long seed = Long.getLong("recado.test.seed", System.nanoTime());
    private final MemoryTransport transport = new MemoryTransport();
    private final Broker broker =
            new BrokerBuilder().listen(ENDPOINT).transport(transport).start();

    @AfterEach
    void close() {
        broker.close();
        transport.close();
    }

    private Publisher.Builder publisher(Jitter jitter) {
        PublisherBuilder builder = new PublisherBuilder(ENDPOINT, new TransportChoice(), null);
        return builder.transport(transport).layer(jitter).topic("t").reconnect(QUICKLY);
    }

    private Subscriber.Builder subscriber(Jitter jitter) {
        SubscriberBuilder builder = new SubscriberBuilder(ENDPOINT, new TransportChoice(), null);
        return builder.transport(transport).layer(jitter).topic("t").reconnect(QUICKLY);
    }

    @Test
    void shouldDeliverEverythingInOrderThoughThePublishersConnectionsBreak() throws Exception {
        for (int round = 0; round < 8; round++) {
            Random random = new Random(seed + round);
            List<String> arrived = new CopyOnWriteArrayList<>();
            int total = 400;
            Jitter jitter = new Jitter(random.nextLong());
            try (Subscriber subscriber = subscriber(new Jitter(random.nextLong()))
                            .buffer(1 + random.nextInt(20))
                            .onMessage(message -> arrived.add(message.text()))
                            .open();
                    Publisher publisher = publisher(jitter)
                            .retain(false)
                            .window(1 + random.nextInt(50))
                            .open()) {
                CompletableFuture<Void> publishing = Background.run(() -> {
                    for (int i = 0; i < total; i++) {
                        if (i % 5 == 0) {
                            publisher.publish(String.valueOf(i));
                        } else {
                            publisher.publishAsync(String.valueOf(i));
                        }
                    }
                    publisher.flush();
                });
                while (!publishing.isDone()) {
                    jitter.breakConnection();
                    await().atMost(SOON)
                            .pollInterval(Duration.ofMillis(1))
                            .until(() -> publishing.isDone() || publisher.state() == ConnectionState.CONNECTED);
                }
                publishing.get(1, TimeUnit.SECONDS);
            }
            int last = -1;
            for (String text : arrived) {
                int number = Integer.parseInt(text);
                assertThat(number)
                        .as("seed %d: nothing is skipped", seed + round)
                        .isLessThanOrEqualTo(last + 1);
                last = Math.max(last, number);
            }
            assertThat(last).as("seed %d: all have arrived", seed + round).isEqualTo(total - 1);
        }
    }

    @ParameterizedTest
    @EnumSource(MqttVersion.class)
    void shouldDeliverEverythingOnceThoughAllConnectionsBreak(MqttVersion version) throws Exception {
        for (int round = 0; round < 6; round++) {
            Random random = new Random(seed + round);
            List<String> arrived = new CopyOnWriteArrayList<>();
            List<String> expected = new ArrayList<>();
            Jitter publishers = new Jitter(random.nextLong());
            Jitter subscribers = new Jitter(random.nextLong());
            try (Subscriber subscriber = subscriber(subscribers)
                            .version(version)
                            .clientId("s" + round)
                            .sessionExpiry(Duration.ofHours(1))
                            .qos(QoS.EXACTLY_ONCE)
                            .buffer(1 + random.nextInt(20))
                            .onMessage(message -> arrived.add(message.text()))
                            .open();
                    Publisher publisher = publisher(publishers)
                            .version(version)
                            .clientId("p" + round)
                            .sessionExpiry(Duration.ofHours(1))
                            .qos(QoS.EXACTLY_ONCE)
                            .retain(false)
                            .window(1 + random.nextInt(50))
                            .open()) {
                for (int i = 0; i < 300; i++) {
                    expected.add(String.valueOf(i));
                }
                CompletableFuture<Void> publishing = Background.run(() -> {
                    expected.forEach(publisher::publishAsync);
                    publisher.flush();
                });
                while (!publishing.isDone()) {
                    Jitter unlucky = random.nextBoolean() ? publishers : subscribers;
                    unlucky.breakConnection();
                    await().atMost(SOON)
                            .pollInterval(Duration.ofMillis(1))
                            .until(() -> publishing.isDone()
                                    || (publisher.state() == ConnectionState.CONNECTED
                                            && subscriber.state() == ConnectionState.CONNECTED));
                }
                publishing.get(1, TimeUnit.SECONDS);
                await().atMost(SOON).alias("seed " + (seed + round)).until(() -> arrived.size() >= expected.size());
            }
            assertThat(arrived).as("seed %d", seed + round).isEqualTo(expected);
        }
    }

    @Test
    void shouldEndEveryCallWhenClosedInTheMiddle() throws Exception {
        for (int round = 0; round < 30; round++) {
            Random random = new Random(seed + round);
            Publisher publisher =
                    publisher(new Jitter(random.nextLong())).window(3).open();
            AtomicInteger started = new AtomicInteger();
            List<CompletableFuture<Void>> callers = new ArrayList<>();
            for (int c = 0; c < 3; c++) {
                boolean asynchronous = c == 2;
                callers.add(Background.run(() -> {
                    List<CompletableFuture<Void>> calls = new ArrayList<>();
                    try {
                        while (true) {
                            started.incrementAndGet();
                            if (asynchronous) {
                                calls.add(publisher.publishAsync("x"));
                            } else {
                                publisher.publish("x");
                            }
                        }
                    } catch (ClosedException e) {
                        // What was accepted before close() was called is finished by it.
                        calls.forEach(call -> assertThat(call).succeedsWithin(SOON));
                    }
                }));
            }
            int enough = random.nextInt(200);
            await().atMost(SOON).pollInterval(Duration.ofMillis(1)).until(() -> started.get() > enough);
            publisher.close();
            for (CompletableFuture<Void> caller : callers) {
                assertThat(caller).as("seed %d", seed + round).succeedsWithin(SOON);
            }
        }
    }

    @Test
    void shouldOpenAndCloseCleanlyThoughTheConnectionBreaksAtAnyMoment() {
        for (int round = 0; round < 100; round++) {
            Random random = new Random(seed + round);
            Jitter jitter = new Jitter(random.nextLong());
            int spins = random.nextInt(20_000);
            CompletableFuture<Void> breaking = Background.run(() -> {
                for (int i = 0; i < spins; i++) {
                    Thread.onSpinWait();
                }
                jitter.breakConnection();
            });
            try (Subscriber subscriber =
                    subscriber(jitter).onMessage(message -> {}).open()) {
                assertThat(subscriber.clientId()).isNotEmpty();
            } catch (RecadoException e) {
                // Opening does not try twice; that it ends, and what follows, is the test.
                assertThat(e).hasMessageContaining(ENDPOINT.toString());
            }
            assertThat(breaking).succeedsWithin(SOON);
        }
        await().atMost(SOON).until(() -> broker.clients().isEmpty());
    }

    @Test
    void shouldPauseAndResumeWithoutLosingAMessage() {
        for (int round = 0; round < 10; round++) {
            Random random = new Random(seed + round);
            AtomicInteger handled = new AtomicInteger();
            int total = 500;
            try (Subscriber subscriber = subscriber(new Jitter(random.nextLong()))
                            .buffer(1 + random.nextInt(4))
                            .onMessage(message -> {
                                assertThat(message.text()).isEqualTo(String.valueOf(handled.get()));
                                handled.incrementAndGet();
                            })
                            .open();
                    Publisher publisher = publisher(new Jitter(random.nextLong()))
                            .retain(false)
                            .open()) {
                for (int i = 0; i < total; i++) {
                    publisher.publishAsync(String.valueOf(i));
                }
                await().atMost(SOON)
                        .alias("seed " + (seed + round))
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> handled.get() == total);
                assertThat(subscriber.state()).isEqualTo(ConnectionState.CONNECTED);
            }
        }
    }
}
