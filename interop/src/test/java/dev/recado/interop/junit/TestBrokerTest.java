package dev.recado.interop.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.Broker;
import dev.recado.ClosedException;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.RefusedException;
import dev.recado.Subscriber;
import dev.recado.auth.AuthStep;
import dev.recado.testkit.TestCertificates;
import dev.recado.testkit.junit.Direction;
import dev.recado.testkit.junit.RecadoBroker;
import dev.recado.testkit.junit.Recording;
import dev.recado.testkit.junit.TestBroker;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a test can do with its broker. That nothing is left of each is checked by the extension itself. */
class TestBrokerTest {

    private static final Duration SILENCE = Duration.ofMillis(50);

    @RecadoBroker
    TestBroker broker;

    private Publisher.Builder publisher(String topic) {
        return Publisher.builder(broker.endpoint()).topic(topic);
    }

    private Subscriber.Builder subscriber(String filter) {
        return Subscriber.builder(broker.endpoint()).topic(filter);
    }

    // ---- Messages ----

    @Test
    void shouldRecordWhatArrivesInOrder() {
        Recording all = broker.record("house/#");
        try (Publisher publisher = publisher("house/door").open()) {
            publisher.publish("open");
            publisher.publish("shut");
        }
        broker.publish("garden", "elsewhere");

        assertThat(all.next().text()).isEqualTo("open");
        assertThat(all.next().text()).isEqualTo("shut");
        all.expectNone(SILENCE);
        assertThat(all.all()).extracting(Message::topic).containsExactly("house/door", "house/door");
    }

    @Test
    void shouldSkipUntilTheMessageThatIsWanted() {
        Recording all = broker.record("t");
        for (String text : List.of("a", "b", "c", "d")) {
            broker.publish("t", text);
        }

        assertThat(all.next(message -> message.text().equals("b")).text()).isEqualTo("b");
        assertThat(all.next(2)).extracting(Message::text).containsExactly("c", "d");
    }

    @Test
    void shouldRecordLastValuesFirst() {
        try (Publisher publisher = publisher("t").open()) {
            publisher.publish("before");
        }
        assertThat(broker.record("t").next().text()).isEqualTo("before");
    }

    @Test
    void shouldPublishNoLastValueUnlessTheMessageSaysSo() {
        broker.publish("passing", "x");
        broker.publish(Message.builder("kept").payload("y").retained(true).build());

        assertThat(broker.record("+").next().topic()).isEqualTo("kept");
    }

    @Test
    void shouldRecordNoMoreOnceClosed() {
        Recording closed = broker.record("t");
        broker.publish("t", "1");
        closed.next();
        closed.close();
        broker.publish("t", "2");
        broker.restart();
        broker.publish("t", "3");

        closed.expectNone(SILENCE);
        assertThat(closed.all()).hasSize(1);
    }

    @Test
    void shouldSayWhatCameInsteadOfAMessage() {
        try (TestBroker hasty = TestBroker.start(builder -> builder)) {
            Recording some = hasty.record("t");
            hasty.publish("t", "12345");
            assertThatThrownBy(() -> some.expectNone(SILENCE))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("t: 5 bytes");
        }
    }

    static final class Guarded implements RecadoBroker.Configuration {
        @Override
        public void configure(Broker.Builder builder) {
            builder.authenticator(login -> CompletableFuture.completedFuture(
                    "test".equals(login.userName()) ? AuthStep.accepted("test") : AuthStep.badUserNameOrPassword()));
        }
    }

    @Test
    void shouldLogInWhereTheBrokerAsksForIt(@RecadoBroker(configuration = Guarded.class) TestBroker guarded) {
        assertThatThrownBy(() -> guarded.record("t")).isInstanceOf(RefusedException.class);

        guarded.credentials("test", "secret");
        Recording all = guarded.record("t");
        guarded.publish("t", "x");
        assertThat(all.next().text()).isEqualTo("x");
    }

    // ---- Clients ----

    @Test
    void shouldAwaitClientsTheirSubscriptionsAndTheirEnd() {
        try (Subscriber subscriber = subscriber("t").clientId("sub-1").open()) {
            assertThat(broker.awaitClient("sub-1").topics()).containsExactly("t");
            broker.awaitSubscriptions(1);
            broker.publish("t", "here");
            assertThat(subscriber.receive(Duration.ofSeconds(10)).orElseThrow().text())
                    .isEqualTo("here");
        }
        broker.awaitGone("sub-1");
    }

