package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.ConnectionFailedException;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.Reconnect;
import dev.recado.Subscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
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
