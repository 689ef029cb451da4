package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static dev.recado.QoS.AT_MOST_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Broker;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerPublishTest {

    private final BrokerFixture fixture = new BrokerFixture(builder -> builder.limits(limits -> limits.maxTopics(20)
            .maxRetainedMessages(2)
            .maxRetainedBytes(100)
            .maxTopicLevels(4)
            .maxSubscriptionsPerClient(3)
            .maxUserProperties(3)));

    @AfterEach
    void close() {
        fixture.close();
    }

    @ParameterizedTest
    @CsvSource({"0,0,0", "0,1,0", "1,0,0", "1,1,1", "1,2,1"})
    void shouldDeliverWithTheLowerQoSOfPublisherAndSubscription(int published, int subscribed, int delivered) {
        WireClient subscriber = fixture.connect("s");
        subscriber.subscribe(QoS.of(subscribed), "a/+");

        fixture.connect("p").publish("a/b", "hello", QoS.of(published), false);

        Packet.Publish message = subscriber.expectMessage("a/b", "hello");
        assertThat(message.qos().value()).isEqualTo(delivered);
        assertThat(message.retain()).isFalse();
    }

    @Test
    void shouldAcknowledgeAndSayWhenNobodySubscribes() {
        WireClient publisher = fixture.connect("p");
        publisher.publish("a", "1", AT_LEAST_ONCE, false);
        assertThat(publisher.expect(Packet.Ack.class))
                .isEqualTo(new Packet.Ack(PacketType.PUBACK, 7, ReasonCode.NO_MATCHING_SUBSCRIBERS, Properties.NONE));

        fixture.connect("s").subscribe(AT_MOST_ONCE, "a");
        publisher.publish("a", "2", AT_LEAST_ONCE, false);

        assertThat(publisher.expect(Packet.Ack.class).reasonCode()).isEqualTo(ReasonCode.SUCCESS);
    }

    @ParameterizedTest
    @ValueSource(ints = {0xE0, 0x00})
    void shouldAnswerWhatCameTogetherWithTheEnd(int disconnectOrRubbish) {
        WireClient publisher = fixture.connect("p");

        publisher.sendBytes(
                0x32,
                7,
                0,
                1,
                'a',
                0,
                7,
                0,
                'x', // PUBLISH, QoS 1, to topic a, packet identifier 7
                0xC0,
                0, // PINGREQ
                disconnectOrRubbish,
                0);

        assertThat(publisher.expect(Packet.Ack.class).packetId()).isEqualTo(7);
        publisher.expect(Packet.PingResp.class);
        if (disconnectOrRubbish == 0) {
            publisher.expectDisconnect(ReasonCode.MALFORMED_PACKET);
        } else {
            publisher.expectClosed();
        }
    }

    @Test
    void shouldDeliverOnceToASessionWhoseSubscriptionsOverlap() {
        WireClient subscriber = fixture.connect("s");
        subscriber.subscribe(AT_MOST_ONCE, "a/b", "a/#");
        subscriber.subscribe(AT_LEAST_ONCE, "+/b");

        fixture.connect("p").publish("a/b", "x", AT_LEAST_ONCE, false);

        assertThat(subscriber.expectMessage("a/b", "x").qos()).isEqualTo(AT_LEAST_ONCE);
        subscriber.expectNothing();
    }

    @Test
    void shouldForwardPropertiesAndCountTheExpiryDown() {
        WireClient subscriber = fixture.connect("s");
        Properties properties = Properties.builder()
                .set(Property.PAYLOAD_FORMAT_INDICATOR, 1)
                .set(Property.MESSAGE_EXPIRY_INTERVAL, 100)
                .set(Property.CONTENT_TYPE, "text/plain")
                .set(Property.RESPONSE_TOPIC, "answers")
                .set(Property.CORRELATION_DATA, ByteBuffer.wrap(new byte[] {1, 2}))
                .userProperty("b", "1")
                .userProperty("a", "2")
                .build();
        fixture.connect("p").publish("a", "x", AT_LEAST_ONCE, true, properties);
        fixture.advance(Duration.ofSeconds(30));

        subscriber.subscribe(AT_LEAST_ONCE, "a");

        Properties forwarded = subscriber.expectMessage("a", "x").properties();
        assertThat(forwarded.number(Property.MESSAGE_EXPIRY_INTERVAL, -1)).isEqualTo(70);
        assertThat(forwarded.text(Property.CONTENT_TYPE)).isEqualTo("text/plain");
        assertThat(forwarded.text(Property.RESPONSE_TOPIC)).isEqualTo("answers");
        assertThat(forwarded.bytes(Property.CORRELATION_DATA)).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
        assertThat(forwarded.userProperties()).isEqualTo(properties.userProperties());
    }

    @Test
    void shouldForgetALastValueThatHasExpired() {
        Properties expiry =
                Properties.builder().set(Property.MESSAGE_EXPIRY_INTERVAL, 10).build();
        fixture.connect("p").publish("a", "x", AT_MOST_ONCE, true, expiry);
        fixture.advance(Duration.ofSeconds(11));

        WireClient subscriber = fixture.connect("s");
        subscriber.subscribe(AT_MOST_ONCE, "a");

        subscriber.expectNothing();
        assertThat(fixture.broker.stats().retainedMessages()).isZero();
        assertThat(fixture.broker.stats().retainedBytes()).isZero();
    }

    @Test
    void shouldSendTheLastValueToEveryNewSubscriber() {
        WireClient publisher = fixture.connect("p");
        publisher.publish("a/b", "old", AT_MOST_ONCE, true);
        publisher.publish("a/b", "new", AT_MOST_ONCE, true);
        publisher.publish("a/b", "not stored", AT_MOST_ONCE, false);

        for (String filter : List.of("a/b", "a/+", "#")) {
            WireClient subscriber = fixture.connect("s" + filter);
            subscriber.subscribe(AT_LEAST_ONCE, filter);
            assertThat(subscriber.expectMessage("a/b", "new").retain()).isTrue();
            subscriber.expectNothing();
        }
    }

    @Test
    void shouldClearTheLastValueOnAnEmptyMessage() {
        WireClient publisher = fixture.connect("p");
        publisher.publish("a", "x", AT_MOST_ONCE, true);
        publisher.publish("a", "", AT_MOST_ONCE, true);

        WireClient subscriber = fixture.connect("s");
        subscriber.subscribe(AT_MOST_ONCE, "a");

        subscriber.expectNothing();
        assertThat(fixture.broker.stats().retainedMessages()).isZero();
    }

    @Test
    void shouldFollowRetainHandlingAndRetainAsPublished() {
        WireClient publisher = fixture.connect("p");
        publisher.publish("a", "x", AT_MOST_ONCE, true);
        WireClient subscriber = fixture.connect("s");

        subscriber.subscribe(new Packet.Subscription("a", AT_MOST_ONCE, false, true, 2));
        subscriber.expectNothing();
        subscriber.subscribe(new Packet.Subscription("a", AT_MOST_ONCE, false, true, 1));
        subscriber.expectNothing();
        subscriber.subscribe(new Packet.Subscription("+", AT_MOST_ONCE, false, true, 1));
        subscriber.expectMessage("a", "x");

        publisher.publish("a", "y", AT_MOST_ONCE, true);
        assertThat(subscriber.expectMessage("a", "y").retain()).isTrue();
    }

    @Test
    void shouldKeepAClientsOwnMessagesAwayWhenItSaysNoLocal() {
        WireClient client = fixture.connect("c");
        client.subscribe(new Packet.Subscription("a", AT_MOST_ONCE, true, false, 0));

        client.publish("a", "mine", AT_MOST_ONCE, false);
        fixture.connect("p").publish("a", "theirs", AT_MOST_ONCE, false);

        client.expectMessage("a", "theirs");
        client.expectNothing();
    }

    @Test
    void shouldStopDeliveringAfterUnsubscribe() {
        WireClient client = fixture.connect("c");
        client.subscribe(AT_MOST_ONCE, "a");

        client.send(new Packet.Unsubscribe(3, Properties.NONE, List.of("a", "b")));

        assertThat(client.expect(Packet.UnsubAck.class).reasonCodes())
                .containsExactly(ReasonCode.SUCCESS, ReasonCode.NO_SUBSCRIPTION_EXISTED);
        client.publish("a", "x", AT_MOST_ONCE, false);
        client.expectNothing();
        assertThat(fixture.broker.stats().subscriptions()).isZero();
    }

    @Test
    void shouldHideDollarTopicsFromLeadingWildcards() {
        WireClient subscriber = fixture.connect("s");
        subscriber.subscribe(AT_MOST_ONCE, "#", "+/x");
        WireClient knowing = fixture.connect("k");
        knowing.subscribe(AT_MOST_ONCE, "$own/#");

        fixture.connect("p").publish("$own/x", "1", AT_MOST_ONCE, false);

        knowing.expectMessage("$own/x", "1");
        subscriber.expectNothing();
    }

    @Test
    void shouldLetATopicAliasStandForItsTopic() {
        WireClient subscriber = fixture.connect("s");
        subscriber.subscribe(AT_MOST_ONCE, "#");
        WireClient publisher = fixture.connect("p");

        publisher.publish("a", "1", AT_MOST_ONCE, false, alias(1));
        publisher.publish("", "2", AT_MOST_ONCE, false, alias(1));
        publisher.publish("b", "3", AT_MOST_ONCE, false, alias(1));
        publisher.publish("", "4", AT_MOST_ONCE, false, alias(1));

        subscriber.expectMessage("a", "1");
        subscriber.expectMessage("a", "2");
        subscriber.expectMessage("b", "3");
        assertThat(subscriber.expectMessage("b", "4").properties().has(Property.TOPIC_ALIAS))
                .isFalse();
    }

    @Test
    void shouldFindATopicByItsAliasThoughItWasForgottenMeanwhile() {
        WireClient subscriber = fixture.connect("s");
        subscriber.subscribe(AT_MOST_ONCE, "#");
        WireClient publisher = fixture.connect("p").publish("a", "1", AT_MOST_ONCE, false, alias(7));
        fixture.broker.forgetTopics("a");

        publisher.publish("", "2", AT_MOST_ONCE, true, alias(7));

        subscriber.expectMessage("a", "1");
        subscriber.expectMessage("a", "2");
        assertThat(fixture.broker.topics()).containsExactly("a");
        assertThat(fixture.broker.stats().retainedMessages()).isEqualTo(1);
    }

    @Test
    void shouldEndAConnectionForATopicAliasThatStandsForNothing() {
        fixture.connect("1")
                .publish("a", "x", AT_MOST_ONCE, false, alias(65))
                .expectDisconnect(ReasonCode.TOPIC_ALIAS_INVALID);
        fixture.connect("2")
                .publish("", "x", AT_MOST_ONCE, false, alias(64))
                .expectDisconnect(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void shouldUseAsManyTopicAliasesAsTheSubscriberTakes() {
        Properties two =
                Properties.builder().set(Property.TOPIC_ALIAS_MAXIMUM, 2).build();
        WireClient subscriber = fixture.connect(BrokerFixture.connectPacket("s", two));
        subscriber.subscribe(AT_MOST_ONCE, "#");
        WireClient publisher = fixture.connect("p");

        String a = "a/" + "long-name-".repeat(3);
        String b = "b/" + "long-name-".repeat(3);
        String c = "c/" + "long-name-".repeat(3);
        for (String topic : List.of(a, b, c, a, b, c, "short")) {
            publisher.publish(topic, "x", AT_MOST_ONCE, false);
        }

        assertThat(subscriber.drain())
                .extracting(packet -> ((Packet.Publish) packet).topic() + "="
                        + ((Packet.Publish) packet).properties().number(Property.TOPIC_ALIAS, 0))
                .containsExactly(a + "=1", b + "=2", c + "=0", "=1", "=2", c + "=0", "short=0");
    }

    private static Properties alias(int alias) {
        return Properties.builder().set(Property.TOPIC_ALIAS, alias).build();
    }

    @Test
    void shouldSendWhatIsPublishedDuringAReplayOnce() {
        try (BrokerFixture fixture = new BrokerFixture()) {
            WireClient publisher = fixture.connect("p");
            for (String topic : List.of("a", "b", "c")) {
                publisher.publish(topic, "1", AT_LEAST_ONCE, true).expect(Packet.Ack.class);
            }
            WireClient subscriber = fixture.connect(BrokerFixture.connectPacket("s", BrokerFixture.receiveMaximum(1)));
            subscriber.subscribe(AT_LEAST_ONCE, "a", "b", "c");
            Packet.Publish first = subscriber.expectMessage("a", "1");

            // Both wait behind the last values, and the latter is one itself when its turn comes: each comes, and once.
            publisher.publish("c", "2", AT_LEAST_ONCE, true).expect(Packet.Ack.class);
            publisher.publish("c", "3", AT_LEAST_ONCE, true).expect(Packet.Ack.class);
            subscriber.acknowledge(first.packetId());
            subscriber.acknowledge(subscriber.expectMessage("b", "1").packetId());
            subscriber.acknowledge(subscriber.expectMessage("c", "2").packetId());
            subscriber.acknowledge(subscriber.expectMessage("c", "3").packetId());
            subscriber.expectNothing();

            publisher.publish("c", "4", AT_LEAST_ONCE, true).expect(Packet.Ack.class);
            subscriber.expectMessage("c", "4");
        }
    }

    @Test
    void shouldSendTheLastValueOnceForEachTimeThatOneSubscribeNamesTheSameFilter() {
        WireClient publisher = fixture.connect("p").publish("a", "1", AT_MOST_ONCE, true);
        WireClient subscriber = fixture.connect("s");

        assertThat(subscriber.subscribe(AT_MOST_ONCE, "a", "a")).hasSize(2);

        subscriber.expectMessage("a", "1");
        subscriber.expectMessage("a", "1");
        publisher.publish("a", "2", AT_MOST_ONCE, false);
        subscriber.expectMessage("a", "2");
    }

    @Test
    void shouldSayWhyASubscriptionIsRefused() {
        WireClient client = fixture.connect("c");
        client.send(new Packet.Subscribe(
                1, Properties.NONE, List.of(new Packet.Subscription("a/b/c/d/e", AT_MOST_ONCE, false, false, 0))));

        Packet.SubAck answer = client.expect(Packet.SubAck.class);
        assertThat(answer.reasonCodes()).containsExactly(ReasonCode.TOPIC_FILTER_INVALID);
        assertThat(answer.properties().text(Property.REASON_STRING)).contains("5 levels");
    }

    @Test
    void shouldCheckThePayloadFormatWhenAskedTo() {
        Properties text =
                Properties.builder().set(Property.PAYLOAD_FORMAT_INDICATOR, 1).build();
        ByteBuffer invalid = ByteBuffer.wrap(new byte[] {'a', (byte) 0xFF});
        try (BrokerFixture strict = new BrokerFixture(Broker.Builder::checkPayloadFormat)) {
            WireClient client = strict.connect("c");
            client.send(new Packet.Publish(false, AT_LEAST_ONCE, false, "t", 1, text, invalid));
            assertRefused(client, ReasonCode.PAYLOAD_FORMAT_INVALID, "not UTF-8");
            client.publish("t", "ol\u00e1\0", AT_LEAST_ONCE, false, text);
            assertThat(client.expect(Packet.Ack.class).reasonCode().isError()).isFalse();
            client.send(new Packet.Publish(false, AT_MOST_ONCE, false, "t", 0, text, invalid));
            client.expectDisconnect(ReasonCode.PAYLOAD_FORMAT_INVALID);
        }
    }

    @Test
    void shouldHoldToItsLimitsAndNameThem() {
        WireClient client = fixture.connect("c");
        client.publish("1", "x", AT_LEAST_ONCE, true).expect(Packet.Ack.class);
        client.publish("2", "x", AT_LEAST_ONCE, true).expect(Packet.Ack.class);

        client.publish("3", "x", AT_LEAST_ONCE, true);
        assertRefused(client, ReasonCode.QUOTA_EXCEEDED, "'3'", "2 messages");
        client.publish("1", "x".repeat(101), AT_LEAST_ONCE, true);
        assertRefused(client, ReasonCode.QUOTA_EXCEEDED, "'1'", "100 bytes");
        client.publish("a/b/c/d/e", "x", AT_LEAST_ONCE, false);
        assertRefused(client, ReasonCode.TOPIC_NAME_INVALID, "a/b/c/d/e", "5 levels", "limit of 4");
        client.publish("$recado/x", "x", AT_LEAST_ONCE, false);
        assertRefused(client, ReasonCode.TOPIC_NAME_INVALID, "$recado/x");
        Properties four = Properties.builder()
                .userProperty("a", "")
                .userProperty("b", "")
                .userProperty("c", "")
                .userProperty("d", "")
                .build();
        client.publish("1", "x", AT_LEAST_ONCE, false, four);
        assertRefused(client, ReasonCode.QUOTA_EXCEEDED, "4 user properties", "limit of 3");
        assertThat(client.subscribe(AT_MOST_ONCE, "s1", "s2", "s3", "s4", "a/b/c/d/#"))
                .containsExactly(
                        ReasonCode.SUCCESS,
                        ReasonCode.SUCCESS,
                        ReasonCode.SUCCESS,
                        ReasonCode.QUOTA_EXCEEDED,
                        ReasonCode.TOPIC_FILTER_INVALID);
        assertThat(fixture.broker.stats().refusals()).isEqualTo(7);
    }

    private static void assertRefused(WireClient client, ReasonCode reason, String... words) {
        Packet.Ack ack = client.expect(Packet.Ack.class);
        assertThat(ack.reasonCode()).isEqualTo(reason);
        assertThat(ack.properties().text(Property.REASON_STRING)).contains(words);
    }

    @Test
    void shouldRefuseTopicsOverTheCataloguesLimitAndStoreNothing() {
        WireClient client = fixture.connect("c");
        for (int i = 0; i < 20; i++) {
            client.publish("t" + i, "x", AT_MOST_ONCE, false);
        }
        client.publish("one too many", "x", AT_LEAST_ONCE, false);
        assertRefused(client, ReasonCode.QUOTA_EXCEEDED, "one too many", "20 topics");
        client.publish("one too many", "x", AT_MOST_ONCE, false);
        client.expectNothing();
        assertThat(client.isClosed()).isFalse();

        WireClient old = fixture.connect311("old").publish("one too many", "x", AT_LEAST_ONCE, false);
        old.expectClosed();
        assertThat(fixture.broker.topics()).hasSize(20);
        assertThat(fixture.broker.forgetTopics("t1")).isEqualTo(1);
        client.publish("one more", "x", AT_LEAST_ONCE, false);
        assertThat(client.expect(Packet.Ack.class).reasonCode()).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
    }

    @Test
    void shouldKeepTheNamesOfTopicsWhoeverHasGone() {
        WireClient publisher = fixture.connectAs("publisher", "stated");
        WireClient subscriber = fixture.connectAs("subscriber", "asked/for", "with/#");
        subscriber.subscribe(AT_MOST_ONCE, "asked/for", "with/#");
        WireClient plain = fixture.connect("plain").publish("used", "x", AT_MOST_ONCE, false);
        for (WireClient client : List.of(publisher, subscriber, plain)) {
            client.connection.abort();
        }
        fixture.settle();

        assertThat(fixture.broker.clients()).isEmpty();
        assertThat(fixture.broker.topics()).containsExactly("asked/for", "stated", "used");
    }

    @Test
    void shouldShowTheCatalogueAsRetainedMessagesAndAnnounceWhatIsNew() {
        fixture.connect("p").publish("a/b", "x", AT_MOST_ONCE, false);
        WireClient watcher = fixture.connect("w");
        watcher.subscribe(AT_LEAST_ONCE, "$recado/topics/#");
        Packet.Publish known = watcher.expectMessage("$recado/topics/a/b", "a/b");
        assertThat(known.retain()).isTrue();
        watcher.acknowledge(known.packetId());

        fixture.connect("q").publish("c", "x", AT_MOST_ONCE, false);
        watcher.expectMessage("$recado/topics/c", "c");
        watcher.expectNothing();

        WireClient narrow = fixture.connect("n");
        narrow.subscribe(AT_MOST_ONCE, "$recado/topics/+/b");
        narrow.expectMessage("$recado/topics/a/b", "a/b");
        narrow.expectNothing();
    }

    @Test
    void shouldShowOfTheCatalogueOnlyWhatCanBeNamed() {
        String root = "$recado/topics/";
        String longest = "x".repeat(0xFFFF - root.length());
        WireClient watcher = fixture.connect("w");
        watcher.subscribe(AT_MOST_ONCE, root + "#");
        WireClient publisher = fixture.connect("p");

        publisher.publish(longest + "x", "-", AT_MOST_ONCE, false);
        watcher.expectNothing();
        publisher.publish(longest, "-", AT_MOST_ONCE, false);
        watcher.expectMessage(root + longest, longest);

        WireClient late = fixture.connect("late");
        late.subscribe(AT_MOST_ONCE, root + "#");
        late.expectMessage(root + longest, longest);
        late.expectNothing();
        // A filter of MQTT, but behind the root no filter is left.
        late.subscribe(AT_MOST_ONCE, root);
        late.expectNothing();
    }

    @Test
    void shouldForgetTopicsTogetherWithTheirLastValues() {
        WireClient publisher = fixture.connect("p");
        publisher.publish("a/1", "x", AT_MOST_ONCE, true);
        publisher.publish("b", "y", AT_MOST_ONCE, true);

        assertThat(fixture.broker.forgetTopics("a/#")).isEqualTo(1);

        assertThat(fixture.broker.topics()).containsExactly("b");
        assertThat(fixture.broker.stats().retainedMessages()).isEqualTo(1);
        publisher.publish("b", "y2", AT_MOST_ONCE, true);
        publisher.publish("a/1", "z", AT_MOST_ONCE, true);
        WireClient subscriber = fixture.connect("s");
        subscriber.subscribe(AT_MOST_ONCE, "a/#");
        subscriber.expectMessage("a/1", "z");
        assertThat(fixture.broker.topics()).containsExactly("a/1", "b");
    }
}
