package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Retained messages in MQTT 5: which one is kept, and who gets it when. */
abstract class V5Retain extends Chapter {

    V5Retain(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    @BeforeEach
    void needRetain() {
        needs(MqttFeature.RETAIN);
    }

    private static Publish retained(String topic, String payload) {
        return publish(topic, payload).retain();
    }

    /** A new subscriber to that topic gets nothing but what is published from now on. */
    private void expectNothingRetained(String topic) {
        Wire subscriber = connected().subscribe(topic, 1);
        connected().publish(topic, "live", 1);
        subscriber.acknowledge(subscriber.expectPublish(topic, "live"));
        subscriber.expectSilence();
    }

    private void expectRetained(String topic, String payload) {
        Wire subscriber = connected().subscribe(topic, 0);
        assertTrue(subscriber.expectPublish(topic, payload).retain(), "RETAIN of a retained message");
        subscriber.expectSilence();
    }

    // ---- What is kept ----

    /** When it fails: the older message stays, or stays beside the new one. */
    @Test
    void required_v5_3_3_1_5_laterRetainedMessageReplacesTheEarlier() {
        String topic = newTopic();
        Wire publisher = connected();
        for (String payload : new String[] {"first", "second", "a third, longer one", "4"}) {
            publisher.publish(retained(topic, payload), 1);
            expectRetained(topic, payload);
        }
        publisher.disconnect();
        expectRetained(topic, "4");
    }

    /** When it fails: a QoS 0 message is not kept. The standard lets a broker forget it, but not keep an older one. */
    @Test
    void recommended_v5_3_3_1_5_qos0MessageIsKept() {
        String topic = newTopic();
        connected().publish(retained(topic, "at QoS 1"), 1).publish(retained(topic, "at QoS 0"), 0);
        expectRetained(topic, "at QoS 0");
    }

    /** When it fails: the message is kept with the QoS of somebody's subscription. */
    @Test
    void required_v5_3_3_1_5_retainedMessageKeepsItsQos() {
        int highest = broker.has(MqttFeature.QOS_2) ? 2 : 1;
        Wire publisher = connected();
        for (int published = 1; published <= highest; published++) {
            String topic = newTopic();
            publisher.publish(retained(topic, "retained"), published);
            for (int granted = 0; granted <= highest; granted++) {
                Received message = connected().subscribe(topic, granted).expectPublish(topic, "retained");
                assertEquals(Math.min(published, granted), message.qos(), () -> "QoS of " + message);
            }
        }
    }

    /** When it fails: the empty message is kept, or clears without being delivered, or the other way round. */
    @Test
    void required_v5_3_3_1_6_emptyRetainedMessageClears() {
        String topic = newTopic();
        Wire publisher = connected();
        for (int qos = 0; qos <= 1; qos++) {
            publisher.publish(retained(topic, "to be cleared"), 1);
            Wire subscriber = connected().subscribe(topic, 1);
            subscriber.acknowledge(subscriber.expectPublish(topic, "to be cleared"));
            publisher.publish(retained(topic, ""), qos);
            subscriber.acknowledge(subscriber.expectPublish(topic, ""));
            subscriber.expectSilence();
            expectNothingRetained(topic);
        }
    }

    /** When it fails: an empty message is kept where there is nothing to clear, or when it is published twice. */
    @Test
    void required_v5_3_3_1_7_emptyMessageIsNotKept() {
        String topic = newTopic();
        connected().publish(retained(topic, ""), 1);
        expectNothingRetained(topic);
        connected().publish(retained(topic, ""), 0).publish(retained(topic, ""), 1);
        expectNothingRetained(topic);
    }

    /** When it fails: each message of a topic is kept, or an ordinary one clears what is kept. */
    @Test
    void required_v5_3_3_1_8_messageWithoutRetainLeavesWhatIsKept() {
        String topic = newTopic();
        Wire publisher = connected().publish(topic, "ordinary", 1);
        expectNothingRetained(topic);
        publisher.publish(retained(topic, "kept"), 1).publish(topic, "ordinary", 1);
        expectRetained(topic, "kept");
        publisher.publish(topic, "", 1);
        expectRetained(topic, "kept");
    }

    /** When it fails: retained messages are looked for under the filter, as if it were a topic. */
    @Test
    void required_v5_3_3_1_9_wildcardBringsEveryMatchingTopic() {
        needs(MqttFeature.WILDCARDS);
        String topic = newTopic();
        Wire publisher = connected();
        for (String level : new String[] {"", "/a", "/b", "/a/deep", "/"}) {
            publisher.publish(retained(topic + level, "retained"), 1);
        }
        assertEquals(Set.of("", "/a", "/b", "/a/deep", "/"), retainedUnder(topic, "/#", 5));
        assertEquals(Set.of("/a", "/b", "/"), retainedUnder(topic, "/+", 3));
        assertEquals(Set.of("/a/deep"), retainedUnder(topic, "/+/deep", 1));
    }

    private Set<String> retainedUnder(String topic, String filter, int messages) {
        Wire subscriber = connected().subscribe(topic + filter, 0);
        Set<String> levels = new TreeSet<>();
        for (int i = 0; i < messages; i++) {
            levels.add(subscriber.expect(PacketType.PUBLISH).topic().substring(topic.length()));
        }
        subscriber.expectSilence();
        return levels;
    }

    /** When it fails: a retained message outlives its Message Expiry Interval. */
    @Test
    void required_v5_section_3_3_1_3_expiredRetainedMessageIsDiscarded() {
        String topic = newTopic();
        connected().publish(retained(topic, "expires").with(Property.MESSAGE_EXPIRY_INTERVAL, 1), 1);
        letSecondPass();
        expectNothingRetained(topic);
    }

    // ---- Retain Handling ----

    /** When it fails: retained messages come only for a subscription that is new. */
    @Test
    void required_v5_3_3_1_9_retainHandling0BringsThemEachTime() {
        String topic = newTopic();
        connected().publish(retained(topic, "retained"), 1);
        Wire subscriber = connected();
        for (int i = 0; i < 3; i++) {
            subscriber.subscribe(topic, 0).expectPublish(topic, "retained");
            subscriber.expectSilence();
        }
    }

    /** When it fails: "new" is decided after the subscription was added, or by the topic instead of the filter. */
    @Test
    void required_v5_3_3_1_10_retainHandling1BringsThemToNewSubscriptions() {
        String topic = newTopic();
        connected().publish(retained(topic, "retained"), 1);
        Wire subscriber = connected();
        int once = Filters.RETAINED_IF_NEW;
        subscriber.answer(subscribe(1, topic, once));
        subscriber.expectPublish(topic, "retained");
        subscriber.expectSilence();
        subscriber.answer(subscribe(2, topic, once));
        subscriber.expectSilence();
        subscriber.answer(subscribe(3, topic, once | 1));
        subscriber.expectSilence();
        subscriber.unsubscribe(topic).answer(subscribe(4, topic, once));
        subscriber.expectPublish(topic, "retained");
        subscriber.expectSilence();
    }

    /** When it fails: a subscription that the session has kept is taken for a new one. */
    @Test
    void required_v5_3_3_1_10_subscriptionOfTheSessionIsNotNew() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        connected(session(id)).subscribe(topic, 0).disconnect();
        connected().publish(retained(topic, "retained"), 1);
        Wire back = connected(session(id), true);
        back.answer(subscribe(1, topic, Filters.RETAINED_IF_NEW));
        // A broker may have kept the live message, which goes out at QoS 0, for the session.
        back.messages().forEach(message -> assertFalse(message.retain(), () -> "RETAIN of " + message));
    }

