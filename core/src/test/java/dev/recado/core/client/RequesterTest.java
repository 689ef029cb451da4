package dev.recado.core.client;

import static dev.recado.core.client.ScriptedBroker.pubAck;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recado.ClosedException;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.Reconnect;
import dev.recado.RefusedException;
import dev.recado.RequestFailedException;
import dev.recado.Requester;
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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A requester on the wire, at a broker that does what it is told. */
class RequesterTest {

    private static final long PATIENCE_SECONDS = 20;

    private final ScriptedBroker broker = new ScriptedBroker();
    private final ManualTimers timers = new ManualTimers();

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    private Requester.Builder requester() {
        return new RequesterBuilder(broker.endpoint, broker::choice, timers).topic("time/now");
    }

    private void tell(String responseInformation) {
        broker.accepting(Properties.builder()
                .set(Property.RESPONSE_INFORMATION, responseInformation)
                .build());
    }

    private static Packet.Publish reply(Packet.Publish request, String text, ByteBuffer correlationData) {
        Properties properties = Properties.builder()
                .set(Property.CORRELATION_DATA, correlationData)
                .build();
        return new Packet.Publish(
                false,
                QoS.AT_MOST_ONCE,
                false,
                request.properties().text(Property.RESPONSE_TOPIC),
                0,
                properties,
                ScriptedBroker.utf8(text));
    }

    private static Packet.Publish reply(Packet.Publish request, String text) {
        return reply(request, text, request.properties().bytes(Property.CORRELATION_DATA));
    }

    private static RecadoException failureOf(CompletableFuture<Message> future) throws Exception {
        try {
            throw new AssertionError("got " + future.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return (RecadoException) e.getCause();
        }
    }

    // ---- the reply topic

    @Test
    void shouldAskWhereRepliesAreToGo() {
        tell("$recado/reply/ana");
        try (Requester requester = requester().clientId("ana").open()) {
            Packet.Connect out = broker.session().next(Packet.Connect.class);
            Session receiving = broker.session();
            Packet.Connect in = receiving.next(Packet.Connect.class);
            assertThat(out.clientId()).isEqualTo("ana-out");
            assertThat(out.properties().has(Property.REQUEST_RESPONSE_INFORMATION))
                    .isFalse();
            assertThat(in.clientId()).isEqualTo("ana");
            assertThat(in.properties().number(Property.REQUEST_RESPONSE_INFORMATION, 0))
                    .isEqualTo(1);
            assertThat(receiving.next(Packet.Subscribe.class).subscriptions())
                    .containsExactly(new Packet.Subscription("$recado/reply/ana", QoS.AT_LEAST_ONCE, false, false, 2));
            assertThat(requester.replyTopic()).isEqualTo("$recado/reply/ana");
            assertThat(requester.clientId()).isEqualTo("ana");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"answers", "answers/", "answers/other-ana"})
    void shouldMakeUniqueWhatTheBrokerMayTellToOthers(String told) {
        tell(told);
        try (Requester one = requester().clientId("ana").open();
                Requester two = requester().clientId("ana").open()) {
            assertThat(one.replyTopic()).matches("answers/(other-ana/)?[0-9a-f]{32}");
            assertThat(two.replyTopic()).isNotEqualTo(one.replyTopic());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "answers/#", "+"})
    void shouldUseANameOfItsOwnWhereTheBrokerTellsNoUsableOne(String told) {
        if (!told.isEmpty()) {
            tell(told);
        }
        try (Requester one = requester().open();
                Requester two = requester().open()) {
            assertThat(one.replyTopic()).matches("recado/reply/[0-9a-f]{32}");
            assertThat(two.replyTopic()).isNotEqualTo(one.replyTopic());
        }
    }

    @Test
    void shouldFollowABrokerThatTellsAnotherTopicAfterAReconnect() {
        tell("one/ana");
        Reconnect atOnce = new Reconnect(Duration.ofNanos(1), Duration.ofNanos(1), Integer.MAX_VALUE);
        try (Requester requester = requester().clientId("ana").reconnect(atOnce).open()) {
            broker.session();
            Session receiving = broker.session();
            tell("two/ana");
            receiving.breakOff();
            await().until(() -> {
                timers.advance(Duration.ofMillis(1));
                return requester.state() == ConnectionState.CONNECTED
                        && requester.replyTopic().equals("two/ana");
            });
            Session again = broker.session();
            assertThat(again.next(Packet.Subscribe.class).subscriptions().get(0).filter())
                    .isEqualTo("two/ana");
        }
    }

    @Test
    void shouldKeepItsSubscriptionWhereTheBrokerHasKeptTheSession() {
        tell("one/ana");
        broker.resuming();
        Reconnect atOnce = new Reconnect(Duration.ofNanos(1), Duration.ofNanos(1), Integer.MAX_VALUE);
        try (Requester requester = requester().clientId("ana").reconnect(atOnce).open()) {
            broker.session();
            Session receiving = broker.session();
            Packet.Connect connect = receiving.next(Packet.Connect.class);
            assertThat(connect.cleanStart()).isTrue();
            assertThat(connect.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0))
                    .isEqualTo(30);
            tell("two/ana");
            receiving.breakOff();
            await().until(() -> {
                timers.advance(Duration.ofMillis(1));
                return broker.waitingSessions() > 0 && requester.state() == ConnectionState.CONNECTED;
            });
            assertThat(requester.replyTopic()).isEqualTo("one/ana");
        }
    }

