package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Retained messages in MQTT 3.1.1: which one is kept, and who gets it when. */
abstract class V311Retain extends Chapter {

    V311Retain(BrokerUnderTest broker) {
        super(broker, Version.V311);
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
        subscriber.expectAll(topic, 1, "live").expectSilence();
    }

    private void expectRetained(String topic, String payload) {
        Wire subscriber = connected().subscribe(topic, 0);
        assertTrue(subscriber.expectPublish(topic, payload).retain(), "RETAIN of a retained message");
        subscriber.expectSilence();
    }

    // ---- What is kept ----

    /** When it fails: retained messages are part of their publisher's session. */
    @Test
    void required_v311_3_1_2_7_retainedMessageOutlivesThePublishersSession() {
        String topic = newTopic();
        connected().publish(retained(topic, "kept"), 1).disconnect();
        expectRetained(topic, "kept");
        String id = newClientId();
        connected(session(id)).publish(retained(topic, "kept, too"), 1).close();
        forget(id);
        expectRetained(topic, "kept, too");
    }

    /** When it fails: the message is kept with the QoS of somebody's subscription, or the older one stays. */
    @Test
    void required_v311_3_3_1_5_retainedMessageIsKeptWithItsQos() {
        int highest = broker.has(MqttFeature.QOS_2) ? 2 : 1;
        String topic = newTopic();
        Wire publisher = connected();
        for (int published = 1; published <= highest; published++) {
            publisher.publish(retained(topic, "QoS " + published), published);
            for (int granted = 0; granted <= highest; granted++) {
                connected()
                        .subscribe(topic, granted)
                        .expectAll(topic, Math.min(published, granted), "QoS " + published)
                        .expectSilence();
            }
        }
    }

    /** When it fails: retained messages are looked for under the filter, as if it were a topic. */
    @Test
    void required_v311_3_3_1_6_subscriptionBringsLastMessageOfEachMatchingTopic() {
        needs(MqttFeature.WILDCARDS);
        String topic = newTopic();
        Wire publisher = connected();
        for (String level : new String[] {"", "/a", "/b", "/a/deep", "/"}) {
            publisher.publish(retained(topic + level, "earlier"), 1).publish(retained(topic + level, "last"), 1);
        }
        assertEquals(Set.of("", "/a", "/b", "/a/deep", "/"), retainedUnder(topic, "/#", 5));
        assertEquals(Set.of("/a", "/b", "/"), retainedUnder(topic, "/+", 3));
        assertEquals(Set.of("/a/deep"), retainedUnder(topic, "/+/deep", 1));
    }

    private Set<String> retainedUnder(String topic, String filter, int messages) {
        Wire subscriber = connected().subscribe(topic + filter, 0);
        Set<String> levels = new TreeSet<>();
        for (int i = 0; i < messages; i++) {
            Received message = subscriber.expect(PacketType.PUBLISH);
            assertEquals("last", message.text(), () -> "payload of " + message);
            levels.add(message.topic().substring(topic.length()));
        }
        subscriber.expectSilence();
        return levels;
    }

    /** When it fails: a QoS 0 message is not kept, and the older one is not removed. */
    @Test
    void required_v311_3_3_1_7_qos0MessageDisplacesTheEarlier() {
        String topic = newTopic();
        connected().publish(retained(topic, "at QoS 1"), 1).publish(retained(topic, "at QoS 0"), 0);
        Wire subscriber = connected().subscribe(topic, 0);
        connected().publish(topic, "live", 0);
        subscriber
                .messagesUntil("live")
                .forEach(message -> assertNotEquals("at QoS 1", message.text(), () -> "payload of " + message));
    }

    /** When it fails: a QoS 0 message is dropped, as the standard permits and does not recommend. */
    @Test
    void recommended_v311_3_3_1_7_qos0MessageIsKept() {
        String topic = newTopic();
        connected().publish(retained(topic, "at QoS 0"), 0);
        expectRetained(topic, "at QoS 0");
    }

    /** When it fails: the empty message is kept, or clears without being delivered, or the other way round. */
    @Test
    void required_v311_3_3_1_10_emptyRetainedMessageClears() {
        String topic = newTopic();
        Wire publisher = connected();
        for (int qos = 0; qos <= 1; qos++) {
            publisher.publish(retained(topic, "to be cleared"), 1);
            Wire subscriber = connected().subscribe(topic, 1).expectAll(topic, 1, "to be cleared");
            publisher.publish(retained(topic, ""), qos);
            subscriber.expectAll(topic, qos, "").expectSilence();
            expectNothingRetained(topic);
        }
    }

    /** When it fails: an empty message is kept where there is nothing to clear, or when it is published twice. */
    @Test
    void required_v311_3_3_1_11_emptyMessageIsNotKept() {
        String topic = newTopic();
        connected().publish(retained(topic, ""), 1);
        expectNothingRetained(topic);
        connected().publish(retained(topic, ""), 0).publish(retained(topic, ""), 1);
        expectNothingRetained(topic);
    }

    /** When it fails: each message of a topic is kept, or an ordinary one clears what is kept. */
    @Test
    void required_v311_3_3_1_12_messageWithoutRetainLeavesWhatIsKept() {
        String topic = newTopic();
        Wire publisher = connected().publish(topic, "ordinary", 1);
        expectNothingRetained(topic);
        publisher.publish(retained(topic, "kept"), 1).publish(topic, "ordinary", 1);
        expectRetained(topic, "kept");
        publisher.publish(topic, "", 1);
        expectRetained(topic, "kept");
    }

    // ---- The RETAIN flag ----

    /** When it fails: a retained message comes with the flag that live messages have. */
    @Test
    void required_v311_3_3_1_8_retainedMessageHasRetain() {
        String topic = newTopic();
        connected().publish(retained(topic, "retained"), 1);
        for (int qos = 0; qos <= 1; qos++) {
            Received message = connected().subscribe(topic, qos).expectPublish(topic, "retained");
            assertTrue(message.retain(), "RETAIN of a retained message");
        }
    }

    /** When it fails: the flag of what came in is copied. */
    @Test
    void required_v311_3_3_1_9_liveMessageHasNoRetain() {
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

    /** When it fails: a message that waited in a session is taken for one that a subscription brings. */
    @Test
    void required_v311_3_3_1_9_waitingMessageHasNoRetain() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        connected(session(id)).subscribe(topic, 1).disconnect();
        connected().publish(retained(topic, "waits"), 1);
        Wire back = connected(session(id), true);
        Received message = back.expectPublish(topic, "waits");
        assertFalse(message.retain(), "RETAIN of a message for a subscription that was there");
        back.acknowledge(message).disconnect();
        forget(id);
    }
}
