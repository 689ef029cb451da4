package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recado.Broker;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.Reconnect;
import dev.recado.RequestFailedException;
import dev.recado.Requester;
import dev.recado.Responder;
import dev.recado.Subscriber;
import dev.recado.UserProperty;
import dev.recado.auth.Credentials;
import dev.recado.core.TransportChoice;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responders and requesters at a broker of ours, in one process. */
class ResponderTest {

    private static final long PATIENCE_SECONDS = 20;
    private static final Reconnect SOON = new Reconnect(Duration.ofMillis(5), Duration.ofMillis(20), Integer.MAX_VALUE);

    private final Broker broker = Broker.builder().start();

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    private Requester requester() {
        return broker.requester("t").open();
    }

    private static String text(CompletableFuture<Message> answer) throws Exception {
        return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS).text();
    }

    private static RequestFailedException failureOf(CompletableFuture<Message> answer) throws Exception {
        try {
            throw new AssertionError("got " + answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return (RequestFailedException) e.getCause();
        }
    }

    private static void pass(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    // ---- answering

    @Test
    void shouldAnswer() {
        try (Responder responder = broker.responder("t")
                        .respond(request -> request.reply("re: " + request.text()))
                        .open();
                Requester requester = requester()) {
            assertThat(requester.request("x").text()).isEqualTo("re: x");
            assertThat(requester.replyTopic()).isEqualTo("$recado/reply/" + requester.clientId());
            assertThat(responder.topics()).containsExactly("t");
            assertThat(broker.topics()).containsExactly("t");
        }
    }

    @Test
    void shouldAnswerWithAllThatAMessageMayHave() {
        try (Responder responder = broker.responder("t")
                        .respond(request -> Message.replyTo(request)
                                .payload(new byte[] {1, 2})
                                .contentType("bytes")
                                .userProperty("k", "v")
                                .build())
                        .open();
                Requester requester = requester()) {
            Message reply = requester.request("x");
            assertThat(reply.bytes()).containsExactly(1, 2);
            assertThat(reply.contentType()).contains("bytes");
            assertThat(reply.userProperties()).containsExactly(new UserProperty("k", "v"));
            assertThat(reply.expiry())
                    .hasValueSatisfying(
                            left -> assertThat(left).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(30)));
        }
    }

    @Test
    void shouldAnswerWithAStageThatCompletesLater() throws Exception {
        CompletableFuture<Message> stage = new CompletableFuture<>();
        AtomicReference<Message> asked = new AtomicReference<>();
        try (Responder responder = broker.responder("t")
                        .respondAsync(request -> {
                            asked.set(request);
                            return stage;
                        })
                        .open();
                Requester requester = requester()) {
            CompletableFuture<Message> answer = requester.requestAsync("x");
            await().until(() -> asked.get() != null);
            assertThat(responder.inFlight()).isEqualTo(1);
            assertThat(answer).isNotDone();
            stage.complete(asked.get().reply("later"));
            assertThat(text(answer)).isEqualTo("later");
        }
    }

    @Test
    void shouldAnswerAnyMqttClientThatSaysWhere() {
        try (Responder responder = broker.responder("t")
                        .respond(request -> request.reply("yes"))
                        .open();
                Subscriber subscriber = broker.subscriber("mine").open();
                Publisher publisher = broker.publisher("t").retain(false).open()) {
            ByteBuffer correlation = ByteBuffer.wrap(new byte[] {7});
            publisher.publish(Message.builder("t")
                    .responseTopic("mine")
                    .correlationData(correlation)
                    .build());
            Message reply =
                    subscriber.receive(Duration.ofSeconds(PATIENCE_SECONDS)).orElseThrow();
            assertThat(reply.text()).isEqualTo("yes");
            assertThat(reply.correlationData()).contains(correlation);
            publisher.publish(Message.builder("t").responseTopic("mine").build());
            Message second =
                    subscriber.receive(Duration.ofSeconds(PATIENCE_SECONDS)).orElseThrow();
            assertThat(second.correlationData()).isEmpty();
            assertThat(second.retained()).isFalse();
        }
    }

    @Test
    void shouldCountAndSkipWhatAwaitsNoAnswer() {
        AtomicInteger handled = new AtomicInteger();
        try (Responder responder = broker.responder("t")
                        .respond(request -> {
                            handled.incrementAndGet();
                            return request.reply("");
                        })
                        .open();
                Publisher publisher = broker.publisher("t").retain(false).open();
                Requester requester = requester()) {
            for (int i = 0; i < 5; i++) {
                publisher.publish("just saying");
            }
            requester.request("x");
            assertThat(responder.discardedRequests()).isEqualTo(5);
            assertThat(handled).hasValue(1);
        }
    }

    // ---- failing

    @Test
    void shouldTellTheRequesterWhatWentWrong() {
        try (Responder responder = broker.responder("t")
                        .respond(request -> {
                            throw new IllegalStateException("no \u0000apples\nleft \ud800");
                        })
                        .open();
                Requester requester = requester()) {
            assertThatThrownBy(() -> requester.request("x"))
                    .isInstanceOfSatisfying(
                            RequestFailedException.class,
                            e -> assertThat(e.error()).contains("no  apples left ?"))
                    .hasMessageContaining("'t'")
                    .hasMessageContaining("no  apples left ?");
            assertThat(responder.failedRequests()).isEqualTo(1);
            assertThat(requester.state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    @Test
    void shouldBoundWhatItTells() {
        try (Responder responder = broker.responder("t")
                        .respond(request -> {
                            throw new IllegalStateException("x".repeat(100_000));
                        })
                        .open();
                Requester requester = requester()) {
            assertThatThrownBy(() -> requester.request("x")).hasMessageEndingWith("x".repeat(500) + "...");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"throws", "throws nothing to say", "null", "null stage", "elsewhere", "failed stage", "too large"
            })
    void shouldFailARequestThatItsHandlerDoesNotAnswer(String how) throws Exception {
        String expected = switch (how) {
            case "throws" -> "thrown";
            case "throws nothing to say" -> "java.lang.AssertionError";
            case "null", "null stage" -> "null";
            case "elsewhere" -> "'elsewhere'";
            case "failed stage" -> "failed";
            default -> "Maximum Packet Size";
        };
        try (Broker small =
                        Broker.builder().limits(l -> l.maxPacketSize(10_000)).start();
                Responder responder = small.responder("t")
                        .respondAsync(request -> switch (how) {
                            case "throws" -> throw new IllegalStateException("thrown");
                            case "throws nothing to say" -> throw new AssertionError();
                            case "null" -> CompletableFuture.completedFuture(null);
                            case "null stage" -> null;
                            case "elsewhere" -> CompletableFuture.completedFuture(Message.of("elsewhere", "x"));
                            case "failed stage" ->
                                CompletableFuture.supplyAsync(() -> {
                                    throw new IllegalStateException("failed");
                                });
                            default -> CompletableFuture.completedFuture(request.reply(new byte[20_000]));
                        })
                        .open();
                Requester requester = small.requester("t").open()) {
            assertThat(failureOf(requester.requestAsync("x")).error())
                    .hasValueSatisfying(error -> assertThat(error).contains(expected));
            // It goes on.
            assertThat(failureOf(requester.requestAsync("x")).error()).isPresent();
            assertThat(responder.failedRequests()).isEqualTo(2);
        }
    }

    @Test
    void shouldFailRequestsWhenItsExecutorTakesNoMore() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Responder responder = broker.responder("t")
                        .executor(executor)
                        .respond(request -> request.reply("x"))
                        .open();
                Requester requester = requester()) {
            assertThat(requester.request("x").text()).isEqualTo("x");
            executor.shutdown();
            assertThat(failureOf(requester.requestAsync("x"))).hasMessageContaining("takes no more requests");
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void shouldFailAtOnceWhenNobodyAnswers() throws Exception {
        try (Requester requester = requester()) {
            assertThat(failureOf(requester.requestAsync("x")).reasonCode())
                    .contains(ReasonCode.NO_MATCHING_SUBSCRIBERS);
            try (Responder responder =
                    broker.responder("t").respond(request -> request.reply("x")).open()) {
                assertThat(responder.state()).isEqualTo(ConnectionState.CONNECTED);
                assertThat(requester.request("x").text()).isEqualTo("x");
            }
            assertThat(failureOf(requester.requestAsync("x")).reasonCode())
                    .contains(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        }
    }

    // ---- several at once

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void shouldAnswerAsManyAtOnceAsItMay(int concurrency) throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        try (Responder responder = broker.responder("t")
                        .concurrency(concurrency)
                        .respond(request -> {
                            most.accumulateAndGet(running.incrementAndGet(), Math::max);
                            pass(go);
                            running.decrementAndGet();
                            return request.reply(request.text());
                        })
                        .open();
                Requester requester = requester()) {
            List<CompletableFuture<Message>> answers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                answers.add(requester.requestAsync("" + i));
            }
            await().until(() -> running.get() == concurrency);
            assertThat(responder.inFlight()).isEqualTo(concurrency);
            go.countDown();
            for (int i = 0; i < 40; i++) {
                assertThat(text(answers.get(i))).isEqualTo("" + i);
            }
            assertThat(most).hasValue(concurrency);
            await().until(() -> responder.inFlight() == 0);
        }
    }

    @Test
    void shouldNotMakeARequestWaitForASlowerOneBeforeIt() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (Responder responder = broker.responder("t")
                        .concurrency(2)
                        .respond(request -> {
                            if (request.text().equals("slow")) {
                                pass(go);
                            }
                            return request.reply(request.text());
                        })
                        .open();
                Requester requester = requester()) {
            CompletableFuture<Message> slow = requester.requestAsync("slow");
            assertThat(requester.request("quick").text()).isEqualTo("quick");
            assertThat(slow).isNotDone();
            go.countDown();
            assertThat(text(slow)).isEqualTo("slow");
            assertThat(responder.failedRequests()).isZero();
        }
    }

    @Test
    void shouldShareRequestsWithOthersOfItsGroup() throws Exception {
        Set<String> answering = ConcurrentHashMap.newKeySet();
        AtomicInteger handled = new AtomicInteger();
        List<Responder> responders = new ArrayList<>();
        try (Requester requester = requester()) {
            for (String name : List.of("one", "two", "three")) {
                responders.add(broker.responder("t")
                        .sharedWith("group")
                        .respond(request -> {
                            handled.incrementAndGet();
                            answering.add(name);
                            return request.reply(name);
                        })
                        .open());
            }
            for (int i = 0; i < 60; i++) {
                requester.request("x");
            }
            assertThat(answering).containsExactlyInAnyOrder("one", "two", "three");
            assertThat(handled).hasValue(60);
            assertThat(requester.discardedReplies()).isZero();
            assertThat(responders.get(0).topics()).containsExactly("$share/group/t");
        } finally {
            responders.forEach(Responder::close);
        }
    }

    @Test
    void shouldLeaveToOthersOfItsGroupWhatABusyOneHasNoRoomFor() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (Responder stuck = broker.responder("t")
                        .sharedWith("g")
                        .respond(request -> {
                            pass(go);
                            return request.reply("stuck");
                        })
                        .open();
                Requester requester = requester()) {
            CompletableFuture<Message> inHand = requester.requestAsync("x");
            CompletableFuture<Message> behind = requester.requestAsync("x");
            await().until(() -> broker.stats().messagesDelivered() == 2);
            try (Responder free = broker.responder("t")
                    .sharedWith("g")
                    .respond(request -> request.reply("free"))
                    .open()) {
                for (int i = 0; i < 20; i++) {
                    assertThat(requester.request("x").text()).isEqualTo("free");
                }
                assertThat(free.failedRequests()).isZero();
            }
            go.countDown();
            assertThat(text(inHand)).isEqualTo("stuck");
            assertThat(text(behind)).isEqualTo("stuck");
            assertThat(stuck.failedRequests()).isZero();
        }
    }

    @Test
    void shouldTakeTheFirstReplyWhereSeveralAnswer() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (Responder first = broker.responder("t")
                        .respond(request -> request.reply("first"))
                        .open();
                Responder second = broker.responder("t")
                        .respond(request -> {
                            pass(go);
                            return request.reply("second");
                        })
                        .open();
                Requester requester = requester()) {
            assertThat(requester.request("x").text()).isEqualTo("first");
            go.countDown();
            await().until(() -> requester.discardedReplies() == 1);
            assertThat(first.failedRequests() + second.failedRequests()).isZero();
        }
    }

    @Test
    void shouldAnswerOnManyTopics() {
        try (Responder responder = broker.responder("a/+")
                        .topic("b")
                        .respond(request -> request.reply(request.topic()))
                        .open();
                Requester requester = broker.requester("b").topicsUnder("#").open()) {
            for (String topic : List.of("a/1", "a/2", "b")) {
                assertThat(requester.request(Message.of(topic, "x")).text()).isEqualTo(topic);
            }
            assertThat(responder.topics()).containsExactly("a/+", "b");
        }
    }

    // ---- lost connections

    @Test
    void shouldBringAReplyThatCameWhileTheRequesterWasAway() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch comeBack = new CountDownLatch(1);
        AtomicBoolean away = new AtomicBoolean();
        List<ConnectionState> states = new CopyOnWriteArrayList<>();
        try (Responder responder = broker.responder("t")
                        .respond(request -> {
                            pass(go);
                            return request.reply("kept");
                        })
                        .open();
                Requester requester = broker.requester("t")
                        .clientId("ana")
                        .reconnect(SOON)
                        .credentials(() -> {
                            // Asked before each connection, on a thread that may wait.
                            if (away.get()) {
                                pass(comeBack);
                            }
                            return Credentials.of("ana", "password");
                        })
                        .onStateChange((from, to, cause) -> states.add(to))
                        .open()) {
            CompletableFuture<Message> answer = requester.requestAsync("x");
            await().until(() -> responder.inFlight() == 1);
            away.set(true);
            assertThat(broker.disconnect("ana", ReasonCode.SERVER_BUSY)).isTrue();
            go.countDown();
            await().until(() -> broker.stats().messagesQueued() == 1);
            assertThat(answer).isNotDone();
            comeBack.countDown();
            assertThat(text(answer)).isEqualTo("kept");
            await().until(() -> states.equals(
                    List.of(ConnectionState.CONNECTED, ConnectionState.RECONNECTING, ConnectionState.CONNECTED)));
        }
    }

    @Test
    void shouldAnswerAgainAfterItsConnectionsWereLost() throws Exception {
        try (Responder responder = broker.responder("t")
                        .clientId("bea")
                        .reconnect(SOON)
                        .respond(request -> request.reply("x"))
                        .open();
                Requester requester = requester()) {
            requester.request("x");
            assertThat(broker.disconnect("bea", ReasonCode.SERVER_BUSY)).isTrue();
            assertThat(broker.disconnect("bea-out", ReasonCode.SERVER_BUSY)).isTrue();
            await().until(() -> {
                try {
                    return requester.request("x").text().equals("x");
                } catch (RequestFailedException e) {
                    return false;
                }
            });
            await().until(() -> responder.state() == ConnectionState.CONNECTED);
        }
    }

    @Test
    void shouldNotWorkForARequesterThatHasGivenUp() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        List<String> handled = new CopyOnWriteArrayList<>();
        try (Responder responder = broker.responder("t")
                        .respond(request -> {
                            handled.add(request.text());
                            pass(go);
                            return request.reply("x");
                        })
                        .open();
                Requester impatient =
                        broker.requester("t").timeout(Duration.ofMillis(900)).open();
                Requester patient = requester()) {
            List<CompletableFuture<Message>> answers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                answers.add(impatient.requestAsync("impatient"));
            }
            for (CompletableFuture<Message> answer : answers) {
                assertThatThrownBy(() -> answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class);
            }
            // The broker counts whole seconds: theirs is over when another one has passed.
            CompletableFuture<Message> later = patient.requestAsync("patient");
            await().pollDelay(Duration.ofMillis(1_100)).until(() -> true);
            go.countDown();
            assertThat(text(later)).isEqualTo("x");
            // At most the one in its hand and the one that waited behind it.
            assertThat(handled).hasSizeLessThanOrEqualTo(3).endsWith("patient");
            assertThat(responder.failedRequests()).isZero();
        }
    }

    // ---- closing

    @Test
    void shouldFinishWhatItHasBegunAndRefuseTheRest() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Responder responder = broker.responder("t")
                .respond(request -> {
                    begun.countDown();
                    pass(go);
                    return request.reply("finished");
                })
                .open();
        try (Requester requester = requester()) {
            CompletableFuture<Message> first = requester.requestAsync("1");
            pass(begun);
            CompletableFuture<Message> second = requester.requestAsync("2");
            CompletableFuture<Void> closing = Background.run(responder::close);
            go.countDown();
            closing.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(text(first)).isEqualTo("finished");
            // It had arrived or not; begun or not: it is answered in any case.
            CompletableFuture<Object> outcome = second.handle((reply, e) -> e == null ? reply.text() : e);
            Object got = outcome.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!got.equals("finished")) {
                assertThat(got).isInstanceOf(RequestFailedException.class);
            }
            assertThat(responder.state()).isEqualTo(ConnectionState.CLOSED);
        }
    }

    @Test
    void shouldLeaveToItsGroupWhatItHasNotBegunWhenItCloses() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Responder leaving = broker.responder("t")
                .sharedWith("g")
                .respond(request -> {
                    begun.countDown();
                    pass(go);
                    return request.reply("leaving");
                })
                .open();
        try (Requester requester = requester()) {
            List<CompletableFuture<Message>> answers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                answers.add(requester.requestAsync("x"));
            }
            pass(begun);
            try (Responder staying = broker.responder("t")
                    .sharedWith("g")
                    .respond(request -> request.reply("staying"))
                    .open()) {
                CompletableFuture<Void> closing = Background.run(leaving::close);
                await().until(() -> ((ResponderClient) leaving).isClosing());
                go.countDown();
                closing.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                assertThat(text(answers.get(0))).isEqualTo("leaving");
                for (CompletableFuture<Message> answer : answers.subList(1, 10)) {
                    assertThat(text(answer)).isEqualTo("staying");
                }
                assertThat(staying.failedRequests()).isZero();
            }
        }
    }

    @Test
    void shouldBeClosedFromItsHandler() throws Exception {
        AtomicReference<Responder> self = new AtomicReference<>();
        Responder responder = broker.responder("t")
                .respond(request -> {
                    self.get().close();
                    return request.reply("last words");
                })
                .open();
        self.set(responder);
        try (Requester requester = requester()) {
            assertThat(requester.request("x").text()).isEqualTo("last words");
            await().until(() -> responder.state() == ConnectionState.CLOSED);
            responder.close();
            assertThat(broker.clients()).noneMatch(client -> client.clientId().startsWith(responder.clientId()));
        }
    }

    @Test
    void shouldGiveUpAHandlerThatNeverReturns() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Responder responder = broker.responder("t")
                .timeout(Duration.ofMillis(100))
                .respond(request -> {
                    begun.countDown();
                    pass(never);
                    return request.reply("too late");
                })
                .open();
        try (Requester requester = requester()) {
            requester.requestAsync("x");
            pass(begun);
            Background.run(responder::close).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(responder.state()).isEqualTo(ConnectionState.CLOSED);
        } finally {
            never.countDown();
        }
    }

    @Test
    void shouldLeaveNothingAtTheBroker() {
        try (Responder responder = broker.responder("t")
                        .concurrency(3)
                        .respond(request -> request.reply("x"))
                        .open();
                Requester requester = requester()) {
            requester.request("x");
            assertThat(broker.clients()).hasSize(4);
            assertThat(responder.state()).isEqualTo(ConnectionState.CONNECTED);
        }
        await().until(() -> broker.clients().isEmpty());
        await().until(() -> broker.stats().subscriptions() == 0);
        assertThat(broker.stats().refusals()).isZero();
    }

    // ---- the builder

    @Test
    void shouldRefuseWhatCannotBe() {
        assertThatThrownBy(() -> broker.responder("t").open()).hasMessageContaining("respond");
        assertThatThrownBy(() -> new ResponderBuilder(URI.create("memory:x"), TransportChoice::new, null)
                        .respond(request -> null)
                        .open())
                .hasMessageContaining("topic");
        assertThatThrownBy(() -> broker.responder("a/#/b")).isInstanceOf(IllegalArgumentException.class);
        for (String group : List.of("", "a/b", "+", "#")) {
            assertThatThrownBy(() -> broker.responder("t").sharedWith(group))
                    .as(group)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> broker.responder("t").concurrency(0)).hasMessageContaining("0");
        assertThatThrownBy(() -> broker.responder("t").concurrency(32_768)).hasMessageContaining("32768");
        assertThatThrownBy(() -> Message.of("t", "x").reply("y")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldCopyEverythingOfAMessage() {
        Message message = Message.builder("t")
                .payload("p")
                .qos(QoS.EXACTLY_ONCE)
                .retained(true)
                .duplicate(true)
                .utf8(true)
                .expiry(Duration.ofSeconds(3))
                .contentType("c")
                .responseTopic("r")
                .correlationData(ByteBuffer.wrap(new byte[] {5}))
                .userProperty("k", "v")
                .build();
        Message copy = message.toBuilder().userProperty("k2", "v2").build();
        assertThat(copy)
                .usingRecursiveComparison()
                .ignoringFields("userProperties")
                .isEqualTo(message);
        assertThat(copy.userProperties()).hasSize(2);
        assertThat(message.userProperties()).hasSize(1);
        assertThat(Optional.of(copy.text())).contains("p");
    }
}
