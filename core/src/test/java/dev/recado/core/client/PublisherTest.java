package dev.recado.core.client;

import static dev.recado.core.client.ScriptedBroker.pubAck;
import static dev.recado.core.client.ScriptedBroker.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recado.ClosedException;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.RefusedException;
import dev.recado.UserProperty;
import dev.recado.WaitInterruptedException;
import dev.recado.WaitTimeoutException;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.time.ManualTimers;
import dev.recado.spi.Connection;
import dev.recado.spi.Peer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublisherTest {

    private final ScriptedBroker broker = new ScriptedBroker();

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    // ---- what goes over the wire

    @Test
    void shouldStateRoleAndTopicWhenConnecting() {
        try (Publisher publisher = broker.publisher().clientId("me").open()) {
            Packet.Connect connect = broker.session().next(Packet.Connect.class);
            assertThat(connect.clientId()).isEqualTo("me");
            assertThat(connect.cleanStart()).isTrue();
            assertThat(connect.keepAlive()).isEqualTo(60);
            assertThat(connect.properties().userProperties())
                    .containsExactly(
                            new UserProperty("recado-role", "publisher"), new UserProperty("recado-topic", "t"));
            assertThat(publisher.state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    @Test
    void shouldUseTheAssignedClientIdentifierWhenNoneWasGiven() {
        try (Publisher publisher = broker.publisher().open()) {
            assertThat(publisher.clientId()).isEqualTo("assigned");
        }
    }

    @Test
    void shouldPublishAtQos1RetainedUnlessToldOtherwise() {
        try (Publisher publisher = broker.publisher().open()) {
            Session session = broker.session();
            publisher.publish("bom dia");
            Packet.Publish publish = session.next(Packet.Publish.class);
            assertThat(publish.topic()).isEqualTo("t");
            assertThat(publish.qos()).isEqualTo(QoS.AT_LEAST_ONCE);
            assertThat(publish.retain()).isTrue();
            assertThat(publish.dup()).isFalse();
            assertThat(text(publish)).isEqualTo("bom dia");
        }
    }

    @Test
    void shouldRetainSingleMessagesThatSaySo() {
        try (Publisher publisher = broker.publisher().retain(false).open()) {
            Session session = broker.session();
            publisher.publish(Message.builder("t").retained(true).build());
            assertThat(session.next(Packet.Publish.class).retain()).isTrue();
            publisher.publish("x");
            assertThat(session.next(Packet.Publish.class).retain()).isFalse();
        }
    }

    @Test
    void shouldCarryEverythingThatAMessageHas() {
        Message message = Message.builder("t")
                .payload("x")
                .utf8(true)
                .expiry(Duration.ofSeconds(7))
                .contentType("text/plain")
                .responseTopic("answers")
                .correlationData(ByteBuffer.wrap(new byte[] {1, 2}))
                .userProperty("a", "1")
                .userProperty("a", "2")
                .build();
        try (Publisher publisher = broker.publisher().retain(false).open()) {
            publisher.publish(message);
            Packet.Publish publish = broker.session().next(Packet.Publish.class);
            assertThat(publish.retain()).isFalse();
            assertThat(publish.properties())
                    .isEqualTo(Properties.builder()
                            .set(Property.PAYLOAD_FORMAT_INDICATOR, 1)
                            .set(Property.MESSAGE_EXPIRY_INTERVAL, 7)
                            .set(Property.CONTENT_TYPE, "text/plain")
                            .set(Property.RESPONSE_TOPIC, "answers")
                            .set(Property.CORRELATION_DATA, ByteBuffer.wrap(new byte[] {1, 2}))
                            .userProperty("a", "1")
                            .userProperty("a", "2")
                            .build());
        }
    }

    @Test
    void shouldNameTheTopicOfEachMessageUnderAFilter() {
        try (Publisher publisher = broker.publisher().topicsUnder("chat/#").open()) {
            Session session = broker.session();
            publisher.publish("chat/ana", "oi");
            assertThat(session.next(Packet.Publish.class).topic()).isEqualTo("chat/ana");
            assertThatThrownBy(() -> publisher.publish("oi"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("chat/#");
            assertThatThrownBy(() -> publisher.publish("news/br", "oi"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("news/br")
                    .hasMessageContaining("chat/#");
            assertThatThrownBy(() -> publisher.publish("chat/+", "oi"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("wildcard");
        }
    }

    @Test
    void shouldRefuseAnotherTopicThanItsOwn() {
        try (Publisher publisher = broker.publisher().open()) {
            assertThatThrownBy(() -> publisher.publish(Message.of("u", "x")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the message's topic is 'u', but this publisher's is 't'");
        }
    }

    // ---- acknowledgements

    @Test
    void shouldReturnFromPublishOnlyWhenAcknowledged() throws Exception {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        try (Publisher publisher = broker.publisher().open()) {
            Session session = broker.session();
            CompletableFuture<Void> call = Background.run(() -> publisher.publish("x"));
            Packet.Publish publish = session.next(Packet.Publish.class);
            assertThat(call).isNotDone();
            session.send(pubAck(publish.packetId(), ReasonCode.NO_MATCHING_SUBSCRIBERS));
            call.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldThrowWhatTheBrokerRefused() {
        broker.on(
                PacketType.PUBLISH,
                (session, packet) ->
                        session.write(pubAck(((Packet.Publish) packet).packetId(), ReasonCode.QUOTA_EXCEEDED)));
        try (Publisher publisher = broker.publisher().open()) {
            assertThatThrownBy(() -> publisher.publish("x"))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> assertThat(e.reasonCode()).contains(ReasonCode.QUOTA_EXCEEDED))
                    .hasMessageContaining("'t'")
                    .hasMessageContaining("QUOTA_EXCEEDED (0x97)")
                    // The caller's stack, not that of the thread that received the answer.
                    .satisfies(e -> assertThat(e.getStackTrace())
                            .anyMatch(frame -> frame.getClassName().equals(PublisherTest.class.getName())));
            assertThat(publisher.publishAsync("y"))
                    .failsWithin(Duration.ofSeconds(20))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(RefusedException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = QoS.class,
            names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
    void shouldSayWhyTheBrokerRefusedInOneLineOfBoundedLength(QoS qos) {
        PacketType answer = qos == QoS.AT_LEAST_ONCE ? PacketType.PUBACK : PacketType.PUBREC;
        Properties why = Properties.builder()
                .set(Property.REASON_STRING, "full:\r\n" + "x".repeat(60_000))
                .build();
        broker.on(
                PacketType.PUBLISH,
                (session, packet) -> session.write(
                        new Packet.Ack(answer, ((Packet.Publish) packet).packetId(), ReasonCode.QUOTA_EXCEEDED, why)));
        try (Publisher publisher = broker.publisher().qos(qos).open()) {
            assertThatThrownBy(() -> publisher.publish("m"))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("'t': QUOTA_EXCEEDED (0x97), 'full:  xxx")
                    .hasMessageEndingWith("xxx...'")
                    .extracting(e -> e.getMessage().length())
                    .satisfies(length -> assertThat(length).isLessThan(700));
        }
    }

    @Test
    void shouldMatchAcknowledgementsThatComeInAnyOrder() throws Exception {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        try (Publisher publisher = broker.publisher().open()) {
            Session session = broker.session();
            List<CompletableFuture<Void>> calls = new ArrayList<>();
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                calls.add(publisher.publishAsync("m" + i));
                ids.add(session.next(Packet.Publish.class).packetId());
            }
            assertThat(ids).doesNotHaveDuplicates();
            session.send(pubAck(ids.get(2), ReasonCode.SUCCESS));
            calls.get(2).get(20, TimeUnit.SECONDS);
            assertThat(calls.get(0)).isNotDone();
            session.send(pubAck(ids.get(0), ReasonCode.NOT_AUTHORIZED), pubAck(ids.get(1), ReasonCode.SUCCESS));
            calls.get(1).get(20, TimeUnit.SECONDS);
            assertThatThrownBy(calls.get(0)::join).hasCauseInstanceOf(RefusedException.class);
        }
    }

    @Test
    void shouldIgnoreAcknowledgementsOfNothing() {
        try (Publisher publisher = broker.publisher().open()) {
            Session session = broker.session();
            session.send(pubAck(1, ReasonCode.SUCCESS), pubAck(65_535, ReasonCode.NOT_AUTHORIZED));
            publisher.publish("x");
            assertThat(publisher.state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    @Test
    void shouldGoOnThoughOneAcknowledgementIsLost() {
        AtomicBoolean lost = new AtomicBoolean();
        broker.on(PacketType.PUBLISH, (session, packet) -> {
            if (lost.getAndSet(true)) {
                session.answer(packet);
            }
        });
        try (Publisher publisher =
                broker.publisher().window(2).timeout(Duration.ofSeconds(1)).open()) {
            CompletableFuture<Void> unlucky = publisher.publishAsync("lost");
            for (int i = 0; i < 100; i++) {
                publisher.publish("m" + i);
            }
            assertThat(unlucky)
                    .failsWithin(Duration.ofSeconds(20))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(WaitTimeoutException.class);
        }
    }

    @Test
    void shouldSendAMessageByItselfAtOnceAndThoseThatRunAheadTogether() {
        ManualTimers timers = new ManualTimers();
        AtomicInteger flushes = new AtomicInteger();
        try (Publisher publisher = broker.publisher(timers)
                .layer(inner -> connection -> inner.accept(new CountingConnection(connection, flushes)))
                .open()) {
            Session session = broker.session();
            int before = flushes.get();
            publisher.publishAsync("alone");
            assertThat(text(session.next(Packet.Publish.class))).isEqualTo("alone");
            assertThat(flushes).hasValue(before + 1);
            // No time passes: whatever follows is running ahead.
            for (int i = 0; i < 100; i++) {
                publisher.publishAsync("m" + i);
            }
            assertThat(flushes).hasValue(before + 1);
            timers.advance(Duration.ofMillis(1));
            for (int i = 0; i < 100; i++) {
                assertThat(text(session.next(Packet.Publish.class))).isEqualTo("m" + i);
            }
            assertThat(flushes).hasValue(before + 2);
        }
    }

    private record CountingConnection(Connection inner, AtomicInteger flushes) implements Connection {

        @Override
        public void write(ByteBuffer... bytes) {
            inner.write(bytes);
        }

        @Override
        public void flush() {
            flushes.incrementAndGet();
            inner.flush();
        }

        @Override
        public long pending() {
            return inner.pending();
        }

        @Override
        public void pauseReading() {
            inner.pauseReading();
        }

        @Override
        public void resumeReading() {
            inner.resumeReading();
        }

        @Override
        public void close() {
            inner.close();
        }

        @Override
        public void abort() {
            inner.abort();
        }

        @Override
        public Peer peer() {
            return inner.peer();
        }
    }

    // ---- time limits

    @Test
    void shouldTimeOutWhenNoAcknowledgementComes() {
        ManualTimers timers = new ManualTimers();
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        Publisher publisher =
                broker.publisher(timers).timeout(Duration.ofSeconds(3)).open();
        Session session = broker.session();
        CompletableFuture<Void> first = publisher.publishAsync("x");
        session.next(Packet.Publish.class);
        timers.advance(Duration.ofSeconds(2));
        CompletableFuture<Void> second = publisher.publishAsync("y");
        timers.advance(Duration.ofMillis(999));
        assertThat(first).isNotDone();
        timers.advance(Duration.ofMillis(1));
        assertThatThrownBy(first::join)
                .cause()
                .isInstanceOf(WaitTimeoutException.class)
                .hasMessageContaining("'t'")
                .hasMessageContaining("PT3S");
        assertThat(second).isNotDone();
        timers.advance(Duration.ofSeconds(2));
        assertThat(second).isCompletedExceptionally();
        broker.onAsUsual(PacketType.PUBLISH);
        session.breakOff();
    }

    @Test
    void shouldWaitForRoomInTheWindowAndTimeOutWithoutSending() {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        Publisher publisher =
                broker.publisher().window(2).timeout(Duration.ofMillis(200)).open();
        Session session = broker.session();
        publisher.publishAsync("a");
        publisher.publishAsync("b");
        assertThatThrownBy(() -> publisher.publishAsync("c"))
                .isInstanceOf(WaitTimeoutException.class)
                .hasMessageContaining("was not sent");
        session.next(Packet.Publish.class);
        assertThat(text(session.next(Packet.Publish.class))).isEqualTo("b");
        assertThat(session.count(Packet.Publish.class)).isZero();
        publisher.close();
    }

    @Test
    void shouldGoOnWhenThereIsRoomAgain() {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        try (Publisher publisher = broker.publisher().window(1).open()) {
            Session session = broker.session();
            publisher.publishAsync("a");
            CompletableFuture<Void> call = Background.run(() -> publisher.publish("b"));
            Packet.Publish first = session.next(Packet.Publish.class);
            broker.onAsUsual(PacketType.PUBLISH);
            session.send(pubAck(first.packetId(), ReasonCode.SUCCESS));
            assertThat(call).succeedsWithin(Duration.ofSeconds(20));
        }
    }

    // ---- the broker's limits

    @Test
    void shouldKeepToTheBrokersReceiveMaximum() {
        broker.accepting(Properties.builder().set(Property.RECEIVE_MAXIMUM, 2).build());
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        try (Publisher publisher = broker.publisher().open()) {
            Session session = broker.session();
            for (int i = 0; i < 4; i++) {
                publisher.publishAsync("m" + i);
            }
            publisher.publishAsync(
                    Message.builder("t").qos(QoS.AT_MOST_ONCE).payload("q0").build());
            Packet.Publish first = session.next(Packet.Publish.class);
            session.next(Packet.Publish.class);
            session.send(new Packet.PingResp());
            assertThat(session.count(Packet.Publish.class)).isZero();
            session.send(pubAck(first.packetId(), ReasonCode.SUCCESS));
            assertThat(text(session.next(Packet.Publish.class))).isEqualTo("m2");
            broker.onAsUsual(PacketType.PUBLISH);
            session.send(pubAck(2, ReasonCode.SUCCESS), pubAck(1, ReasonCode.SUCCESS));
            session.send(pubAck(3, ReasonCode.SUCCESS));
            assertThat(text(session.next(Packet.Publish.class))).isEqualTo("m3");
            assertThat(text(session.next(Packet.Publish.class))).isEqualTo("q0");
        }
    }

    @Test
    void shouldRefuseWhatIsLargerThanTheBrokerTakesNamingBothNumbers() {
        broker.accepting(
                Properties.builder().set(Property.MAXIMUM_PACKET_SIZE, 100).build());
        try (Publisher publisher = broker.publisher().open()) {
            publisher.publish(new byte[92]);
            assertThatThrownBy(() -> publisher.publish(new byte[93]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("93 bytes")
                    .hasMessageContaining("101 bytes")
                    .hasMessageContaining("100");
            assertThatThrownBy(() -> publisher.publishAsync(Message.of("t", new byte[93])))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldRefuseToOpenWithAQosThatTheBrokerDoesNotTake() {
        broker.accepting(Properties.builder().set(Property.MAXIMUM_QOS, 0).build());
        assertThatThrownBy(() -> broker.publisher().open())
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reasonCode()).contains(ReasonCode.QOS_NOT_SUPPORTED))
                .hasMessageContaining("AT_MOST_ONCE");
        try (Publisher publisher = broker.publisher().qos(QoS.AT_MOST_ONCE).open()) {
            publisher.publish("fine");
            Message tooHigh = Message.builder("t").qos(QoS.AT_LEAST_ONCE).build();
            assertThatThrownBy(() -> publisher.publish(tooHigh)).isInstanceOf(RefusedException.class);
            assertThatThrownBy(publisher.publishAsync(tooHigh)::join).hasCauseInstanceOf(RefusedException.class);
        }
    }

    @Test
    void shouldRefuseToRetainWhereTheBrokerDoesNot() {
        broker.accepting(Properties.builder().set(Property.RETAIN_AVAILABLE, 0).build());
        assertThatThrownBy(() -> broker.publisher().open())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("retain(false)");
        try (Publisher publisher = broker.publisher().retain(false).open()) {
            publisher.publish("fine");
            Message lastValue = Message.builder("t").retained(true).build();
            assertThatThrownBy(() -> publisher.publish(lastValue))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("'t'");
        }
    }

    // ---- QoS 0 and back pressure

    @Test
    void shouldStopAtTheHighWaterMarkUntilTheTransportHasDrained() {
        try (Publisher publisher =
                broker.publisher().qos(QoS.AT_MOST_ONCE).window(100_00).open()) {
            Session session = broker.session();
            session.connection.pauseReading();
            byte[] payload = new byte[100 * 1024];
            List<CompletableFuture<Void>> calls = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                calls.add(publisher.publishAsync(Message.of("t", payload)));
            }
            long handedOver = calls.stream().filter(CompletableFuture::isDone).count();
            // 1 MiB and the one that passed it, and what the broker may have read before it paused.
            assertThat(handedOver).isBetween(11L, 13L);
            session.connection.resumeReading();
            calls.forEach(call -> assertThat(call).succeedsWithin(Duration.ofSeconds(20)));
            for (int i = 0; i < 30; i++) {
                assertThat(session.next(Packet.Publish.class).payload().remaining())
                        .isEqualTo(payload.length);
            }
        }
    }

    @Test
    void shouldKeepTheOrderAcrossQosLevels() {
        try (Publisher publisher = broker.publisher().window(4).open()) {
            Session session = broker.session();
            for (int i = 0; i < 300; i++) {
                publisher.publishAsync(
                        Message.builder("t").qos(QoS.of(i % 2)).payload("m" + i).build());
            }
            for (int i = 0; i < 300; i++) {
                assertThat(text(session.next(Packet.Publish.class))).isEqualTo("m" + i);
            }
        }
    }

    // ---- flush, close, interrupts

    @Test
    void shouldFlushUntilAllIsAcknowledgedAndHasLeft() throws Exception {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        broker.on(PacketType.PINGREQ, (session, packet) -> {});
        try (Publisher publisher = broker.publisher().open()) {
            Session session = broker.session();
            CompletableFuture<Void> message = publisher.publishAsync("q1");
            publisher.publish(Message.builder("t").qos(QoS.AT_MOST_ONCE).build());
            CompletableFuture<Void> flush = Background.run(publisher::flush);
            session.send(pubAck(session.next(Packet.Publish.class).packetId(), ReasonCode.SUCCESS));
            message.get(20, TimeUnit.SECONDS);
            // The QoS 0 message has no acknowledgement: the answer to a PINGREQ stands for it.
            session.next(Packet.PingReq.class);
            assertThat(flush).isNotDone();
            session.send(new Packet.PingResp());
            assertThat(flush).succeedsWithin(Duration.ofSeconds(20));
            publisher.flush();
            assertThat(session.count(Packet.PingReq.class)).isZero();
        }
    }

    @Test
    void shouldTimeOutFlushing() {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        Publisher publisher = broker.publisher().timeout(Duration.ofMillis(200)).open();
        publisher.publishAsync("x");
        assertThatThrownBy(publisher::flush).isInstanceOf(WaitTimeoutException.class);
        publisher.close();
    }

    @Test
    void shouldFinishWhatWasPublishedAndDisconnectWhenClosed() {
        Publisher publisher = broker.publisher().open();
        Session session = broker.session();
        List<CompletableFuture<Void>> calls = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            calls.add(publisher.publishAsync("m" + i));
        }
        publisher.close();
        assertThat(calls).allMatch(call -> call.isDone() && !call.isCompletedExceptionally());
        assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.SUCCESS);
        session.awaitClosed();
        assertThat(publisher.state()).isEqualTo(ConnectionState.CLOSED);
        publisher.close();
        assertThatThrownBy(() -> publisher.publish("late")).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> publisher.publishAsync("late")).isInstanceOf(ClosedException.class);
        assertThatThrownBy(publisher::flush).isInstanceOf(ClosedException.class);
    }

    @Test
    void shouldCloseInTimeThoughNothingIsAcknowledged() {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        Publisher publisher = broker.publisher().timeout(Duration.ofMillis(300)).open();
        CompletableFuture<Void> call = publisher.publishAsync("x");
        publisher.close();
        assertThat(call).isCompletedExceptionally();
    }

    @Test
    void shouldFailTheCallsThatCloseCutsOff() {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        ManualTimers timers = new ManualTimers();
        Publisher publisher =
                broker.publisher(timers).timeout(Duration.ofMillis(300)).open();
        CompletableFuture<Void> call = publisher.publishAsync("x");
        broker.session().next(Packet.Publish.class);
        CompletableFuture<Void> closing = Background.run(publisher::close);
        await().until(() -> {
            timers.advance(Duration.ofMillis(100));
            return closing.isDone();
        });
        assertThat(call).isCompletedExceptionally();
        assertThat(timers.waiting()).as("timers left behind").isZero();
        assertThat(timers.isClosed()).as("shared timers stay open").isFalse();
    }

    @Test
    void shouldSucceedThoughTheConnectionEndsRightBehindTheAcknowledgement() {
        // One read brings both: the client ends between the PUBACK and the end of its batch.
        broker.on(PacketType.PUBLISH, (session, packet) -> {
            session.answer(packet);
            session.write(new Packet.Disconnect(ReasonCode.ADMINISTRATIVE_ACTION, Properties.NONE));
        });
        try (Publisher publisher = broker.publisher().open()) {
            CompletableFuture<Void> call = publisher.publishAsync("x");
            await().until(() -> publisher.state() == ConnectionState.CLOSED);
            assertThat(call).succeedsWithin(Duration.ofSeconds(20));
        }
    }

    @Test
    void shouldBeClosableFromAStageOfAFuture() {
        Publisher publisher = broker.publisher().open();
        Session session = broker.session();
        CompletableFuture<Void> closed = publisher.publishAsync("x").thenRun(publisher::close);
        assertThat(closed).succeedsWithin(Duration.ofSeconds(20));
        session.next(Packet.Disconnect.class);
        session.awaitClosed();
        await().until(() -> publisher.state() == ConnectionState.CLOSED);
    }

    @Test
    void shouldEndOnlyTheWaitingWhenInterrupted() throws Exception {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        try (Publisher publisher = broker.publisher().open()) {
            Session session = broker.session();
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            AtomicBoolean flag = new AtomicBoolean();
            Thread caller = new Thread(() -> {
                try {
                    publisher.publish("x");
                } catch (RecadoException e) {
                    thrown.set(e);
                    flag.set(Thread.currentThread().isInterrupted());
                }
            });
            caller.start();
            Packet.Publish publish = session.next(Packet.Publish.class);
            caller.interrupt();
            caller.join(20_000);
            assertThat(thrown.get()).isInstanceOf(WaitInterruptedException.class);
            assertThat(flag).isTrue();
            session.send(pubAck(publish.packetId(), ReasonCode.SUCCESS));
            broker.onAsUsual(PacketType.PUBLISH);
            publisher.publish("y");
            assertThat(publisher.state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    @Test
    void shouldSendAsynchronouslyThoughTheCallerIsInterruptedWhenNoWaitingIsNeeded() {
        try (Publisher publisher = broker.publisher().open()) {
            Thread.currentThread().interrupt();
            CompletableFuture<Void> call;
            try {
                call = publisher.publishAsync("x");
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            } finally {
                Thread.interrupted();
            }
            assertThat(call).succeedsWithin(Duration.ofSeconds(20));
        }
    }

    @Test
    void shouldNotSendWhatWasInterruptedWhileWaitingForRoom() throws Exception {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        try (Publisher publisher = broker.publisher().window(1).open()) {
            Session session = broker.session();
            publisher.publishAsync("a");
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread caller = new Thread(() -> {
                try {
                    publisher.publishAsync("b");
                } catch (RecadoException e) {
                    thrown.set(e);
                }
            });
            caller.start();
            await().until(() -> caller.getState() == Thread.State.TIMED_WAITING);
            caller.interrupt();
            caller.join(20_000);
            assertThat(thrown.get()).isInstanceOf(WaitInterruptedException.class);
            broker.onAsUsual(PacketType.PUBLISH);
            session.send(pubAck(session.next(Packet.Publish.class).packetId(), ReasonCode.SUCCESS));
            publisher.publish("c");
            assertThat(text(session.next(Packet.Publish.class))).isEqualTo("c");
        }
    }

    @Test
    void shouldServeSeveralThreadsEachInItsOrder() throws Exception {
        try (Publisher publisher = broker.publisher().window(8).open()) {
            Session session = broker.session();
            int threads = 4;
            int each = 500;
            CountDownLatch start = new CountDownLatch(1);
            List<CompletableFuture<Void>> runs = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int number = t;
                CompletableFuture<Void> run = new CompletableFuture<>();
                runs.add(run);
                new Thread(() -> {
                            try {
                                start.await();
                                for (int i = 0; i < each; i++) {
                                    if (i % 10 == 0) {
                                        publisher.publish(number + ":" + i);
                                    } else {
                                        publisher.publishAsync(number + ":" + i);
                                    }
                                }
                                run.complete(null);
                            } catch (Exception e) {
                                run.completeExceptionally(e);
                            }
                        })
                        .start();
            }
            start.countDown();
            for (CompletableFuture<Void> run : runs) {
                run.get(40, TimeUnit.SECONDS);
            }
            publisher.flush();
            int[] next = new int[threads];
            for (int i = 0; i < threads * each; i++) {
                String[] parts = text(session.next(Packet.Publish.class)).split(":");
                assertThat(Integer.parseInt(parts[1])).isEqualTo(next[Integer.parseInt(parts[0])]++);
            }
        }
    }

    // ---- what no broker should do

    @Test
    void shouldDisconnectABrokerThatSendsAPublisherMessages() {
        try (Publisher publisher = broker.publisher().open()) {
            Session session = broker.session();
            session.send(ScriptedBroker.message("t", "no"));
            assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
            broker.session();
            publisher.publish("on the next connection");
        }
    }

    // ---- arguments

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65_536})
    void shouldRefuseWindowsOutOfRange(int window) {
        assertThatThrownBy(() -> broker.publisher().window(window))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 65535")
                .hasMessageContaining(String.valueOf(window));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S"})
    void shouldRefuseTimeLimitsThatAreNotPositive(Duration limit) {
        assertThatThrownBy(() -> broker.publisher().timeout(limit))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("timeout must be positive, but is " + limit);
        assertThatThrownBy(() -> broker.publisher().connectTimeout(limit))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("connectTimeout must be positive, but is " + limit);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-1S", "PT65536S", "PT1.5S"})
    void shouldRefuseKeepAliveIntervalsThatTheWireCannotCarry(Duration interval) {
        assertThatThrownBy(() -> broker.publisher().keepAlive(interval))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 to 65535 whole seconds")
                .hasMessageContaining(interval.toString());
    }

    @Test
    void shouldRefuseTopicsThatAreNone() {
        assertThatThrownBy(() -> broker.publisher().topic("a/+")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> broker.publisher().topic("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> broker.publisher().topicsUnder("a+")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> broker.publisher().topicsUnder("$share/g/a"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new PublisherBuilder(broker.endpoint, broker.choice(), null).open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no topic was given");
        assertThatThrownBy(() -> broker.publisher().clientId("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseAResponseTopicWithWildcards() {
        try (Publisher publisher = broker.publisher().open()) {
            Message message = Message.builder("t").responseTopic("a/#").build();
            assertThatThrownBy(() -> publisher.publish(message))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("response topic");
        }
    }

    @Test
    void shouldPassExceptionsOfFuturesAsTheyAre() {
        broker.on(
                PacketType.PUBLISH,
                (session, packet) ->
                        session.write(pubAck(((Packet.Publish) packet).packetId(), ReasonCode.NOT_AUTHORIZED)));
        try (Publisher publisher = broker.publisher().open()) {
            assertThatThrownBy(() -> publisher.publishAsync("x").join())
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("NOT_AUTHORIZED (0x87)");
        }
    }
}
