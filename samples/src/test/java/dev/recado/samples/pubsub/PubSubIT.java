package dev.recado.samples.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.recado.Broker;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.Subscriber;
import dev.recado.samples.OnEachTransport;
import dev.recado.samples.RecadoProcess;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands {@code pub}, {@code sub} and {@code topics}, over each transport, against a broker in the test's process. */
@OnEachTransport
final class PubSubIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String UTF8_TEXT = "ç 日本語 🙂";

    private final String transport;
    private Broker broker;

    PubSubIT(String transport) {
        this.transport = transport;
    }

    @BeforeEach
    void startBroker() {
        broker = Broker.builder()
                .transport(transport)
                .listen("mqtt://127.0.0.1:0")
                .start();
    }

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void shouldPublishEachArgumentInOrder(String qos) throws Exception {
        try (Subscriber subscriber = broker.subscriber("news/br").open();
                RecadoProcess pub = client("pub", "--topic", "news/br", "--qos", qos, "um", "@dois", "--", "-três")) {
            assertThat(pub.success()).isEmpty();

            List<Message> messages = receive(subscriber, 3);
            assertThat(messages).extracting(Message::text).containsExactly("um", "@dois", "-três");
            assertThat(messages)
                    .extracting(message -> message.qos().orElseThrow())
                    .containsOnly(QoS.of(Integer.parseInt(qos)));
        }
    }

    @Test
    void shouldPublishLinesOfStandardInputAsTheyCome() throws Exception {
        try (Subscriber subscriber = broker.subscriber("news/br").open();
                RecadoProcess pub = client("pub", "--topic", "news/br", "first", "-", "last")) {
            assertThat(receive(subscriber, 1)).extracting(Message::text).containsExactly("first");
            pub.type("one");
            assertThat(receive(subscriber, 1)).extracting(Message::text).containsExactly("one");
            pub.type("");
            pub.type(UTF8_TEXT);
            pub.endInput();

            assertThat(pub.success()).isEmpty();
            assertThat(receive(subscriber, 3)).extracting(Message::text).containsExactly("", UTF8_TEXT, "last");
        }
    }

    @Test
    void shouldLeaveTheLastValueUnlessToldOtherwise() throws Exception {
        try (RecadoProcess kept = client("pub", "--topic", "t/kept", "old", "new");
                RecadoProcess unkept = client("pub", "--topic", "t/unkept", "--no-retain", "gone")) {
            kept.success();
            unkept.success();
        }
        try (Subscriber subscriber = broker.subscriber("t/#").open()) {
            subscriber.close();
            assertThat(receive(subscriber, 1))
                    .extracting(Message::topic, Message::text)
                    .containsExactly(tuple("t/kept", "new"));
            assertThat(subscriber.receive(Duration.ZERO)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void shouldPrintWhatSeveralFiltersMatch(String qos) throws Exception {
        try (RecadoProcess sub = client("sub", "--topic", "a/+", "--topic", "b/#", "--qos", qos);
                Publisher publisher = everywhere()) {
            awaitSubscriptions(2);

            publisher.publish("a/1", "um");
            publisher.publish("a/1/2", "not matched");
            publisher.publish("b/1/2", "dois");
            publisher.publish("b/1", UTF8_TEXT);

            // Each line comes at once, while the program runs on.
            assertThat(List.of(sub.nextLine(), sub.nextLine(), sub.nextLine()))
                    .containsExactly("a/1: um", "b/1/2: dois", "b/1: " + UTF8_TEXT);
            assertThat(sub.isAlive()).isTrue();
        }
    }

    @Test
    void shouldReplayTheHistoryThatTheBrokerKeeps() throws Exception {
        try (RecadoProcess broker = RecadoProcess.start("broker", "--port", "0", "--history", "3")) {
            URI endpoint = broker.nextEndpoint();
            try (RecadoProcess pub =
                    RecadoProcess.startAt(endpoint, "nio", "pub", "--topic", "t", "1", "2", "3", "4", "5")) {
                pub.success();
            }

            try (RecadoProcess sub = RecadoProcess.startAt(
                    endpoint, "blocking", "sub", "--topic", "t", "--replay", "2", "--count", "2")) {
                assertThat(sub.success()).containsExactly("t: 4", "t: 5");
            }
        }
    }

    @Test
    void shouldEndAfterTheMessagesCounted() throws Exception {
        try (RecadoProcess sub = client("sub", "--topic", "t", "--count", "2");
                Publisher publisher = everywhere()) {
            awaitSubscriptions(1);

            for (String text : List.of("1", "2", "3", "4")) {
                publisher.publish("t", text);
            }

            assertThat(sub.success()).containsExactly("t: 1", "t: 2");
        }
    }

    @Test
    void shouldPrintAllThatHadComeBeforeItIsTerminated() throws Exception {
        int messages = 5_000;
        try (RecadoProcess sub = client("sub", "--topic", "t");
                Publisher publisher = everywhere()) {
            awaitSubscriptions(1);
            for (int i = 0; i < messages; i++) {
                publisher.publishAsync(Message.of("t", "" + i));
            }
            publisher.flush();

            sub.terminate();

            assertThat(sub.exitCode()).isEqualTo(128 + 15);
            assertThat(sub.errors()).containsExactly("recado: stopped by a signal");
            assertThat(sub.output())
                    .containsExactlyElementsOf(IntStream.range(0, messages)
                            .mapToObj(i -> "t: " + i)
                            .toList());
        }
    }

    @Test
    void shouldEndWhenNobodyReadsItsOutput() throws Exception {
        String options = " --port " + broker.endpoint().getPort() + " --transport " + transport;
        try (RecadoProcess pipe = RecadoProcess.startShell("C", "$RECADO sub --topic t" + options + " | head -n 1");
                Publisher publisher = everywhere()) {
            awaitSubscriptions(1);

            await().atMost(PATIENCE).until(() -> {
                publisher.publish("t", "again");
                return !pipe.isAlive();
            });
            assertThat(pipe.success()).containsExactly("t: again");
        }
    }

    @Test
    void shouldSayThatTheConnectionIsLostAndTryAgain() throws Exception {
        try (RecadoProcess sub = client("sub", "--topic", "t")) {
            awaitSubscriptions(1);

            broker.close();

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(sub.errors())
                            .singleElement()
                            .asString()
                            .contains("trying again", broker.endpoint().toString()));
            assertThat(sub.isAlive()).isTrue();
        }
    }

    @Test
    void shouldSpeakUtf8WhateverTheLocale() throws Exception {
        String options = " --port " + broker.endpoint().getPort() + " --transport " + transport;
        // A JVM in such a locale could not hand these arguments on; the shell writes their bytes.
        String argument =
                "\"$(printf '\\303\\247 \\346\\227\\245\\346\\234\\254\\350\\252\\236 \\360\\237\\231\\202')\"";
        try (RecadoProcess pub = RecadoProcess.startShell(
                "C", "$RECADO pub --topic " + argument + options + " ascii " + argument + " -")) {
            pub.type(UTF8_TEXT + "!");
            pub.endInput();
            pub.success();
        }
        try (RecadoProcess sub = RecadoProcess.startShell("C", "$RECADO sub --count 1 --topic " + argument + options)) {
            assertThat(sub.success()).containsExactly(UTF8_TEXT + ": " + UTF8_TEXT + "!");
        }
        try (RecadoProcess refused =
                RecadoProcess.startShell("C", "$RECADO pub --topic " + argument + "'#' x" + options)) {
            assertThat(refused.failure()).contains(UTF8_TEXT + "#");
        }
    }

    @Test
    void shouldListTopicsOfClientsThatHaveGone() throws Exception {
        int published = 3_000;
        try (Publisher publisher = everywhere()) {
            for (int i = 0; i < published; i++) {
                publisher.publishAsync(Message.builder(String.format("topic/%04d", i))
                        .payload("x")
                        .build());
            }
            publisher.flush();
        }
        broker.subscriber("asked/for").open().close();
        broker.subscriber("wildcards/are/no/topics/+").open().close();
        broker.publisher("日本/stated").open().close();

        try (RecadoProcess topics = client("topics")) {
            List<String> names = topics.success();

            assertThat(names).hasSize(published + 2).isSorted();
            assertThat(names)
                    .startsWith("asked/for", "topic/0000", "topic/0001")
                    .endsWith("topic/2999", "日本/stated");
        }
    }

    private RecadoProcess client(String command, String... arguments) {
        return RecadoProcess.startAt(broker.endpoint(), transport, command, arguments);
    }

    /**
     * Leaves no last values: what is published while a subscription is being made may otherwise arrive twice, as it is
     * published and as its topic's last value.
     */
    private Publisher everywhere() {
        return Publisher.builder(broker.endpoint())
                .transport(transport)
                .topicsUnder("#")
                .retain(false)
                .open();
    }

    private void awaitSubscriptions(int count) {
        await().atMost(PATIENCE).until(() -> broker.stats().subscriptions() == count);
    }

    private static List<Message> receive(Subscriber subscriber, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> subscriber.receive(PATIENCE).orElseThrow())
                .toList();
    }
}
