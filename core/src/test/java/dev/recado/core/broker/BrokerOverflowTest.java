package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static dev.recado.QoS.AT_MOST_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.QoS;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A subscriber that does not read, in slow motion. */
class BrokerOverflowTest {

    private static final int MOST_OUTBOUND = 10_000;
    private static final int PAYLOAD = 1_000;

    private final BrokerFixture fixture = new BrokerFixture(builder -> builder.limits(limits ->
            limits.maxOutboundBytes(MOST_OUTBOUND).maxQueuedMessages(20).stallLimit(Duration.ofMillis(100))));

    private final WireClient publisher = fixture.connect("p");

    @AfterEach
    void close() {
        fixture.close();
    }

    private WireClient stuckSubscriber(String id, QoS qos) {
        WireClient subscriber = fixture.connect(id);
        subscriber.subscribe(qos, "t");
        subscriber.connection.pauseReading();
        return subscriber;
    }

    private void publish(WireClient client, int from, int to, QoS qos) {
        IntStream.range(from, to)
                .forEach(i -> client.publish(
                        "t", i + " ".repeat(PAYLOAD - String.valueOf(i).length()), qos, false));
    }

    private static List<Integer> numbers(WireClient subscriber) {
        return subscriber.drain().stream()
                .map(packet -> Integer.parseInt(
                        WireClient.text((Packet.Publish) packet).trim()))
                .toList();
    }

    @Test
    void shouldPauseAPublisherWhileItsSubscriberLagsAndLoseNothing() {
        WireClient subscriber = stuckSubscriber("s", AT_MOST_ONCE);

        publish(publisher, 0, 30, AT_MOST_ONCE);

        assertThat(fixture.broker.stats().stalls()).isEqualTo(1);
        assertThat(fixture.broker.stats().messagesDropped()).isZero();
        assertThat(fixture.broker.stats().messagesReceived()).isLessThan(15);

        subscriber.connection.resumeReading();
        fixture.settle();
        assertThat(numbers(subscriber)).isEqualTo(IntStream.range(0, 30).boxed().toList());
        assertThat(fixture.broker.stats().messagesReceived()).isEqualTo(30);
    }

    @Test
    void shouldDropAndCountForASlowSubscriberWhenTheStallIsOver() {
        stuckSubscriber("stuck", AT_MOST_ONCE);
        WireClient healthy = fixture.connect("healthy");
        healthy.subscribe(AT_MOST_ONCE, "t");

        publish(publisher, 0, 19, AT_MOST_ONCE);
        fixture.advance(Duration.ofMillis(101));

        assertThat(numbers(healthy)).isEqualTo(IntStream.range(0, 19).boxed().toList());
        assertThat(fixture.broker.stats().messagesDropped()).isBetween(7L, 10L);
        assertThat(fixture.broker.stats().stalls()).isEqualTo(1);
        assertThat(fixture.warnings)
                .hasSize(1)
                .first()
                .asString()
                .startsWith(
                        "dropped a message of QoS 0 for client 'stuck', which takes its messages more slowly than they"
                                + " come: more than maxOutboundBytes ");
    }

    @Test
    void shouldNotStallAgainBeforeTheSlowSubscriberHasDrained() {
        WireClient slow = stuckSubscriber("s", AT_MOST_ONCE);
        publish(publisher, 0, 20, AT_MOST_ONCE);
        fixture.advance(Duration.ofSeconds(2));

        publish(publisher, 20, 40, AT_MOST_ONCE);
        assertThat(fixture.broker.stats().stalls()).isEqualTo(1);
        assertThat(fixture.broker.stats().messagesReceived()).isEqualTo(40);

        slow.connection.resumeReading();
        fixture.settle();
        slow.connection.pauseReading();
        publish(publisher, 40, 60, AT_MOST_ONCE);
        assertThat(fixture.broker.stats().stalls()).isEqualTo(2);
    }

    @Test
    void shouldPauseAtMostTheStallLimitInASecondForAllSlowSubscribersTogether() {
        stuckSubscriber("a", AT_MOST_ONCE);
        publish(publisher, 0, 20, AT_MOST_ONCE);
        fixture.advance(Duration.ofMillis(101));
        assertThat(fixture.broker.stats().messagesReceived()).isEqualTo(20);

        stuckSubscriber("b", AT_MOST_ONCE);
        publish(publisher, 20, 40, AT_MOST_ONCE);

        assertThat(fixture.broker.stats().messagesReceived()).isEqualTo(40);
        assertThat(fixture.broker.stats().stalls()).isEqualTo(1);
    }

