package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.ConnectionFailedException;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.MqttVersion;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.Reconnect;
import dev.recado.Subscriber;
import dev.recado.spi.Acceptor;
import dev.recado.spi.Connection;
import dev.recado.spi.Layer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Our publishers and subscribers with a broker that others wrote: Mosquitto. */
@ResourceLock(value = ChildProcesses.LOCK, mode = ResourceAccessMode.READ)
class ForeignBrokerTest {

    private static final Duration ARRIVAL = Duration.ofSeconds(20);
    private static final String TOPIC = "notícias/são paulo/天気";
    private static final byte[] TEXT = "bom dia, 世界 🌍".getBytes(StandardCharsets.UTF_8);
    private static final Reconnect SOON = new Reconnect(Duration.ofMillis(20), Duration.ofMillis(200), 1_000);

    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("dev.recado.interop.Pairs#ourClientsWithAll")
    void shouldCarryMessagesUnchanged(Client publisher, Client subscriber) throws Exception {
        byte[] large = new byte[1 << 20];
        new Random(7).nextBytes(large);
        try (Mosquitto broker = Mosquitto.start(folder);
                Inbox inbox = subscriber.subscribe(broker.endpoint(), "reader", TOPIC, QoS.AT_LEAST_ONCE);
                Outbox outbox = publisher.publishTo(broker.endpoint(), "writer", TOPIC)) {
            outbox.publish(TEXT, QoS.AT_MOST_ONCE, false);
            inbox.next().shouldBe(TOPIC, TEXT, QoS.AT_MOST_ONCE, false);

            outbox.publish(TEXT, QoS.AT_LEAST_ONCE, false);
            inbox.next().shouldBe(TOPIC, TEXT, QoS.AT_LEAST_ONCE, false);

            outbox.publish(large, QoS.AT_LEAST_ONCE, false);
            inbox.next().shouldBe(TOPIC, large, QoS.AT_LEAST_ONCE, false);
        }
    }

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldGetTheLastValueFirst(String transport) throws Exception {
        try (Mosquitto broker = Mosquitto.start(folder);
                Publisher publisher = publisher(broker, transport).open()) {
            publisher.publish("old");
            publisher.publish("new");
            try (Subscriber subscriber =
                    subscriber(broker, transport).topic("news/+").open()) {
                Message last = receive(subscriber);
                assertThat(last.text()).isEqualTo("new");
                assertThat(last.retained()).isTrue();

                publisher.publish("newer");
                Message live = receive(subscriber);
                assertThat(live.text()).isEqualTo("newer");
                assertThat(live.retained()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldKeepWhatTravelsBesideThePayload(String transport) throws Exception {
        Message sent = Message.builder("news/br")
                .payload("bom dia")
                .utf8(true)
                .contentType("text/plain")
                .responseTopic("answers/1")
                .correlationData(ByteBuffer.wrap(new byte[] {1, 2, 3}))
                .expiry(Duration.ofHours(1))
                .userProperty("a", "1")
                .userProperty("a", "2")
                .build();
        try (Mosquitto broker = Mosquitto.start(folder);
                Subscriber subscriber =
                        subscriber(broker, transport).topic("news/br").open();
                Publisher publisher = publisher(broker, transport).open()) {
            publisher.publish(sent);
            Message received = receive(subscriber);
            assertThat(received.text()).isEqualTo("bom dia");
            assertThat(received.utf8()).isTrue();
            assertThat(received.contentType()).isEqualTo(sent.contentType());
            assertThat(received.responseTopic()).isEqualTo(sent.responseTopic());
            assertThat(received.correlationData()).isEqualTo(sent.correlationData());
            assertThat(received.expiry()).isPresent();
            assertThat(received.userProperties()).isEqualTo(sent.userProperties());
        }
    }

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldKeepTheOrderWhenManyAreOnTheirWay(String transport) throws Exception {
        int count = 5_000;
        try (Mosquitto broker = Mosquitto.start(folder);
                Subscriber subscriber =
                        subscriber(broker, transport).topic("news/br").open();
                Publisher publisher = publisher(broker, transport).open()) {
            CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < count; i++) {
                    assertThat(receive(subscriber).text()).isEqualTo("message " + i);
                }
            });
            for (int i = 0; i < count; i++) {
                publisher.publishAsync("message " + i);
            }
            publisher.flush();
            reading.get(ARRIVAL.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldComeBackWhenTheBrokerWasStopped(String transport) throws Exception {
        comesBackAfter(transport, Mosquitto::stop);
    }

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldComeBackWhenTheBrokerWasKilled(String transport) throws Exception {
        comesBackAfter(transport, Mosquitto::kill);
    }

    private interface End {
        void of(Mosquitto broker) throws InterruptedException;
    }

    private void comesBackAfter(String transport, End end) throws Exception {
        BlockingQueue<ConnectionState> publisherStates = new LinkedBlockingQueue<>();
        BlockingQueue<ConnectionState> subscriberStates = new LinkedBlockingQueue<>();
        try (Mosquitto broker = Mosquitto.start(folder);
                Subscriber subscriber = subscriber(broker, transport)
                        .topic("news/br")
                        .reconnect(SOON)
                        .onStateChange((from, to, cause) -> subscriberStates.add(to))
                        .open();
                Publisher publisher = publisher(broker, transport)
                        .reconnect(SOON)
                        .onStateChange((from, to, cause) -> publisherStates.add(to))
                        .open()) {
            publisher.publish("before");
            assertThat(receive(subscriber).text()).isEqualTo("before");

            end.of(broker);
            awaitStates(publisherStates, ConnectionState.CONNECTED, ConnectionState.RECONNECTING);
            awaitStates(subscriberStates, ConnectionState.CONNECTED, ConnectionState.RECONNECTING);
            CompletableFuture<Void> meanwhile = publisher.publishAsync("meanwhile");
            assertThat(meanwhile).isNotDone();

            broker.start();
            awaitStates(publisherStates, ConnectionState.CONNECTED);
            awaitStates(subscriberStates, ConnectionState.CONNECTED);
            meanwhile.get(ARRIVAL.toSeconds(), TimeUnit.SECONDS);
            publisher.publish("after");
            // Whoever came back first: the last value of the one, or what was live for the other.
            assertThat(receive(subscriber).text()).isEqualTo("meanwhile");
            assertThat(receive(subscriber).text()).isEqualTo("after");
        }
    }

    private static void awaitStates(BlockingQueue<ConnectionState> states, ConnectionState... expected)
            throws InterruptedException {
        for (ConnectionState state : expected) {
            assertThat(states.poll(ARRIVAL.toSeconds(), TimeUnit.SECONDS)).isEqualTo(state);
        }
    }

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldFailWhenTheBrokerIsGoneAndReconnectingIsOff(String transport) throws Exception {
        try (Mosquitto broker = Mosquitto.start(folder);
                Publisher publisher = publisher(broker, transport)
                        .reconnect(Reconnect.never())
                        .open()) {
            broker.kill();
            Eventually.within20Seconds().until(() -> publisher.state() == ConnectionState.CLOSED);
            assertThatThrownBy(() -> publisher.publish("to nobody")).isInstanceOf(ConnectionFailedException.class);
        }
    }

    // ---- both versions, every QoS, sessions

    static Stream<Arguments> transportsAndVersions() {
        return Pairs.TRANSPORTS.stream()
                .flatMap(transport -> Stream.of(MqttVersion.values()).map(version -> Arguments.of(transport, version)));
    }

    @ParameterizedTest
    @MethodSource("transportsAndVersions")
    void shouldSpeakBothVersionsAtEveryQos(String transport, MqttVersion version) throws Exception {
        try (Mosquitto broker = Mosquitto.start(folder);
                Subscriber subscriber = subscriber(broker, transport)
                        .version(version)
                        .topic("news/#")
                        .qos(QoS.EXACTLY_ONCE)
                        .open();
                Publisher publisher =
                        publisher(broker, transport).version(version).open()) {
            for (QoS qos : QoS.values()) {
                for (int i = 0; i < 3; i++) {
                    publisher.publish(Message.builder("news/br")
                            .qos(qos)
                            .payload(qos + " " + i)
                            .build());
                }
            }
            for (QoS qos : QoS.values()) {
                for (int i = 0; i < 3; i++) {
                    Message message = receive(subscriber);
                    assertThat(message.text()).isEqualTo(qos + " " + i);
                    assertThat(message.qos()).contains(qos);
                    assertThat(message.topic()).isEqualTo("news/br");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("transportsAndVersions")
    void shouldFindInItsSessionWhatWasSentMeanwhile(String transport, MqttVersion version) throws Exception {
        try (Mosquitto broker = Mosquitto.start(folder);
                Publisher publisher = publisher(broker, transport)
                        .version(version)
                        .qos(QoS.EXACTLY_ONCE)
                        .retain(false)
                        .open()) {
            durable(broker, transport, version).open().close();
            publisher.publish("meanwhile 1");
            publisher.publish("meanwhile 2");
            try (Subscriber subscriber = durable(broker, transport, version).open()) {
                assertThat(receive(subscriber).text()).isEqualTo("meanwhile 1");
                assertThat(receive(subscriber).text()).isEqualTo("meanwhile 2");
            }
            // A session is ended by one that ends with its connection.
            subscriber(broker, transport)
                    .version(version)
                    .clientId("durable")
                    .topic("news/br")
                    .open()
                    .close();
            publisher.publish("to nobody");
            try (Subscriber subscriber = durable(broker, transport, version).open()) {
                publisher.publish("last");
                assertThat(receive(subscriber).text()).isEqualTo("last");
            }
        }
    }

    private static Subscriber.Builder durable(Mosquitto broker, String transport, MqttVersion version) {
        return subscriber(broker, transport)
                .version(version)
                .clientId("durable")
                .sessionExpiry(Duration.ofMinutes(5))
                .topic("news/br")
                .qos(QoS.EXACTLY_ONCE);
    }

    @ParameterizedTest
    @MethodSource("transportsAndVersions")
    void shouldArriveOnceThoughConnectionsBreak(String transport, MqttVersion version) throws Exception {
        List<String> expected =
                IntStream.range(0, 500).mapToObj(i -> "message " + i).toList();
        List<String> arrived = new CopyOnWriteArrayList<>();
        Breaking publishers = new Breaking();
        Breaking subscribers = new Breaking();
        try (Mosquitto broker = Mosquitto.start(folder);
                Subscriber subscriber = durable(broker, transport, version)
                        .reconnect(SOON)
                        .layer(subscribers)
                        .onMessage(message -> arrived.add(message.text()))
                        .open();
                Publisher publisher = publisher(broker, transport)
                        .version(version)
                        .clientId("publisher")
                        .sessionExpiry(Duration.ofMinutes(5))
                        .qos(QoS.EXACTLY_ONCE)
                        .retain(false)
                        .window(20)
                        .reconnect(SOON)
                        .layer(publishers)
                        .open()) {
            for (int i = 0; i < expected.size(); i++) {
                publisher.publishAsync(expected.get(i));
                if (i % 100 == 50) {
                    (i % 200 == 50 ? publishers : subscribers).abort();
                }
            }
            publisher.flush();
            Eventually.within20Seconds().until(() -> arrived.size() >= expected.size());
            assertThat(subscriber.state()).isEqualTo(ConnectionState.CONNECTED);
        }
        assertThat(arrived).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("transportsAndVersions")
    void shouldLeaveAWillBehind(String transport, MqttVersion version) throws Exception {
        Breaking connections = new Breaking();
        try (Mosquitto broker = Mosquitto.start(folder);
                Subscriber subscriber =
                        subscriber(broker, transport).topic("gone/+").open();
                Publisher publisher = publisher(broker, transport)
                        .version(version)
                        .will(Message.of("gone/publisher", "adeus"))
                        .reconnect(Reconnect.never())
                        .layer(connections)
                        .open()) {
            connections.abort();
            assertThat(receive(subscriber).text()).isEqualTo("adeus");
            assertThat(publisher.topic()).isEqualTo("news/br");
        }
    }

    /** Remembers the last connection, so that a test can break it. */
    private static final class Breaking implements Layer {

        private volatile Connection last;

        @Override
        public Acceptor wrap(Acceptor engine) {
            return connection -> {
                last = connection;
                return engine.accept(connection);
            };
        }

        void abort() {
            last.abort();
        }
    }

    private static Publisher.Builder publisher(Mosquitto broker, String transport) {
        return Publisher.builder(broker.endpoint()).transport(transport).topic("news/br");
    }

    private static Subscriber.Builder subscriber(Mosquitto broker, String transport) {
        return Subscriber.builder(broker.endpoint()).transport(transport);
    }

    private static Message receive(Subscriber subscriber) {
        return subscriber.receive(ARRIVAL).orElseThrow(() -> new AssertionError("no message within " + ARRIVAL));
    }
}
