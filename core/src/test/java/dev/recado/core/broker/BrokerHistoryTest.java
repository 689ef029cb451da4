package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static dev.recado.QoS.AT_MOST_ONCE;
import static dev.recado.QoS.EXACTLY_ONCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.Broker;
import dev.recado.Limits;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerHistoryTest {

    private BrokerFixture fixture;

    @AfterEach
    void close() {
        fixture.close();
    }

    private void start(UnaryOperator<Broker.Builder> configure) {
        fixture = new BrokerFixture(configure);
    }

    /** Subscribes with the property, and expects the filters to be granted. */
    private static void replay(WireClient client, String replay, QoS qos, String... filters) {
        assertThat(subscribe(client, replay, qos, filters)).noneMatch(ReasonCode::isError);
    }

    private static List<ReasonCode> subscribe(WireClient client, String replay, QoS qos, String... filters) {
        client.send(subscribePacket(replay, qos, filters));
        return client.expect(Packet.SubAck.class).reasonCodes();
    }

    private static Packet.Subscribe subscribePacket(String replay, QoS qos, String... filters) {
        Properties properties =
                Properties.builder().userProperty("recado-replay", replay).build();
        return new Packet.Subscribe(
                11,
                properties,
                List.of(filters).stream()
                        .map(filter -> new Packet.Subscription(filter, qos, false, false, 2))
                        .toList());
    }

    private static void publish(WireClient publisher, String topic, int from, int to) {
        for (int i = from; i <= to; i++) {
            publisher.publish(topic, String.valueOf(i), AT_MOST_ONCE, i % 2 == 0);
        }
    }

    private static void expect(WireClient subscriber, String topic, int from, int to) {
        for (int i = from; i <= to; i++) {
            subscriber.expectMessage(topic, String.valueOf(i));
        }
    }

    // ---- What is kept ----

    @Test
    void shouldReplayTheLastOnesOldestFirstMarkedAsStored() {
        start(broker -> broker.history(5));
        WireClient publisher = fixture.connect("p");
        publish(publisher, "a", 1, 8);
        WireClient subscriber = fixture.connect("s");

        replay(subscriber, "3", AT_MOST_ONCE, "a");

        for (int i = 6; i <= 8; i++) {
            assertThat(subscriber.expectMessage("a", String.valueOf(i)).retain())
                    .isTrue();
        }
        publish(publisher, "a", 9, 9);
        assertThat(subscriber.expectMessage("a", "9").retain()).isFalse();
        subscriber.expectNothing();
    }

    @Test
    void shouldReplayNoMoreThanIsKept() {
        start(broker -> broker.history(5));
        publish(fixture.connect("p"), "a", 1, 8);
        WireClient subscriber = fixture.connect("s");

        replay(subscriber, "65535", AT_MOST_ONCE, "a");

        expect(subscriber, "a", 4, 8);
        subscriber.expectNothing();
    }

    @Test
    void shouldSendTheLastValueAloneToThoseWhoDoNotAsk() {
        start(broker -> broker.history(5));
        publish(fixture.connect("p"), "a", 1, 7);
        WireClient subscriber = fixture.connect("s");

        subscriber.subscribe(AT_MOST_ONCE, "a");

        subscriber.expectMessage("a", "6");
        subscriber.expectNothing();
    }

    @Test
    void shouldReplayTheLastValueOfATopicWithoutHistory() {
        start(broker -> broker.history("other/#", 5));
        publish(fixture.connect("p"), "a", 1, 7);
        WireClient subscriber = fixture.connect("s");

        replay(subscriber, "3", AT_MOST_ONCE, "a");

        subscriber.expectMessage("a", "6");
        subscriber.expectNothing();
    }

    @Test
    void shouldKeepAsManyAsTheFilterStatedLastSays() {
        start(broker -> broker.history(4).history("a/#", 2).history("a/b", 3).history("a/none", 0));
        WireClient publisher = fixture.connect("p");
        for (String topic : List.of("x", "a/x", "a/b", "a/none")) {
            publish(publisher, topic, 1, 6);
        }
        WireClient subscriber = fixture.connect("s");

        replay(subscriber, "9", AT_MOST_ONCE, "x");
        expect(subscriber, "x", 3, 6);
        replay(subscriber, "9", AT_MOST_ONCE, "a/x");
        expect(subscriber, "a/x", 5, 6);
        replay(subscriber, "9", AT_MOST_ONCE, "a/b");
        expect(subscriber, "a/b", 4, 6);
        replay(subscriber, "9", AT_MOST_ONCE, "a/none");
        subscriber.expectMessage("a/none", "6");
        subscriber.expectNothing();
    }

    @Test
    void shouldReplayTheTopicsOfAFilterOldestFirstOverAllOfThem() {
        start(broker -> broker.history(3).history("a/last", 0));
        WireClient publisher = fixture.connect("p");
        publish(publisher, "a/1", 1, 2);
        publish(publisher, "a/2", 1, 1);
        publish(publisher, "a/1", 3, 3);
        publish(publisher, "a/last", 1, 4);
        publish(publisher, "other", 1, 1);
        publish(publisher, "a/2", 2, 2);
        publish(publisher, "a/1", 4, 4);
        WireClient subscriber = fixture.connect("s");

        replay(subscriber, "3", AT_MOST_ONCE, "a/+");

        subscriber.expectMessage("a/1", "2");
        subscriber.expectMessage("a/2", "1");
        subscriber.expectMessage("a/1", "3");
        subscriber.expectMessage("a/last", "4");
        subscriber.expectMessage("a/2", "2");
        subscriber.expectMessage("a/1", "4");
        subscriber.expectNothing();
    }

    /** One that may hold no messages of several topics at a time sends them topic by topic, each whole. */
    @Test
    void shouldBeginNoFurtherTopicWhileTooMuchIsHeld() {
        start(broker -> broker.history(3).limits(limits -> limits.maxQueuedBytes(0)));
        WireClient publisher = fixture.connect("p");
        for (int i = 1; i <= 3; i++) {
            publish(publisher, "a/1", i, i);
            publish(publisher, "a/2", i, i);
        }
        WireClient subscriber = fixture.connect("s");

        replay(subscriber, "3", AT_MOST_ONCE, "a/+");

        expect(subscriber, "a/1", 1, 3);
        expect(subscriber, "a/2", 1, 3);
        subscriber.expectNothing();
    }

    /** The subscriber takes one message at a time, and everything that it has still to get is pushed out of the histories. */
    @Test
    void shouldHaveNoGapInATopicThatMovesOnWhileItIsReplayed() {
        start(broker -> broker.history(3));
        WireClient publisher = fixture.connect("p");
        for (int i = 1; i <= 3; i++) {
            publisher.publish("a/1", "1=" + i, AT_LEAST_ONCE, false);
            publisher.publish("a/2", "2=" + i, AT_LEAST_ONCE, false);
        }
        publisher.publish("a/late", "late=1", AT_LEAST_ONCE, false);
        WireClient subscriber = fixture.connect(BrokerFixture.connectPacket("s", BrokerFixture.receiveMaximum(1)));
        replay(subscriber, "3", AT_LEAST_ONCE, "a/+");
        for (String text : List.of("1=1", "2=1")) {
            Packet.Publish message = subscriber.expect(Packet.Publish.class);
            assertThat(WireClient.text(message)).isEqualTo(text);
            subscriber.acknowledge(message.packetId());
        }

        for (int i = 4; i <= 6; i++) {
            publisher.publish("a/1", "1=" + i, AT_LEAST_ONCE, false);
            publisher.publish("a/2", "2=" + i, AT_LEAST_ONCE, false);
            publisher.publish("a/late", "late=" + (i - 2), AT_LEAST_ONCE, false);
        }

        assertThat(readAll(subscriber, AT_LEAST_ONCE))
                .as("of a topic not yet begun, what history no longer has is missing at its beginning")
                .containsExactly(
                        "1=2", "2=2", "1=3", "2=3", "1=4", "2=4", "late=2", "1=5", "2=5", "late=3", "1=6", "2=6",
                        "late=4");
    }

    @Test
    void shouldForgetWithTheLastValue() {
        start(broker -> broker.history(3));
        WireClient publisher = fixture.connect("p");
        publish(publisher, "a", 1, 4);
        publisher.publish("a", "", AT_MOST_ONCE, true);
        publish(publisher, "a", 5, 5);
        WireClient subscriber = fixture.connect("s");

        replay(subscriber, "3", AT_MOST_ONCE, "a");

        expect(subscriber, "a", 5, 5);
        subscriber.expectNothing();
    }

    @Test
    void shouldForgetWithTheTopic() {
        start(broker -> broker.history(3));
        publish(fixture.connect("p"), "a", 1, 4);
        assertThat(fixture.broker.stats().historyMessages()).isEqualTo(3);

        fixture.broker.forgetTopics("a");

        assertThat(fixture.broker.stats().historyMessages()).isZero();
        assertThat(fixture.broker.stats().historyBytes()).isZero();
    }

    @Test
    void shouldNotReplayWhatHasExpired() {
        start(broker -> broker.history(3));
        Properties expiry =
                Properties.builder().set(Property.MESSAGE_EXPIRY_INTERVAL, 10).build();
        WireClient publisher = fixture.connect("p");
        publisher.publish("a", "expires", AT_MOST_ONCE, false, expiry);
        fixture.advance(Duration.ofSeconds(4));
        WireClient early = fixture.connect("early");
        replay(early, "3", AT_MOST_ONCE, "a");
        assertThat(early.expectMessage("a", "expires").properties().number(Property.MESSAGE_EXPIRY_INTERVAL, -1))
                .isEqualTo(6);
        publish(publisher, "a", 1, 1);
        fixture.advance(Duration.ofSeconds(7));
        WireClient late = fixture.connect("late");

        replay(late, "3", AT_MOST_ONCE, "a");

        expect(late, "a", 1, 1);
        late.expectNothing();
    }

    @Test
    void shouldMakeRoomByForgettingTheOldestOfTheSameTopic() {
        // Topic and payload: 101 bytes each.
        start(broker -> broker.history(10).limits(limits -> limits.maxHistoryBytes(300)));
        WireClient publisher = fixture.connect("p");
        String padding = "x".repeat(99);
        for (int i = 0; i < 4; i++) {
            publisher.publish("a", i + padding, AT_MOST_ONCE, false);
        }
        assertThat(fixture.broker.stats().historyMessages()).isEqualTo(2);
        assertThat(fixture.broker.stats().historyBytes()).isEqualTo(202);
        assertThat(fixture.broker.stats().historyDropped()).isEqualTo(2);
        assertThat(fixture.warnings)
                .containsExactly("dropped a message from the history of 'a': maxHistoryBytes is 300");
        fixture.timers.advance(Duration.ofSeconds(1));
        publisher.publish("b", padding.repeat(3), AT_MOST_ONCE, false);
        assertThat(fixture.broker.stats().historyDropped()).isEqualTo(3);
        assertThat(fixture.warnings)
                .last()
                .isEqualTo("dropped a message from the history of 'b': maxHistoryBytes is 300 (and 1 more like this)");
        WireClient subscriber = fixture.connect("s");

        replay(subscriber, "9", AT_MOST_ONCE, "#");

        subscriber.expectMessage("a", "2" + padding);
        subscriber.expectMessage("a", "3" + padding);
        subscriber.expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 65_536})
    void shouldRefuseADepthOutOfRange(int depth) {
        start(broker -> broker);
        assertThatThrownBy(() -> Broker.builder().history("a/#", depth))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a/#")
                .hasMessageContaining(String.valueOf(depth));
    }

    // ---- What is asked for ----

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "65536", "many", "", "99999999999"})
    void shouldRefuseAReplayThatIsNoNumberInRange(String replay) {
        start(broker -> broker.history(5));
        WireClient subscriber = fixture.connect("s");

        subscriber.send(subscribePacket(replay, AT_MOST_ONCE, "a"));

        Packet.SubAck answer = subscriber.expect(Packet.SubAck.class);
        assertThat(answer.reasonCodes()).containsExactly(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
        assertThat(answer.properties().text(Property.REASON_STRING))
                .contains("recado-replay")
                .contains(replay);
    }

    @Test
    void shouldRefuseAReplayOfASharedSubscription() {
        start(broker -> broker.history(5));

        assertThat(subscribe(fixture.connect("s"), "3", AT_MOST_ONCE, "$share/g/a", "a"))
                .containsExactly(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, ReasonCode.SUCCESS);
    }

    @Test
    void shouldReplayTheTopicCatalogue() {
        start(broker -> broker.history(5));
        publish(fixture.connect("p"), "a", 1, 1);
        WireClient subscriber = fixture.connect("s");

        replay(subscriber, "3", AT_MOST_ONCE, "$recado/topics/#");

        subscriber.expectMessage("$recado/topics/a", "a");
        subscriber.expectNothing();
    }

    // ---- Live messages meanwhile ----

    @ParameterizedTest
    @EnumSource(QoS.class)
    void shouldSendLiveMessagesBehindAReplayThatTheSubscriberSlows(QoS qos) {
        start(broker -> broker.history(10));
        WireClient publisher = fixture.connect("p");
        for (int i = 1; i <= 6; i++) {
            publisher.publish("a", String.valueOf(i), qos, false);
            publisher.drain();
            publisher.answer(PacketType.PUBREL, 7);
        }
        WireClient subscriber = fixture.connect(BrokerFixture.connectPacket("s", BrokerFixture.receiveMaximum(1)));

        replay(subscriber, "4", qos, "a");
        for (int i = 7; i <= 9; i++) {
            publisher.publish("a", String.valueOf(i), qos, false);
            publisher.drain();
            publisher.answer(PacketType.PUBREL, 7);
        }

        assertThat(readAll(subscriber, qos)).containsExactly("3", "4", "5", "6", "7", "8", "9");
    }

    /** What comes when each message is acknowledged in its turn. */
    private List<String> readAll(WireClient subscriber, QoS qos) {
        List<String> got = new ArrayList<>();
        for (List<Packet> some = subscriber.drain(); !some.isEmpty(); some = subscriber.drain()) {
            for (Packet packet : some) {
                if (packet instanceof Packet.Publish message) {
                    got.add(WireClient.text(message));
                    assertThat(message.qos()).isEqualTo(qos);
                    if (qos == AT_LEAST_ONCE) {
                        subscriber.acknowledge(message.packetId());
                    } else if (qos == EXACTLY_ONCE) {
                        subscriber.answer(PacketType.PUBREC, message.packetId());
                    }
                } else if (packet instanceof Packet.Ack ack && ack.type() == PacketType.PUBREL) {
                    subscriber.answer(PacketType.PUBCOMP, ack.packetId());
                }
            }
        }
        return got;
    }

    /**
     * The subscriber reads slowly; when the turn of a topic comes, messages of it have been published behind SUBACK. They were
     * once left out for the last value that stood for all of them.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLoseNothingThatIsPublishedWhileOtherTopicsAreReplayed(boolean withHistory) {
        start(broker -> withHistory ? broker.history(2) : broker);
        WireClient publisher = fixture.connect("p");
        int topics = 20;
        for (int i = 0; i < topics; i++) {
            publisher.publish("t/" + i, "old", AT_LEAST_ONCE, true);
        }
        WireClient subscriber = fixture.connect(BrokerFixture.connectPacket("s", BrokerFixture.receiveMaximum(1)));
        if (withHistory) {
            replay(subscriber, "2", AT_LEAST_ONCE, "t/+");
        } else {
            subscriber.subscribe(AT_LEAST_ONCE, "t/+");
        }

        for (int i = 0; i < topics; i++) {
            for (String text : List.of("1", "2", "3")) {
                publisher.publish("t/" + i, i + "=" + text, AT_LEAST_ONCE, true);
            }
        }

        List<String> got = readAll(subscriber, AT_LEAST_ONCE);
        assertThat(got).filteredOn(text -> !text.equals("old")).doesNotHaveDuplicates();
        for (int i = 0; i < topics; i++) {
            assertThat(got).containsSubsequence(i + "=1", i + "=2", i + "=3");
        }
        assertThat(got).contains("old").hasSizeLessThanOrEqualTo(4 * topics);
    }

    @Test
    void shouldBeginAgainInsteadOfAddingToAnUnfinishedReplayOfTheSameFilter() {
        WireClient subscriber = slowlyTakingAReplayOf3();

        replay(subscriber, "2", AT_LEAST_ONCE, "a");

        subscriber.acknowledge(1);
        assertThat(readAll(subscriber, AT_LEAST_ONCE)).containsExactly("2", "3");
    }

    /** {@link dev.recado.Subscriber#close} unsubscribes, and waits for all that the broker has. */
    @Test
    void shouldGoOnWithAReplayWhoseSubscriptionIsTakenBack() {
        WireClient subscriber = slowlyTakingAReplayOf3();

        unsubscribe(subscriber, "a");

        subscriber.acknowledge(1);
        assertThat(readAll(subscriber, AT_LEAST_ONCE)).containsExactly("2", "3");
    }

    @Test
    void shouldNotLetAClientThatDoesNotReadPileUpReplays() {
        WireClient subscriber = slowlyTakingAReplayOf3(limits -> limits.maxSubscriptionsPerClient(2));
        unsubscribe(subscriber, "a");
        replay(subscriber, "3", AT_LEAST_ONCE, "+");
        unsubscribe(subscriber, "+");

        replay(subscriber, "1", AT_LEAST_ONCE, "other");

        subscriber.acknowledge(1);
        assertThat(readAll(subscriber, AT_LEAST_ONCE)).containsExactly("of another");
    }

    private static void unsubscribe(WireClient subscriber, String filter) {
        subscriber.send(new Packet.Unsubscribe(12, Properties.NONE, List.of(filter)));
        subscriber.expect(Packet.UnsubAck.class);
    }

    /** It has the first message, whose packet identifier is 1. */
    private WireClient slowlyTakingAReplayOf3() {
        return slowlyTakingAReplayOf3(limits -> limits);
    }

    private WireClient slowlyTakingAReplayOf3(UnaryOperator<Limits> limits) {
        start(broker -> broker.history(3).limits(limits));
        WireClient publisher = fixture.connect("p");
        for (int i = 1; i <= 3; i++) {
            publisher.publish("a", String.valueOf(i), AT_LEAST_ONCE, false);
        }
        publisher.publish("other", "of another", AT_LEAST_ONCE, false);
        WireClient subscriber = fixture.connect(BrokerFixture.connectPacket("s", BrokerFixture.receiveMaximum(1)));
        replay(subscriber, "3", AT_LEAST_ONCE, "a");
        assertThat(subscriber.expectMessage("a", "1").packetId()).isEqualTo(1);
        return subscriber;
    }

    @Test
    void shouldAnnounceTheExtension() {
        start(broker -> broker);
        WireClient client = fixture.open();
        client.send(BrokerFixture.connectPacket("c", Properties.NONE));

        assertThat(client.expect(Packet.ConnAck.class).properties().userProperties())
                .anySatisfy(property -> {
                    assertThat(property.name()).isEqualTo("recado");
                    assertThat(property.value().split(" ")).contains("replay");
                });
    }

    @Test
    void shouldTakeUpAReplayThatTheConnectionDidNotFinish() {
        start(broker -> broker.history(10));
        WireClient publisher = fixture.connect("p");
        for (int i = 1; i <= 5; i++) {
            publisher.publish("a", String.valueOf(i), AT_LEAST_ONCE, false);
        }
        Properties narrow = Properties.builder()
                .set(Property.SESSION_EXPIRY_INTERVAL, 100)
                .set(Property.RECEIVE_MAXIMUM, 1)
                .build();
        WireClient first = fixture.connect(BrokerFixture.resume("s", narrow));
        replay(first, "5", AT_LEAST_ONCE, "a");
        first.acknowledge(first.expectMessage("a", "1").packetId());
        first.expectMessage("a", "2");
        first.cut();

        WireClient second = fixture.connect(BrokerFixture.resume("s", narrow));

        assertThat(readAll(second, AT_LEAST_ONCE)).containsExactly("2", "3", "4", "5");
    }
}