    @Test
    void shouldNameTheClientsThatThereAreWhenOneIsMissing() {
        try (Publisher publisher = publisher("t").clientId("pub-1").open()) {
            assertThatThrownBy(() -> broker.faults("pub-2"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'pub-2'")
                    .hasMessageContaining("pub-1");
        }
    }

    // ---- Faults ----

    @Test
    void shouldCutOneClientWhichThenComesBack() throws InterruptedException {
        BlockingQueue<ConnectionState> states = new ArrayBlockingQueue<>(10);
        try (Publisher lucky = publisher("t").clientId("lucky").open();
                Publisher publisher = publisher("t")
                        .clientId("cut")
                        .onStateChange((from, state, cause) -> states.add(state))
                        .open()) {
            assertThat(states.poll(10, TimeUnit.SECONDS)).isEqualTo(ConnectionState.CONNECTED);
            broker.faults("cut").cut();

            assertThat(states.poll(10, TimeUnit.SECONDS)).isEqualTo(ConnectionState.RECONNECTING);
            assertThat(states.poll(10, TimeUnit.SECONDS)).isEqualTo(ConnectionState.CONNECTED);
            publisher.publish("again");
            lucky.publish("always");
        }
    }

    @Test
    void shouldStallAPublisherUntilCleared() {
        Recording all = broker.record("t");
        try (Publisher publisher = publisher("t").qos(QoS.AT_LEAST_ONCE).open()) {
            broker.faults().stall();
            var published = publisher.publishAsync(Message.of("t", "late"));
            all.expectNone(SILENCE);
            assertThat(published).isNotDone();

            broker.faults().clear();
            assertThat(all.next().text()).isEqualTo("late");
            published.join();
        }
    }

    @Test
    void shouldDelayWhatClientsGet() {
        Duration latency = Duration.ofMillis(150);
        try (Subscriber subscriber = subscriber("t").clientId("far").open()) {
            broker.faults("far").only(Direction.TO_CLIENT).delay(latency);
            long sent = System.nanoTime();
            broker.publish("t", "x");
            assertThat(subscriber.receive(Duration.ofSeconds(10)).orElseThrow().text())
                    .isEqualTo("x");
            assertThat(System.nanoTime() - sent).isGreaterThanOrEqualTo(latency.toNanos());
            broker.faults("far").clear();
        }
    }

    /** The inverted first byte of a PUBLISH is no packet type with such flags (MQTT-2.1.3-1). */
    @Test
    void shouldCorruptAPacketSoThatTheBrokerRefusesIt() {
        Recording all = broker.record("t");
        try (Publisher publisher = publisher("t").clientId("garbled").open()) {
            broker.faults("garbled").only(Direction.TO_BROKER).corrupt();

            assertThatThrownBy(() -> publisher.publish("lost"))
                    .isInstanceOf(ClosedException.class)
                    .hasMessageContaining("MALFORMED_PACKET");
            broker.awaitGone("garbled");
            all.expectNone(SILENCE);
        }
    }

    static final class Encrypted implements RecadoBroker.Configuration {
        static final TestCertificates CERTIFICATES = TestCertificates.authority("the test's authority");

        @Override
        public void configure(Broker.Builder builder) {
            builder.tls(CERTIFICATES.context(CERTIFICATES.issue("broker", "ip:127.0.0.1")));
        }
    }

    @Test
    void shouldLeadThroughABadNetworkUnderTlsToo(
            @RecadoBroker(listen = "mqtts://127.0.0.1:0", configuration = Encrypted.class) TestBroker encrypted) {
        Recording all = encrypted.record("t");
        try (Publisher publisher = Publisher.builder(encrypted.endpoint())
                .topic("t")
                .clientId("private")
                .tls(Encrypted.CERTIFICATES.context())
                .open()) {
            encrypted.faults("private").stall();
            var published = publisher.publishAsync(Message.of("t", "late"));
            all.expectNone(SILENCE);

            encrypted.faults("private").clear();
            assertThat(all.next().text()).isEqualTo("late");
            published.join();
        }
    }

    // ---- The broker ----

    @Test
    void shouldRestartAtTheSameEndpointWithNothingInMemory() {
        URI before = broker.endpoint();
        Recording all = broker.record("+");
        try (Publisher publisher = publisher("kept").open()) {
            publisher.publish("old");
            assertThat(all.next().text()).isEqualTo("old");
            broker.restart();

            assertThat(broker.endpoint()).isEqualTo(before);
            assertThat(broker.broker().topics()).doesNotContain("kept");
            publisher.publish("new");
            assertThat(all.next().text()).isEqualTo("new");
            all.expectNone(SILENCE);
        }
    }

    @Test
    void shouldShowTheBrokerItself() {
        try (Publisher publisher = publisher("t").clientId("out").open()) {
            assertThat(broker.broker().disconnect("out", ReasonCode.ADMINISTRATIVE_ACTION))
                    .isTrue();
            broker.awaitGone("out");
        } catch (ClosedException e) {
            // It need not have come back before it is closed.
        }
    }

    @Test
    void shouldListenOnLoopbackOnly() {
        assertThat(broker.host()).isEqualTo("127.0.0.1");
        assertThat(broker.endpoint()).isEqualTo(URI.create("mqtt://127.0.0.1:" + broker.port()));
    }
}