    @Test
    void shouldNeverPauseAPublisherThatHasDeliveriesToAcknowledge() {
        stuckSubscriber("s", AT_MOST_ONCE);
        publisher.subscribe(AT_LEAST_ONCE, "u");
        fixture.connect("q").publish("u", "to acknowledge", AT_LEAST_ONCE, false);
        Packet.Publish unacknowledged = publisher.expect(Packet.Publish.class);

        publish(publisher, 0, 30, AT_MOST_ONCE);

        assertThat(fixture.broker.stats().stalls()).isZero();
        assertThat(fixture.broker.stats().messagesReceived()).isEqualTo(31);
        publisher.acknowledge(unacknowledged.packetId());
    }

    @Test
    void shouldQueueAtLeastOnceMessagesForASlowSubscriberAndDropTheNewestOverTheBound() {
        WireClient subscriber = stuckSubscriber("s", AT_LEAST_ONCE);

        for (int round = 0; round < 4; round++) {
            publish(publisher, round * 20, round * 20 + 20, AT_LEAST_ONCE);
            fixture.advance(Duration.ofSeconds(2));
        }

        assertThat(publisher.drain()).hasSize(80); // every one acknowledged
        assertThat(fixture.broker.stats().messagesQueued()).isEqualTo(20);
        long dropped = fixture.broker.stats().messagesDropped();
        assertThat(dropped).isBetween(45L, 55L);
        assertThat(fixture.warnings)
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line)
                        .startsWith("dropped a message for client 's', because its queue is full: the limits are"
                                + " maxQueuedMessages 20 and maxQueuedBytes "));
        subscriber.connection.resumeReading();
        fixture.settle();
        assertThat(numbers(subscriber))
                .isEqualTo(IntStream.range(0, 80 - (int) dropped).boxed().toList());
        assertThat(fixture.broker.stats().messagesQueued()).isZero();
    }

    @Test
    void shouldSendNoMoreThanTheClientsReceiveMaximumUnacknowledged() {
        WireClient subscriber = fixture.connect(BrokerFixture.connectPacket("s", BrokerFixture.receiveMaximum(2)));
        subscriber.subscribe(AT_LEAST_ONCE, "t");

        publish(publisher, 0, 5, AT_LEAST_ONCE);

        List<Packet> first = subscriber.drain();
        assertThat(first).hasSize(2);
        subscriber.acknowledge(((Packet.Publish) first.get(0)).packetId());
        List<Packet> second = subscriber.drain();
        assertThat(second).hasSize(1);
        subscriber.acknowledge(((Packet.Publish) first.get(1)).packetId());
        subscriber.acknowledge(((Packet.Publish) second.get(0)).packetId());
        assertThat(numbers(subscriber)).containsExactly(3, 4);
    }

    @Test
    void shouldNotCountAPauseAgainstKeepAlive() {
        WireClient brief = fixture.connect(
                new Packet.Connect(ProtocolVersion.MQTT_5, true, 1, Properties.NONE, "brief", null, null, null));
        stuckSubscriber("s", AT_MOST_ONCE);
        fixture.advance(Duration.ofMillis(1_450));
        publish(brief, 0, 30, AT_MOST_ONCE);

        fixture.advance(Duration.ofMillis(99));
        assertThat(brief.isClosed()).isFalse();
        fixture.advance(Duration.ofMillis(2));
        fixture.advance(Duration.ofMillis(1_448));
        assertThat(brief.isClosed()).isFalse();
        fixture.advance(Duration.ofMillis(200));
        assertThat(brief.isClosed()).isTrue();
    }

    @Test
    void shouldReleaseAPublisherWhoseSlowSubscriberGoesAway() {
        WireClient subscriber = stuckSubscriber("s", AT_MOST_ONCE);
        publish(publisher, 0, 30, AT_MOST_ONCE);

        subscriber.connection.abort();
        fixture.settle();

        assertThat(fixture.broker.stats().messagesReceived()).isEqualTo(30);
    }

    @Test
    void shouldStopReadingAClientThatNeverReadsItsAnswers() {
        WireClient rude = fixture.connect("rude");
        rude.connection.pauseReading();
        ByteBuffer pings = ByteBuffer.allocate(2 * 1_000);
        while (pings.hasRemaining()) {
            PacketEncoder.encode(new Packet.PingReq(), ProtocolVersion.MQTT_5, pings);
        }
        for (int i = 0; i < 100; i++) {
            rude.send(pings.rewind());
        }
        long read = fixture.broker.stats().packetsReceived();
        assertThat(read).isLessThan(20_000);

        rude.connection.resumeReading();
        assertThat(rude.drain()).hasSize(100_000);
    }

    @Test
    void shouldSendManyLastValuesOnlyAsFastAsTheyAreRead() {
        for (int i = 0; i < 50; i++) {
            publisher.publish("many/" + i, "x".repeat(PAYLOAD), AT_MOST_ONCE, true);
        }
        WireClient subscriber = fixture.connect("s");
        subscriber.connection.pauseReading();
        subscriber.send(new Packet.Subscribe(
                1, Properties.NONE, List.of(new Packet.Subscription("many/#", AT_MOST_ONCE, false, false, 0))));

        assertThat(fixture.broker.stats().messagesDelivered()).isLessThan(15);

        subscriber.connection.resumeReading();
        assertThat(subscriber.drain()).hasSize(51);
        assertThat(fixture.broker.stats().messagesDropped()).isZero();
    }

    @Test
    void shouldAnswerAPingBehindEverythingThatCanBeSent() {
        for (int i = 0; i < 50; i++) {
            publisher.publish("many/" + i, "x".repeat(PAYLOAD), AT_MOST_ONCE, true);
        }
        WireClient subscriber = fixture.connect("s");
        subscriber.send(new Packet.Subscribe(
                1, Properties.NONE, List.of(new Packet.Subscription("many/#", AT_MOST_ONCE, false, false, 0))));
        subscriber.connection.pauseReading();
        subscriber.send(new Packet.Unsubscribe(2, Properties.NONE, List.of("many/#")));
        subscriber.send(new Packet.Subscribe(
                3, Properties.NONE, List.of(new Packet.Subscription("many/#", AT_MOST_ONCE, false, false, 0))));
        subscriber.send(new Packet.PingReq());
        subscriber.send(new Packet.PingReq());

        subscriber.connection.resumeReading();
        List<Packet> packets = subscriber.drain();
        assertThat(packets).hasSize(50 + 50 + 3 + 2);
        assertThat(packets.subList(103, 105)).containsOnly(new Packet.PingResp());
    }

    @Test
    void shouldTellTheOperatorOfAMessageThatIsTooLargeForASubscriber() {
        WireClient small = fixture.connect(BrokerFixture.resume(
                "small",
                Properties.builder().set(Property.MAXIMUM_PACKET_SIZE, 40L).build()));
        small.subscribe(AT_MOST_ONCE, "t");
        publisher.publish("t", "x".repeat(50), AT_MOST_ONCE, false);
        small.expectNothing();
        assertThat(fixture.broker.stats().messagesDropped()).isEqualTo(1);
        assertThat(fixture.warnings)
                .containsExactly(
                        "dropped a message for client 'small', because it is over the client's Maximum Packet Size"
                                + " (MQTT-3.1.2-25)");
    }

    @Test
    void shouldNotTakeForALossWhatNobodyWasToGet() {
        WireClient away = fixture.connect(BrokerFixture.resume("away", 60));
        away.subscribe(AT_LEAST_ONCE, "t");
        away.cut();
        publisher.publish("t", "QoS 0 is for those who are there", AT_MOST_ONCE, false);
        assertThat(fixture.broker.stats().messagesDropped()).isEqualTo(1);
        assertThat(fixture.warnings).isEmpty();
    }

    @Test
    void shouldAnswerAPingAtOnceWhileTheClientOwesAcknowledgements() {
        WireClient subscriber = fixture.connect(BrokerFixture.connectPacket("s", BrokerFixture.receiveMaximum(2)));
        subscriber.subscribe(AT_LEAST_ONCE, "t");
        publish(publisher, 0, 5, AT_LEAST_ONCE);

        subscriber.send(new Packet.PingReq());

        assertThat(subscriber.drain()).hasSize(3).last().isEqualTo(new Packet.PingResp());
    }
}
