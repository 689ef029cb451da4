package dev.recado.core.client;

import static dev.recado.core.client.ScriptedBroker.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recado.ConnectionFailedException;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.Reconnect;
import dev.recado.RefusedException;
import dev.recado.Subscriber;
import dev.recado.UserProperty;
import dev.recado.WaitInterruptedException;
import dev.recado.WaitTimeoutException;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.time.ManualTimers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubscriberTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final ScriptedBroker broker = new ScriptedBroker();

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    // ---- subscribing

    @Test
    void shouldStateRoleAndFiltersAndSubscribeToThem() {
        try (Subscriber subscriber = broker.subscriber().topic("u").buffer(7).open()) {
            Session session = broker.session();
            Packet.Connect connect = session.next(Packet.Connect.class);
            assertThat(connect.properties().userProperties())
                    .containsExactly(
                            new UserProperty("recado-role", "subscriber"),
                            new UserProperty("recado-topic", "t/#"),
                            new UserProperty("recado-topic", "u"));
            assertThat(connect.properties().number(Property.RECEIVE_MAXIMUM, 0)).isEqualTo(7);
            assertThat(session.next(Packet.Subscribe.class).subscriptions())
                    .containsExactly(
                            new Packet.Subscription("t/#", QoS.AT_LEAST_ONCE, false, false, 0),
                            new Packet.Subscription("u", QoS.AT_LEAST_ONCE, false, false, 0));
            assertThat(subscriber.topics()).containsExactly("t/#", "u");
        }
    }

    @Test
    void shouldOpenOnlyWhenTheSubscriptionsAreGranted() throws Exception {
        broker.on(PacketType.SUBSCRIBE, (session, packet) -> {});
        CompletableFuture<Subscriber> opening =
                Background.get(() -> broker.subscriber().open());
        Session session = broker.session();
        Packet subscribe = session.next(Packet.Subscribe.class);
        assertThat(opening).isNotDone();
        session.answer(subscribe);
        session.connection.flush();
        opening.get(20, TimeUnit.SECONDS).close();
    }

    @Test
    void shouldNameTheFilterAndTheCodeOfARefusedSubscription() {
        broker.on(
                PacketType.SUBSCRIBE,
                (session, packet) -> session.write(new Packet.SubAck(
                        1,
                        Properties.builder()
                                .set(Property.REASON_STRING, "not for\nyou")
                                .build(),
                        List.of(ReasonCode.GRANTED_QOS_1, ReasonCode.NOT_AUTHORIZED))));
        assertThatThrownBy(() -> broker.subscriber().topic("secret").open())
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reasonCode()).contains(ReasonCode.NOT_AUTHORIZED))
                .hasMessageContaining("'secret'")
                .hasMessageEndingWith("NOT_AUTHORIZED (0x87), 'not for you'");
        broker.session().awaitClosed();
    }

    @Test
    void shouldTimeOutWhenTheSubscriptionsAreNotGranted() {
        broker.on(PacketType.SUBSCRIBE, (session, packet) -> {});
        assertThatThrownBy(() ->
                        broker.subscriber().timeout(Duration.ofMillis(200)).open())
                .isInstanceOf(WaitTimeoutException.class)
                .hasMessageContaining("t/#")
                .hasMessageContaining("PT0.2S");
        broker.session().awaitClosed();
    }

    @Test
    void shouldRefuseASubAckThatDoesNotFit() {
        broker.on(
                PacketType.SUBSCRIBE,
                (session, packet) -> session.write(new Packet.SubAck(
                        1, Properties.NONE, List.of(ReasonCode.GRANTED_QOS_1, ReasonCode.GRANTED_QOS_1))));
        assertThatThrownBy(() -> broker.subscriber().open())
                .isInstanceOf(ConnectionFailedException.class)
                .hasMessageContaining("MQTT-3.8.4-6");
        assertThat(broker.session().next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void shouldNotAskForWhatTheBrokerDoesNotHave() {
        broker.accepting(Properties.builder()
                .set(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, 0)
                .set(Property.SHARED_SUBSCRIPTION_AVAILABLE, 0)
                .build());
        assertThatThrownBy(() -> broker.subscriber().open())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("'t/#'");
        assertThatThrownBy(() -> new SubscriberBuilder(broker.endpoint, broker.choice(), null)
                        .topic("$share/g/t")
                        .open())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("'$share/g/t'");
        Session session = broker.session();
        session.awaitClosed();
        assertThat(session.count(Packet.Subscribe.class)).isZero();
        broker.accepting(
                Properties.builder().set(Property.MAXIMUM_PACKET_SIZE, 10).build());
        assertThatThrownBy(() -> broker.subscriber().open())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("Maximum Packet Size of 10");
    }

    @Test
    void shouldAskForHistoryOnlyWhereItIsAnnounced() {
        for (String extensions : new String[] {"roles topics", "replays"}) {
            broker.accepting(
                    Properties.builder().userProperty("recado", extensions).build());
            assertThatThrownBy(() -> broker.subscriber().replay(3).open())
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("replay");
            assertThat(broker.session().count(Packet.Subscribe.class)).isZero();
        }
        broker.accepting(
                Properties.builder().userProperty("recado", "roles replay").build());

        try (Subscriber subscriber = broker.subscriber().replay(3).open()) {
            Packet.Subscribe subscribe = broker.session().next(Packet.Subscribe.class);
            assertThat(subscribe.properties().userProperties()).containsExactly(new UserProperty("recado-replay", "3"));
            assertThat(subscribe.subscriptions().get(0).retainHandling()).isEqualTo(2);
        }
    }

    // ---- handler

    @Test
    void shouldHandleMessagesInOrderOnAThreadOfItsOwn() throws Exception {
        BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        AtomicReference<Thread> thread = new AtomicReference<>();
        try (Subscriber subscriber = broker.subscriber()
                .clientId("sub")
                .onMessage(m -> {
                    thread.set(Thread.currentThread());
                    texts.add(m.text());
                })
                .open()) {
            Session session = broker.session();
            for (int i = 0; i < 500; i++) {
                session.write(i % 2 == 0 ? message("t/a", "m" + i) : message("t/b", "m" + i, i));
            }
            session.connection.flush();
            for (int i = 0; i < 500; i++) {
                assertThat(texts.poll(20, TimeUnit.SECONDS)).isEqualTo("m" + i);
            }
            // A virtual thread has no other sign of its kind that JDK 17 could read.
            assertThat(thread.get().getName()).isEqualTo("recado-subscriber-assigned");
            assertThat(thread.get().isDaemon()).isTrue();
            for (int i = 1; i < 500; i += 2) {
                assertThat(session.next(Packet.Ack.class).packetId()).isEqualTo(i);
            }
            assertThat(subscriber.clientId()).isEqualTo("assigned");
        }
        assertThat(thread.get().isAlive()).isFalse();
    }

    @Test
    void shouldAcknowledgeOnlyWhenTheHandlerHasReturned() throws Exception {
        Semaphore permits = new Semaphore(0);
        CountDownLatch entered = new CountDownLatch(1);
        try (Subscriber subscriber = broker.subscriber()
                .onMessage(m -> {
                    entered.countDown();
                    permits.acquireUninterruptibly();
                })
                .open()) {
            Session session = broker.session();
            session.send(message("t/a", "x", 9));
            assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(session.count(Packet.Ack.class)).isZero();
            permits.release();
            assertThat(session.next(Packet.Ack.class).packetId()).isEqualTo(9);
            assertThat(subscriber.state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    @Test
    void shouldAcknowledgeWhatTheHandlerThrewAtAndGoOn() throws Exception {
        BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        try (Subscriber subscriber = broker.subscriber()
                .onMessage(m -> {
                    texts.add(m.text());
                    if (m.text().equals("error")) {
                        throw new AssertionError("for the log");
                    }
                    throw new IllegalStateException("for the log");
                })
                .open()) {
            Session session = broker.session();
            session.send(message("t/a", "error", 1), message("t/a", "exception", 2), message("t/a", "last", 3));
            assertThat(session.next(Packet.Ack.class).packetId()).isEqualTo(1);
            assertThat(session.next(Packet.Ack.class).packetId()).isEqualTo(2);
            Packet.Ack third = session.next(Packet.Ack.class);
            assertThat(third.packetId()).isEqualTo(3);
            assertThat(third.reasonCode()).isEqualTo(ReasonCode.SUCCESS);
            assertThat(texts).containsExactly("error", "exception", "last");
            assertThat(subscriber.state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    @Test
    void shouldUseTheGivenExecutorOneMessageAtATime() {
        ExecutorService pool = Executors.newFixedThreadPool(4, task -> {
            Thread thread = new Thread(task, "the-program's");
            thread.setDaemon(true);
            return thread;
        });
        try {
            AtomicInteger inside = new AtomicInteger();
            List<String> texts = new CopyOnWriteArrayList<>();
            AtomicBoolean wrong = new AtomicBoolean();
            try (Subscriber subscriber = broker.subscriber()
                    .executor(pool)
                    .onMessage(m -> {
                        wrong.compareAndSet(
                                false,
                                inside.incrementAndGet() != 1
                                        || !Thread.currentThread().getName().equals("the-program's"));
                        texts.add(m.text());
                        inside.decrementAndGet();
                    })
                    .open()) {
                Session session = broker.session();
                List<String> expected = new ArrayList<>();
                for (int i = 0; i < 1000; i++) {
                    expected.add("m" + i);
                    session.send(message("t/a", "m" + i));
                }
                await().atMost(SOON).until(() -> texts.size() == 1000);
                assertThat(texts).isEqualTo(expected);
                assertThat(wrong).isFalse();
                assertThat(subscriber.state()).isEqualTo(ConnectionState.CONNECTED);
            }
            assertThat(pool.isShutdown()).isFalse();
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void shouldCloseWhenTheExecutorTakesNoMore() {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        Subscriber subscriber =
                broker.subscriber().executor(pool).onMessage(m -> {}).open();
        pool.shutdownNow();
        Session session = broker.session();
        session.send(message("t/a", "x"));
        session.awaitClosed();
        await().atMost(SOON).until(() -> subscriber.state() == ConnectionState.CLOSED);
        subscriber.close();
    }

    // ---- what a message carries

    @Test
    void shouldHandOutEverythingThatAMessageCarries() {
        try (Subscriber subscriber = broker.subscriber().open()) {
            broker.session()
                    .send(new Packet.Publish(
                            true,
                            QoS.AT_LEAST_ONCE,
                            true,
                            "t/ação",
                            3,
                            Properties.builder()
                                    .set(Property.PAYLOAD_FORMAT_INDICATOR, 1)
                                    .set(Property.MESSAGE_EXPIRY_INTERVAL, 7)
                                    .set(Property.CONTENT_TYPE, "text/plain")
                                    .set(Property.RESPONSE_TOPIC, "answers")
                                    .set(Property.CORRELATION_DATA, ByteBuffer.wrap(new byte[] {1, 2}))
                                    .userProperty("a", "1")
                                    .userProperty("a", "2")
                                    .build(),
                            ScriptedBroker.utf8("bom dia")));
            Message message = subscriber.receive(SOON).orElseThrow();
            assertThat(message.topic()).isEqualTo("t/ação");
            assertThat(message.text()).isEqualTo("bom dia");
            assertThat(message.qos()).contains(QoS.AT_LEAST_ONCE);
            assertThat(message.retained()).isTrue();
            assertThat(message.duplicate()).isTrue();
            assertThat(message.utf8()).isTrue();
            assertThat(message.expiry()).contains(Duration.ofSeconds(7));
            assertThat(message.contentType()).contains("text/plain");
            assertThat(message.responseTopic()).contains("answers");
            assertThat(message.correlationData()).contains(ByteBuffer.wrap(new byte[] {1, 2}));
            assertThat(message.userProperties())
                    .containsExactly(new UserProperty("a", "1"), new UserProperty("a", "2"));
        }
    }

    @Test
    void shouldTellTopicsOfEqualLengthApart() {
        try (Subscriber subscriber = broker.subscriber().open()) {
            Session session = broker.session();
            session.send(message("t/a", "1"), message("t/a", "2"), message("t/b", "3"), message("t/a", "4"));
            assertThat(subscriber.receive(SOON).orElseThrow().topic()).isEqualTo("t/a");
            assertThat(subscriber.receive(SOON).orElseThrow().topic()).isEqualTo("t/a");
            assertThat(subscriber.receive(SOON).orElseThrow().topic()).isEqualTo("t/b");
            assertThat(subscriber.receive(SOON).orElseThrow().topic()).isEqualTo("t/a");
        }
    }

    // ---- receive

    @Test
    void shouldReceiveOneByOneAcknowledgingEach() {
        try (Subscriber subscriber = broker.subscriber().open()) {
            Session session = broker.session();
            assertThat(subscriber.receive(Duration.ZERO)).isEmpty();
            assertThat(subscriber.receive(Duration.ofMillis(10))).isEmpty();
            session.send(message("t/a", "x", 5), message("t/a", "y", 6));
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("x");
            assertThat(session.next(Packet.Ack.class).packetId()).isEqualTo(5);
            assertThat(session.count(Packet.Ack.class)).isZero();
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("y");
            assertThat(session.next(Packet.Ack.class).packetId()).isEqualTo(6);
            assertThatThrownBy(() -> subscriber.receive(Duration.ofMillis(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("PT-0.001S");
        }
    }

    @Test
    void shouldLoseNoMessageToAnInterrupt() throws Exception {
        try (Subscriber subscriber = broker.subscriber().open()) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread caller = new Thread(() -> {
                try {
                    subscriber.receive(SOON);
                } catch (RecadoException e) {
                    thrown.set(e);
                }
            });
            caller.start();
            await().until(() -> caller.getState() == Thread.State.TIMED_WAITING);
            caller.interrupt();
            caller.join(20_000);
            assertThat(thrown.get()).isInstanceOf(WaitInterruptedException.class);
            broker.session().send(message("t/a", "x"));
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("x");
        }
    }

    @Test
    void shouldHandOutAfterCloseWhatHadArrived() {
        Subscriber subscriber = broker.subscriber().open();
        broker.session().send(message("t/a", "x"), message("t/a", "y"));
        subscriber.close();
        assertThat(subscriber.receive(SOON)).map(Message::text).contains("x");
        assertThat(subscriber.receive(Duration.ZERO)).map(Message::text).contains("y");
        assertThat(subscriber.receive(SOON)).isEmpty();
    }

    @Test
    void shouldHandOutWhatArrivedAndThenThrowWhenTheConnectionIsLostForGood() {
        Subscriber subscriber = broker.subscriber().reconnect(Reconnect.never()).open();
        Session session = broker.session();
        session.send(message("t/a", "x"));
        await().until(() -> subscriber.receive(Duration.ZERO).isPresent());
        session.send(message("t/a", "y"), new Packet.Disconnect(ReasonCode.SERVER_SHUTTING_DOWN, Properties.NONE));
        assertThat(subscriber.receive(SOON)).map(Message::text).contains("y");
        assertThatThrownBy(() -> subscriber.receive(SOON))
                .isInstanceOfSatisfying(
                        ConnectionFailedException.class,
                        e -> assertThat(e.reasonCode()).contains(ReasonCode.SERVER_SHUTTING_DOWN))
                .hasMessageContaining("SERVER_SHUTTING_DOWN (0x8B)");
        subscriber.close();
    }

    // ---- exactly one way

    @Test
    void shouldConsumeInOneWayOnly() {
        try (Subscriber subscriber = broker.subscriber().onMessage(m -> {}).open()) {
            assertThatThrownBy(() -> subscriber.receive(Duration.ZERO)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(subscriber::messages).isInstanceOf(IllegalStateException.class);
        }
        try (Subscriber subscriber = broker.subscriber().open()) {
            subscriber.receive(Duration.ZERO);
            assertThatThrownBy(subscriber::messages)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("RECEIVE");
        }
        try (Subscriber subscriber = broker.subscriber().open()) {
            Flow.Publisher<Message> messages = subscriber.messages();
            assertThat(subscriber.messages()).isSameAs(messages);
            assertThatThrownBy(() -> subscriber.receive(Duration.ZERO)).isInstanceOf(IllegalStateException.class);
        }
    }

    // ---- the bounded buffer

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 100})
    void shouldNotReadBeyondTheBufferAndGoOnWhenThereIsRoom(int buffer) {
        try (Subscriber subscriber = broker.subscriber().buffer(buffer).open()) {
            Session session = broker.session();
            byte[] filler = new byte[50 * 1024];
            int sent = 300;
            for (int i = 0; i < sent; i++) {
                session.send(new Packet.Publish(
                        false, QoS.AT_MOST_ONCE, false, "t/" + i, 0, Properties.NONE, ByteBuffer.wrap(filler)));
            }
            long most = (sent - buffer) * (long) filler.length;
            // What it has read beyond the buffer is at most one read of the transport's.
            await().atMost(SOON).until(() -> session.connection.pending() < most + sent * 20L);
            assertThat(session.connection.pending()).isGreaterThan(most - 2L * filler.length);
            for (int i = 0; i < sent; i++) {
                assertThat(subscriber.receive(SOON)).map(Message::topic).contains("t/" + i);
            }
            await().atMost(SOON).until(() -> session.connection.pending() == 0);
        }
    }

    @Test
    void shouldStopDecodingWhatIsAlreadyRead() {
        try (Subscriber subscriber = broker.subscriber().buffer(1).open()) {
            Session session = broker.session();
            // One read brings them all, and the DISCONNECT behind them.
            for (int i = 0; i < 50; i++) {
                session.write(message("t/a", "m" + i));
            }
            session.send(new Packet.Disconnect(ReasonCode.SERVER_SHUTTING_DOWN, Properties.NONE));
            for (int i = 0; i < 49; i++) {
                assertThat(subscriber.receive(SOON)).map(Message::text).contains("m" + i);
            }
            assertThat(subscriber.state()).isEqualTo(ConnectionState.CONNECTED);
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("m49");
            await().atMost(SOON).until(() -> broker.waitingSessions() == 1);
        }
    }

    @Test
    void shouldNotLoseTheThreadBetweenFullAndEmptyWhateverTheTiming() {
        for (int round = 0; round < 20; round++) {
            AtomicInteger handled = new AtomicInteger();
            try (Subscriber subscriber = broker.subscriber()
                    .buffer(1 + round % 3)
                    .onMessage(m -> handled.incrementAndGet())
                    .open()) {
                Session session = broker.session();
                for (int i = 0; i < 200; i++) {
                    session.write(message("t/a", "m" + i));
                    if (i % (1 + round % 7) == 0) {
                        session.connection.flush();
                    }
                }
                session.connection.flush();
                await().atMost(SOON).until(() -> handled.get() == 200);
                assertThat(subscriber.state()).isEqualTo(ConnectionState.CONNECTED);
            }
        }
    }

    @Test
    void shouldDisconnectABrokerThatExceedsTheReceiveMaximum() {
        try (Subscriber subscriber = broker.subscriber().buffer(2).manualAck().open()) {
            Session session = broker.session();
            session.send(message("t/a", "1", 1), message("t/a", "2", 2));
            assertThat(subscriber.receive(SOON)).isPresent();
            assertThat(subscriber.receive(SOON)).isPresent();
            session.send(message("t/a", "3", 3));
            assertThat(session.next(Packet.Disconnect.class).reasonCode())
                    .isEqualTo(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
        }
    }

    // ---- acknowledging by hand

    @Test
    void shouldSendAcknowledgementsByHandInTheOrderReceived() {
        try (Subscriber subscriber = broker.subscriber().manualAck().open()) {
            Session session = broker.session();
            session.send(
                    message("t/a", "1", 11), message("t/a", "0"), message("t/a", "2", 12), message("t/a", "3", 13));
            Message first = subscriber.receive(SOON).orElseThrow();
            Message unacknowledged = subscriber.receive(SOON).orElseThrow();
            Message second = subscriber.receive(SOON).orElseThrow();
            Message third = subscriber.receive(SOON).orElseThrow();
            subscriber.acknowledge(third);
            subscriber.acknowledge(unacknowledged);
            subscriber.acknowledge(second);
            subscriber.acknowledge(Message.of("t/a", "never received"));
            assertThat(session.count(Packet.Ack.class)).isZero();
            subscriber.acknowledge(first);
            subscriber.acknowledge(first);
            assertThat(session.next(Packet.Ack.class).packetId()).isEqualTo(11);
            assertThat(session.next(Packet.Ack.class).packetId()).isEqualTo(12);
            assertThat(session.next(Packet.Ack.class).packetId()).isEqualTo(13);
        }
    }

    @Test
    void shouldIgnoreAcknowledgementsForALostConnection() {
        try (Subscriber subscriber = broker.subscriber()
                .manualAck()
                .reconnect(new Reconnect(Duration.ofMillis(1), Duration.ofMillis(1), 100))
                .open()) {
            Session first = broker.session();
            first.send(message("t/a", "x", 1));
            Message message = subscriber.receive(SOON).orElseThrow();
            first.breakOff();
            Session second = broker.session();
            second.next(Packet.Subscribe.class);
            second.send(message("t/a", "x", 1));
            Message again = subscriber.receive(SOON).orElseThrow();
            subscriber.acknowledge(message);
            subscriber.acknowledge(again);
            assertThat(second.next(Packet.Ack.class).packetId()).isEqualTo(1);
            assertThat(second.count(Packet.Ack.class)).isZero();
        }
    }

    @Test
    void shouldRefuseToAcknowledgeByHandUnlessAsked() {
        try (Subscriber subscriber = broker.subscriber().open()) {
            assertThatThrownBy(() -> subscriber.acknowledge(Message.of("t/a", "x")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("manualAck()");
        }
    }

    // ---- closing

    @Test
    void shouldHandleBeforeClosingWhatTheBrokerSentBefore() throws Exception {
        for (int round = 0; round < 20; round++) {
            AtomicInteger handled = new AtomicInteger();
            Subscriber subscriber = broker.subscriber()
                    .buffer(3)
                    .onMessage(m -> handled.incrementAndGet())
                    .open();
            Session session = broker.session();
            for (int i = 0; i < 100; i++) {
                session.write(message("t/a", "m" + i));
            }
            session.connection.flush();
            subscriber.close();
            assertThat(handled).hasValue(100);
            session.next(Packet.PingReq.class);
            session.next(Packet.Disconnect.class);
            session.awaitClosed();
        }
    }

    @Test
    void shouldHandleBeforeClosingWhatTheBrokerHeldBackForTheReceiveMaximum() {
        // This one sends two messages, and each further one for an acknowledgement, as Receive Maximum demands.
        AtomicInteger sent = new AtomicInteger(2);
        broker.on(PacketType.PUBACK, (session, packet) -> {
            int next = sent.incrementAndGet();
            if (next <= 50) {
                session.write(message("t/a", "m" + next, next));
            }
        });
        List<String> texts = new CopyOnWriteArrayList<>();
        Subscriber subscriber = broker.subscriber()
                .buffer(2)
                .onMessage(m -> texts.add(m.text()))
                .open();
        broker.session().send(message("t/a", "m1", 1), message("t/a", "m2", 2));
        subscriber.close();
        assertThat(texts).hasSize(50).endsWith("m50");
    }

    @Test
    void shouldTellABusyBrokerToSendNothingNewBeforeItAsksForTheRest() {
        // One that has always as many messages on their way as it may, until it is told that there is no subscription.
        AtomicInteger sent = new AtomicInteger(2);
        AtomicBoolean subscribed = new AtomicBoolean(true);
        broker.on(PacketType.PUBACK, (session, packet) -> {
            if (subscribed.get()) {
                session.write(message("t/a", "m", sent.incrementAndGet() % 1000 + 1));
            }
        });
        broker.on(PacketType.UNSUBSCRIBE, (session, packet) -> {
            subscribed.set(false);
            session.answer(packet);
        });
        AtomicInteger handled = new AtomicInteger();
        Subscriber subscriber = broker.subscriber()
                .topic("u")
                .buffer(2)
                .timeout(SOON)
                .onMessage(m -> handled.incrementAndGet())
                .open();
        Session session = broker.session();
        session.send(message("t/a", "m", 1001), message("t/a", "m", 1002));
        await().atMost(SOON).until(() -> handled.get() > 100);
        long start = System.nanoTime();
        subscriber.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON.dividedBy(2));
        assertThat(handled).as("whatever was on its way").hasValue(sent.get());
        assertThat(session.next(Packet.Unsubscribe.class).filters()).containsExactly("t/#", "u");
        session.next(Packet.PingReq.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldNotWaitWhenClosingForWhatNobodyTakes(int taken) {
        Subscriber subscriber =
                broker.subscriber().buffer(4).timeout(Duration.ofMinutes(5)).open();
        Session session = broker.session();
        for (int i = 0; i < 20; i++) {
            session.write(message("t/a", "m" + i));
        }
        session.connection.flush();
        for (int i = 0; i < taken; i++) {
            assertThat(subscriber.receive(SOON)).map(Message::text).contains("m" + i);
        }
        await().atMost(SOON).until(() -> session.connection.pending() == 0);
        assertThat(Background.run(subscriber::close)).succeedsWithin(SOON);
        for (int i = taken; i < 4; i++) {
            assertThat(subscriber.receive(Duration.ZERO)).map(Message::text).contains("m" + i);
        }
        assertThat(subscriber.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Test
    void shouldNotWaitWhenClosingForDemandAndCompleteTheStreamWhenItComes() {
        Subscriber subscriber =
                broker.subscriber().buffer(4).timeout(Duration.ofMinutes(5)).open();
        Session session = broker.session();
        List<String> signals = new CopyOnWriteArrayList<>();
        AtomicReference<Flow.Subscription> subscription = new AtomicReference<>();
        subscriber.messages().subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription given) {
                given.request(1);
                subscription.set(given);
            }

            @Override
            public void onNext(Message item) {
                signals.add(item.text());
            }

            @Override
            public void onError(Throwable throwable) {
                signals.add(throwable.toString());
            }

            @Override
            public void onComplete() {
                signals.add("complete");
            }
        });
        for (int i = 0; i < 20; i++) {
            session.write(message("t/a", "m" + i));
        }
        session.connection.flush();
        await().atMost(SOON).until(() -> signals.size() == 1);
        assertThat(Background.run(subscriber::close)).succeedsWithin(SOON);
        subscription.get().request(100);
        await().atMost(SOON).until(() -> signals.contains("complete"));
        assertThat(signals).startsWith("m0", "m1", "m2", "m3").endsWith("complete");
    }

    @Test
    void shouldDropWhatComesBehindTheBarrier() {
        List<String> texts = new CopyOnWriteArrayList<>();
        broker.on(PacketType.PINGREQ, (session, packet) -> {
            session.write(message("t/a", "before"));
            session.answer(packet);
            session.write(message("t/a", "behind"));
        });
        broker.subscriber().onMessage(m -> texts.add(m.text())).open().close();
        assertThat(texts).containsExactly("before");
    }

    @Test
    void shouldCloseInTimeThoughTheBrokerDoesNotAnswer() {
        broker.on(PacketType.PINGREQ, (session, packet) -> {});
        Subscriber subscriber =
                broker.subscriber().timeout(Duration.ofMillis(200)).open();
        subscriber.close();
        assertThat(subscriber.state()).isEqualTo(ConnectionState.CLOSED);
        broker.session().awaitClosed();
    }

    @Test
    void shouldCloseInTimeThoughTheHandlerIsStuck() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        AtomicInteger handled = new AtomicInteger();
        Subscriber subscriber = broker.subscriber()
                .timeout(Duration.ofMillis(300))
                .onMessage(m -> {
                    handled.incrementAndGet();
                    entered.countDown();
                    awaitUninterruptibly(stuck);
                })
                .open();
        broker.session().send(message("t/a", "x"), message("t/a", "y"));
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
        subscriber.close();
        stuck.countDown();
        assertThat(subscriber.state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(handled).as("nothing is handled after close()").hasValue(1);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError("nobody may interrupt a handler", e);
        }
    }

    @Test
    void shouldNotWaitForItselfWhenClosedFromTheHandler() {
        AtomicReference<Subscriber> self = new AtomicReference<>();
        List<String> texts = new CopyOnWriteArrayList<>();
        Subscriber subscriber = broker.subscriber()
                .onMessage(m -> {
                    await().until(() -> self.get() != null);
                    self.get().close();
                    texts.add(m.text());
                })
                .open();
        self.set(subscriber);
        Session session = broker.session();
        session.send(message("t/a", "1"), message("t/a", "2", 2));
        session.next(Packet.Disconnect.class);
        session.awaitClosed();
        subscriber.close();
        assertThat(texts).containsExactly("1", "2");
        assertThat(subscriber.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Test
    void shouldCloseTwiceAndFromSeveralThreads() {
        Subscriber subscriber = broker.subscriber().open();
        CompletableFuture<Void> other = Background.run(subscriber::close);
        subscriber.close();
        assertThat(other).succeedsWithin(SOON);
        subscriber.close();
        Session session = broker.session();
        session.next(Packet.Disconnect.class);
        assertThat(session.count(Packet.Disconnect.class)).isZero();
    }

    @Test
    void shouldEndTheWaitingReceiverWhenClosed() {
        Subscriber subscriber = broker.subscriber().open();
        CompletableFuture<Optional<Message>> receiver = Background.get(() -> subscriber.receive(Duration.ofMinutes(5)));
        subscriber.close();
        assertThat(receiver).succeedsWithin(SOON).isEqualTo(Optional.empty());
    }

    // ---- what no broker should do

    @ParameterizedTest
    @EnumSource(
            value = PacketType.class,
            names = {"CONNACK", "PUBACK", "UNSUBACK", "CONNECT", "SUBSCRIBE", "PINGREQ"})
    void shouldDisconnectABrokerThatSendsWhatIsNotDue(PacketType type) {
        try (Subscriber subscriber = broker.subscriber().open()) {
            Session session = broker.session();
            session.send(
                    switch (type) {
                        case CONNACK -> new Packet.ConnAck(false, ReasonCode.SUCCESS, Properties.NONE);
                        case PUBACK -> ScriptedBroker.pubAck(1, ReasonCode.SUCCESS);
                        case UNSUBACK -> new Packet.UnsubAck(1, Properties.NONE, List.of(ReasonCode.SUCCESS));
                        case CONNECT -> session.next(Packet.Connect.class);
                        case SUBSCRIBE -> session.next(Packet.Subscribe.class);
                        default -> new Packet.PingReq();
                    });
            assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
            assertThat(subscriber.clientId()).isEqualTo("assigned");
        }
    }

    @Test
    void shouldDisconnectABrokerThatSendsATooHighQos() {
        try (Subscriber subscriber = broker.subscriber().qos(QoS.AT_MOST_ONCE).open()) {
            Session session = broker.session();
            session.next(Packet.Subscribe.class);
            session.send(message("t/a", "x", 1));
            assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
            assertThat(subscriber.receive(Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void shouldAnswerBadBytesWithTheirReasonCode() {
        try (Subscriber subscriber = broker.subscriber().open()) {
            Session session = broker.session();
            // PUBLISH with QoS 3
            session.sendRaw(0x36, 5, 0, 1, 't', 0, 1);
            assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.MALFORMED_PACKET);
            broker.session();
            await().atMost(SOON).until(() -> subscriber.state() == ConnectionState.CONNECTED);
        }
    }

    // ---- arguments

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65_536})
    void shouldRefuseBuffersOutOfRange(int buffer) {
        assertThatThrownBy(() -> broker.subscriber().buffer(buffer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 65535")
                .hasMessageContaining(String.valueOf(buffer));
    }

    @Test
    void shouldRefuseFiltersThatAreNone() {
        assertThatThrownBy(() -> broker.subscriber().topic("a/#/b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SubscriberBuilder(broker.endpoint, broker.choice(), null).open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no topic was given");
    }

    @Test
    void shouldLeaveNoTimerBehind() {
        ManualTimers timers = new ManualTimers();
        Subscriber subscriber = broker.subscriber(timers).open();
        assertThat(timers.waiting()).isPositive();
        subscriber.close();
        assertThat(timers.waiting()).isZero();
    }
}