    /** When it fails: Retain Handling 2 is taken for 1. */
    @Test
    void required_v5_3_3_1_11_retainHandling2BringsNone() {
        String topic = newTopic();
        connected().publish(retained(topic, "retained"), 1);
        Wire subscriber = connected();
        for (int id = 1; id <= 3; id++) {
            subscriber.answer(subscribe(id, topic, Filters.NO_RETAINED));
            subscriber.expectSilence();
        }
        connected().publish(topic, "live", 0);
        subscriber.expectPublish(topic, "live");
        subscriber.expectSilence();
    }

    /** When it fails: a subscription is taken away and then made, so that messages in between get lost. */
    @Test
    void required_v5_3_8_4_4_replacingSubscriptionLosesNothing() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        Wire publisher = connected();
        for (int i = 0; i < 50; i++) {
            // Both are under way at once: which one the broker sees first is open.
            publisher.send(publish(topic, "live " + i).qos(1, 1));
            subscriber.subscribe(topic, 1);
            publisher.expectAck(PacketType.PUBACK, 1);
            subscriber.acknowledge(subscriber.expectPublish(topic, "live " + i));
        }
        subscriber.expectSilence();
    }

    /** When it fails: the message with RETAIN 1 comes for new subscriptions only. */
    @Test
    void required_v5_3_8_4_4_replacingSubscriptionBringsRetainedMessagesAgain() {
        String topic = newTopic();
        connected().publish(retained(topic, "retained"), 1);
        Wire subscriber = connected();
        for (int qos : new int[] {0, 1, 0}) {
            Received message = subscriber.subscribe(topic, qos).expectPublish(topic, "retained");
            assertEquals(qos, message.qos(), "QoS by the later subscription");
            subscriber.acknowledge(message).expectSilence();
        }
    }

    // ---- The RETAIN flag ----

    /** When it fails: the flag of what came in is copied. */
    @Test
    void required_v5_3_3_1_12_liveMessageHasNoRetain() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        Wire publisher = connected();
        for (int qos = 0; qos <= 1; qos++) {
            publisher.publish(retained(topic, "live"), qos);
            Received message = subscriber.expectPublish(topic, "live");
            assertFalse(message.retain(), "RETAIN of a live message");
            subscriber.acknowledge(message);
        }
    }

    /** When it fails: Retain As Published is not looked at, or takes every message for a retained one. */
    @Test
    void required_v5_3_3_1_13_retainIsForwardedAsPublished() {
        String topic = newTopic();
        Wire subscriber = connected();
        subscriber.answer(subscribe(1, topic, 1 | Filters.RETAIN_AS_PUBLISHED));
        Wire publisher = connected();
        for (int qos = 0; qos <= 1; qos++) {
            publisher.publish(retained(topic, "RETAIN 1"), qos).publish(topic, "RETAIN 0", qos);
            Received with = subscriber.expectPublish(topic, "RETAIN 1");
            Received without = subscriber.expectPublish(topic, "RETAIN 0");
            subscriber.acknowledge(with).acknowledge(without);
            assertTrue(with.retain(), "RETAIN");
            assertFalse(without.retain(), "RETAIN");
        }
    }

    /** When it fails: what waits in a session loses its flag. */
    @Test
    void required_v5_3_3_1_13_retainOfWaitingMessageIsForwardedAsPublished() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id));
        first.answer(subscribe(1, topic, 1 | Filters.RETAIN_AS_PUBLISHED));
        first.disconnect();
        connected().publish(retained(topic, "RETAIN 1"), 1).publish(topic, "RETAIN 0", 1);
        Wire back = connected(session(id), true);
        assertTrue(back.expectPublish(topic, "RETAIN 1").retain(), "RETAIN");
        assertFalse(back.expectPublish(topic, "RETAIN 0").retain(), "RETAIN");
    }

    /** When it fails: a retained message comes with the flag that live messages have. */
    @Test
    void required_v5_section_3_8_3_1_retainedMessageHasRetain() {
        String topic = newTopic();
        connected().publish(retained(topic, "retained"), 1);
        for (int options : new int[] {0, Filters.RETAIN_AS_PUBLISHED, 1, 1 | Filters.RETAINED_IF_NEW}) {
            Wire subscriber = connected();
            subscriber.answer(subscribe(1, topic, options));
            assertTrue(subscriber.expectPublish(topic, "retained").retain(), "RETAIN of a retained message");
        }
    }
}