    @Test
    void shouldLeaveNoSessionBehind() {
        try (Requester requester = requester().open()) {
            assertThat(requester.state()).isEqualTo(ConnectionState.CONNECTED);
        }
        broker.session();
        Packet.Disconnect goodbye = broker.session().next(Packet.Disconnect.class);
        assertThat(goodbye.properties().number(Property.SESSION_EXPIRY_INTERVAL, 99))
                .isZero();
    }

    // ---- requests

    @Test
    void shouldSendWhatAResponderNeeds() throws Exception {
        try (Requester requester = requester().timeout(Duration.ofMillis(2_500)).open()) {
            Session sending = broker.session();
            Session receiving = broker.session();
            CompletableFuture<Message> answer = requester.requestAsync("what time is it?");

            Packet.Publish request = sending.next(Packet.Publish.class);
            assertThat(request.topic()).isEqualTo("time/now");
            assertThat(request.qos()).isEqualTo(QoS.AT_LEAST_ONCE);
            assertThat(request.retain()).isFalse();
            assertThat(request.properties().text(Property.RESPONSE_TOPIC)).isEqualTo(requester.replyTopic());
            assertThat(request.properties().bytes(Property.CORRELATION_DATA).remaining())
                    .isEqualTo(16);
            assertThat(request.properties().number(Property.MESSAGE_EXPIRY_INTERVAL, 0))
                    .isEqualTo(3);
            assertThat(requester.inFlight()).isEqualTo(1);

            receiving.send(reply(request, "noon"));
            assertThat(answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS).text()).isEqualTo("noon");
            assertThat(requester.inFlight()).isZero();
        }
    }

    @Test
    void shouldKeepWhatTheProgramSaysOfItsRequest() {
        try (Requester requester = new RequesterBuilder(broker.endpoint, broker::choice, timers)
                .topicsUnder("shop/#")
                .open()) {
            Session sending = broker.session();
            requester.requestAsync(Message.builder("shop/price")
                    .payload("apple")
                    .qos(QoS.AT_MOST_ONCE)
                    .expiry(Duration.ofSeconds(7))
                    .contentType("text/plain")
                    .utf8(true)
                    .userProperty("k", "v")
                    .build());
            Packet.Publish request = sending.next(Packet.Publish.class);
            assertThat(request.topic()).isEqualTo("shop/price");
            assertThat(ScriptedBroker.text(request)).isEqualTo("apple");
            assertThat(request.qos()).isEqualTo(QoS.AT_MOST_ONCE);
            Properties properties = request.properties();
            assertThat(properties.number(Property.MESSAGE_EXPIRY_INTERVAL, 0)).isEqualTo(7);
            assertThat(properties.text(Property.CONTENT_TYPE)).isEqualTo("text/plain");
            assertThat(properties.number(Property.PAYLOAD_FORMAT_INDICATOR, 0)).isEqualTo(1);
            assertThat(properties.userProperties()).hasSize(1);
        }
    }

    @Test
    void shouldRefuseARequestThatIsAddressedByHand() {
        try (Requester requester = requester().open()) {
            assertThatThrownBy(() -> requester.request(
                            Message.builder("time/now").responseTopic("mine").build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("time/now");
            assertThatThrownBy(() -> requester.request(Message.builder("time/now")
                            .correlationData(ByteBuffer.allocate(1))
                            .build()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> requester.request(Message.of("other", "x")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("other");
            assertThat(requester.inFlight()).isZero();
        }
    }

    @Test
    void shouldRefuseMoreThanMayBeInFlight() {
        try (Requester requester = requester().maxInFlight(2).open()) {
            requester.requestAsync("1");
            CompletableFuture<Message> second = requester.requestAsync("2");
            assertThatThrownBy(() -> requester.requestAsync("3"))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> assertThat(e.reasonCode()).contains(ReasonCode.QUOTA_EXCEEDED))
                    .hasMessageContaining("maxInFlight of 2");
            assertThat(requester.inFlight()).isEqualTo(2);
            second.cancel(true);
            assertThat(requester.inFlight()).isEqualTo(1);
            requester.requestAsync("3");
        }
    }

    @Test
    void shouldFailAtOnceWhenTheBrokerSaysThatNobodySubscribes() throws Exception {
        broker.on(
                PacketType.PUBLISH,
                (session, packet) -> session.write(
                        pubAck(((Packet.Publish) packet).packetId(), ReasonCode.NO_MATCHING_SUBSCRIBERS)));
        try (Requester requester = requester().open()) {
            RecadoException failure = failureOf(requester.requestAsync("x"));
            assertThat(failure).isInstanceOf(RequestFailedException.class).hasMessageContaining("'time/now'");
            assertThat(failure.reasonCode()).contains(ReasonCode.NO_MATCHING_SUBSCRIBERS);
            assertThat(((RequestFailedException) failure).error()).isEmpty();
            assertThat(requester.inFlight()).isZero();
        }
    }

    @Test
    void shouldFailWhenTheBrokerRefusesTheRequest() throws Exception {
        broker.on(
                PacketType.PUBLISH,
                (session, packet) ->
                        session.write(pubAck(((Packet.Publish) packet).packetId(), ReasonCode.NOT_AUTHORIZED)));
        try (Requester requester = requester().open()) {
            RecadoException failure = failureOf(requester.requestAsync("x"));
            assertThat(failure).isInstanceOf(RefusedException.class);
            assertThat(failure.reasonCode()).contains(ReasonCode.NOT_AUTHORIZED);
            assertThat(requester.inFlight()).isZero();
        }
    }

    // ---- replies

    @Test
    void shouldGiveUpInTimeAndDiscardTheLateReply() throws Exception {
        try (Requester requester = requester().timeout(Duration.ofSeconds(5)).open()) {
            Session sending = broker.session();
            Session receiving = broker.session();
            CompletableFuture<Message> answer = requester.requestAsync("x");
            Packet.Publish request = sending.next(Packet.Publish.class);
            timers.advance(Duration.ofMillis(4_999));
            assertThat(answer).isNotDone();
            timers.advance(Duration.ofMillis(1));
            assertThat(failureOf(answer))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining("PT5S");

            receiving.send(reply(request, "too late"));
            await().until(() -> requester.discardedReplies() == 1);
        }
    }

    @Test
    void shouldGiveEachRequestItsWholeTime() throws Exception {
        try (Requester requester = requester().timeout(Duration.ofSeconds(5)).open()) {
            CompletableFuture<Message> first = requester.requestAsync("1");
            timers.advance(Duration.ofSeconds(3));
            CompletableFuture<Message> second = requester.requestAsync("2");
            timers.advance(Duration.ofSeconds(2));
            assertThat(failureOf(first)).isInstanceOf(WaitTimeoutException.class);
            timers.advance(Duration.ofMillis(2_999));
            assertThat(second).isNotDone();
            timers.advance(Duration.ofMillis(1));
            assertThat(failureOf(second)).isInstanceOf(WaitTimeoutException.class);
        }
    }

    @Test
    void shouldDiscardAndCountRepliesThatNobodyWaitsFor() throws Exception {
        try (Requester requester = requester().open()) {
            Session sending = broker.session();
            Session receiving = broker.session();
            CompletableFuture<Message> answer = requester.requestAsync("x");
            Packet.Publish request = sending.next(Packet.Publish.class);
            ByteBuffer right = request.properties().bytes(Property.CORRELATION_DATA);
            ByteBuffer otherRequester = ByteBuffer.allocate(16)
                    .putLong(right.getLong(0) + 1)
                    .putLong(right.getLong(8))
                    .flip();
            ByteBuffer otherRequest = ByteBuffer.allocate(16)
                    .putLong(right.getLong(0))
                    .putLong(right.getLong(8) + 1)
                    .flip();
            receiving.send(
                    reply(request, "forged", otherRequester),
                    reply(request, "forged", otherRequest),
                    reply(request, "forged", ByteBuffer.allocate(0)),
                    reply(request, "forged", ByteBuffer.allocate(17)),
                    ScriptedBroker.message(requester.replyTopic(), "without"),
                    reply(request, "right"),
                    reply(request, "again"));
            assertThat(answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS).text()).isEqualTo("right");
            await().until(() -> requester.discardedReplies() == 6);
        }
    }

    // ---- waiting

    @Test
    void shouldEndTheWaitAndNothingElseWhenInterrupted() throws Exception {
        try (Requester requester = requester().open()) {
            Session sending = broker.session();
            Session receiving = broker.session();
            CompletableFuture<Thread> waiting = new CompletableFuture<>();
            CompletableFuture<Void> waiter = Background.run(() -> {
                waiting.complete(Thread.currentThread());
                assertThatThrownBy(() -> requester.request("x")).isInstanceOf(WaitInterruptedException.class);
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            });
            Packet.Publish request = sending.next(Packet.Publish.class);
            waiting.get().interrupt();
            waiter.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(requester.inFlight()).isZero();
            receiving.send(reply(request, "nobody waits any more"));
            await().until(() -> requester.discardedReplies() == 1);
            assertThat(requester.state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    // ---- the end

    @Test
    void shouldEndWhatIsInFlightWhenItIsClosed() throws Exception {
        Requester requester = requester().open();
        CompletableFuture<Message> answer = requester.requestAsync("x");
        requester.close();
        assertThat(failureOf(answer)).isInstanceOf(ClosedException.class).hasMessage("this requester is closed");
        assertThat(requester.state()).isEqualTo(ConnectionState.CLOSED);
        assertThatThrownBy(() -> requester.requestAsync("y")).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> requester.request("y")).isInstanceOf(ClosedException.class);
        requester.close();
    }

    @Test
    void shouldNotWaitForAcknowledgementsWhenItIsClosed() throws Exception {
        broker.on(PacketType.PUBLISH, (session, packet) -> {});
        Requester requester = requester().timeout(Duration.ofDays(1)).open();
        CompletableFuture<Message> answer = requester.requestAsync("x");
        Background.run(requester::close).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(failureOf(answer)).isInstanceOf(ClosedException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldEndWithTheReasonWhenOneConnectionEndsForGood(boolean sendingOne) throws Exception {
        List<ConnectionState> states = new CopyOnWriteArrayList<>();
        Requester requester =
                requester().onStateChange((from, to, cause) -> states.add(to)).open();
        Session sending = broker.session();
        Session receiving = broker.session();
        CompletableFuture<Message> answer = requester.requestAsync("x");
        (sendingOne ? sending : receiving).send(new Packet.Disconnect(ReasonCode.NOT_AUTHORIZED, Properties.NONE));
        assertThat(failureOf(answer)).hasMessageContaining("NOT_AUTHORIZED");
        sending.awaitClosed();
        receiving.awaitClosed();
        assertThatThrownBy(() -> requester.request("y")).hasMessageContaining("NOT_AUTHORIZED");
        requester.close();
        assertThat(states).containsExactly(ConnectionState.CONNECTED, ConnectionState.CLOSED);
    }

    @Test
    void shouldLeaveNothingBehindWhenItCannotSubscribe() {
        broker.on(
                PacketType.SUBSCRIBE,
                (session, packet) ->
                        session.write(new Packet.SubAck(1, Properties.NONE, List.of(ReasonCode.NOT_AUTHORIZED))));
        assertThatThrownBy(() -> requester().open()).isInstanceOf(RefusedException.class);
        broker.session().awaitClosed();
        broker.session().awaitClosed();
    }

    // ---- the builder

    @Test
    void shouldOpenTheSameBuilderTwice() throws Exception {
        Requester.Builder builder = requester();
        try (Requester one = builder.open();
                Requester two = builder.open()) {
            assertThat(one.clientId()).isNotEqualTo(two.clientId());
            one.close();
            assertThat(two.state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    @Test
    void shouldRefuseWhatCannotBe() {
        assertThatThrownBy(() -> new RequesterBuilder(broker.endpoint, broker::choice, timers).open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("topic");
        assertThatThrownBy(() -> requester().topic("a/#")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> requester().topicsUnder("a+")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> requester().maxInFlight(0)).hasMessageContaining("0");
        assertThatThrownBy(() -> requester().maxInFlight(65_536)).hasMessageContaining("65536");
        assertThatThrownBy(() -> requester().clientId("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> requester().clientId("x".repeat(65_532))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> requester().timeout(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }
}
