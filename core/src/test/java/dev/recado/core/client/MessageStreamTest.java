package dev.recado.core.client;

import static dev.recado.core.client.ScriptedBroker.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recado.ConnectionFailedException;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.Reconnect;
import dev.recado.Subscriber;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the Reactive Streams kit does not ask of {@link Subscriber#messages}. */
class MessageStreamTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final ScriptedBroker broker = new ScriptedBroker();

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    private static class Downstream implements Flow.Subscriber<Message> {

        final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
        final List<String> texts = new CopyOnWriteArrayList<>();
        final CompletableFuture<Throwable> end = new CompletableFuture<>();
        volatile String thread;

        void request(long n) {
            subscription.join().request(n);
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription.complete(given);
        }

        @Override
        public void onNext(Message message) {
            thread = Thread.currentThread().getName();
            texts.add(message.text());
        }

        @Override
        public void onError(Throwable error) {
            end.complete(error);
        }

        @Override
        public void onComplete() {
            end.complete(null);
        }
    }

    @Test
    void shouldNotReadWhatIsNotRequested() {
        try (Subscriber subscriber = broker.subscriber().buffer(2).open()) {
            Downstream downstream = new Downstream();
            subscriber.messages().subscribe(downstream);
            Session session = broker.session();
            String payload = "x".repeat(60_000);
            for (int i = 0; i < 100; i++) {
                session.send(message("t/a", payload));
            }
            await().atMost(SOON).until(() -> session.connection.pending() < 98 * 60_100);
            assertThat(session.connection.pending()).isGreaterThan(95 * 60_000);
            downstream.request(50);
            await().atMost(SOON).until(() -> downstream.texts.size() == 50);
            await().atMost(SOON).until(() -> session.connection.pending() < 48 * 60_100);
            assertThat(session.connection.pending()).isGreaterThan(45 * 60_000);
            downstream.request(50);
            await().atMost(SOON).until(() -> downstream.texts.size() == 100);
        }
    }

    @Test
    void shouldAcknowledgeWhatWasHandedOverOnly() {
        try (Subscriber subscriber = broker.subscriber().open()) {
            Downstream downstream = new Downstream();
            subscriber.messages().subscribe(downstream);
            Session session = broker.session();
            session.send(message("t/a", "1", 1), message("t/a", "2", 2));
            downstream.request(1);
            assertThat(session.next(Packet.Ack.class).packetId()).isEqualTo(1);
            assertThat(session.count(Packet.Ack.class)).isZero();
            assertThat(downstream.texts).containsExactly("1");
            assertThat(downstream.thread).isEqualTo("recado-subscriber-assigned");
            downstream.request(1);
            assertThat(session.next(Packet.Ack.class).packetId()).isEqualTo(2);
        }
    }

    @Test
    void shouldCompleteAfterTheLastMessageWhenClosed() {
        Subscriber subscriber = broker.subscriber().open();
        Downstream downstream = new Downstream();
        subscriber.messages().subscribe(downstream);
        downstream.request(Long.MAX_VALUE);
        broker.session().send(message("t/a", "1"), message("t/a", "2"));
        subscriber.close();
        assertThat(downstream.end).succeedsWithin(SOON).isNull();
        assertThat(downstream.texts).containsExactly("1", "2");
    }

    @Test
    void shouldEndWithAnErrorBehindWhatHadArrivedWhenTheConnectionIsLostForGood() {
        Subscriber subscriber = broker.subscriber().reconnect(Reconnect.never()).open();
        Downstream downstream = new Downstream();
        subscriber.messages().subscribe(downstream);
        Session session = broker.session();
        session.send(message("t/a", "1", 1));
        session.connection.close();
        await().atMost(SOON).until(() -> subscriber.state() == ConnectionState.CLOSED);
        assertThat(downstream.end).isNotDone();
        downstream.request(1);
        assertThat(downstream.end).succeedsWithin(SOON).isInstanceOf(ConnectionFailedException.class);
        assertThat(downstream.texts).containsExactly("1");
    }

    @Test
    void shouldCloseTheSubscriberWhenCancelled() {
        Subscriber subscriber = broker.subscriber().open();
        Downstream downstream = new Downstream();
        subscriber.messages().subscribe(downstream);
        Session session = broker.session();
        session.send(message("t/a", "1"));
        downstream.subscription.join().cancel();
        session.next(Packet.Disconnect.class);
        session.awaitClosed();
        assertThat(subscriber.state()).isEqualTo(ConnectionState.CLOSED);
        subscriber.close();
        assertThat(downstream.end).as("nothing follows a cancel").isNotDone();
        assertThat(downstream.texts).isEmpty();
    }

    @Test
    void shouldRefuseASecondDownstream() {
        try (Subscriber subscriber = broker.subscriber().open()) {
            Downstream first = new Downstream();
            Downstream second = new Downstream();
            subscriber.messages().subscribe(first);
            subscriber.messages().subscribe(second);
            assertThat(second.subscription).succeedsWithin(SOON);
            assertThat(second.end).succeedsWithin(SOON).isInstanceOf(IllegalStateException.class);
            first.request(1);
            broker.session().send(message("t/a", "1"));
            await().atMost(SOON).until(() -> first.texts.size() == 1);
            assertThatThrownBy(() -> subscriber.messages().subscribe(null)).isInstanceOf(NullPointerException.class);
        }
    }

    @Test
    void shouldCancelADownstreamThatThrows() {
        Subscriber subscriber = broker.subscriber().open();
        Downstream downstream = new Downstream() {
            @Override
            public void onNext(Message message) {
                throw new IllegalStateException("for the log");
            }
        };
        subscriber.messages().subscribe(downstream);
        downstream.request(2);
        Session session = broker.session();
        session.send(message("t/a", "1"), message("t/a", "2"));
        session.awaitClosed();
        assertThat(subscriber.state()).isEqualTo(ConnectionState.CLOSED);
        subscriber.close();
    }
}
