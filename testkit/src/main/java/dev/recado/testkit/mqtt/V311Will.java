package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Wills in MQTT 3.1.1: when they are published, when not, and how. */
abstract class V311Will extends Chapter {

    V311Will(BrokerUnderTest broker) {
        super(broker, Version.V311);
    }

    /** Nothing may have come to this topic before a message that is published now. */
    private void expectNothingOn(Wire subscriber, String topic) {
        connected().publish(topic, "nothing before this", 1);
        subscriber.expectPublish(topic, "nothing before this");
        subscriber.expectSilence();
    }

    // ---- When ----

    /** When it fails: the end of a connection without DISCONNECT is taken for a normal one. */
    @Test
    void required_v311_3_1_2_8_willIsPublishedWhenTheConnectionIsCut() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId()).will(topic, "the will")).close();
        subscriber.expectPublish(topic, "the will");
    }

    /** When it fails: connections that the broker closes itself take another way than those that are cut. */
    @Test
    void required_v311_3_1_2_8_willIsPublishedWhenTheBrokerCloses() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId()).will(topic, "of a protocol violation"))
                .send(subscribe(1))
                .expectClosed();
        subscriber.expectPublish(topic, "of a protocol violation");
    }

    /** When it fails: a client that is ousted is taken for one that has said DISCONNECT. */
    @Test
    void required_v311_3_1_2_8_willIsPublishedWhenTheClientIsOusted() {
        String id = newClientId();
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire older = connected(connect(id).will(topic, "of the older"));
        connected(connect(id));
        older.expectEndOfStream();
        subscriber.expectPublish(topic, "of the older");
    }

    /** When it fails: the will stays where it was, and the next end of a connection publishes it again. */
    @Test
    void required_v311_3_1_2_10_publishedWillIsDropped() {
        String id = newClientId();
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(session(id).will(topic, "once")).close();
        subscriber.expectPublish(topic, "once");
        connected(session(id)).send(subscribe(1)).expectClosed();
        expectNothingOn(subscriber, topic);
        forget(id);
    }

    /** When it fails: the will stays with the session, and a later connection without one publishes it. */
    @Test
    void required_v311_3_1_2_10_willIsDroppedByDisconnect() {
        String id = newClientId();
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(session(id).will(topic, "never")).disconnect();
        connected(session(id)).send(subscribe(1)).expectClosed();
        expectNothingOn(subscriber, topic);
        forget(id);
    }

    /** When it fails: a will is made of what the payload does not have. */
    @Test
    void required_v311_3_1_2_12_withoutWillFlagThereIsNoWill() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire client = connected();
        client.publish(topic, "as any message", 1).send(subscribe(1)).expectClosed();
        subscriber.expectPublish(topic, "as any message");
        expectNothingOn(subscriber, topic);
    }

    /** When it fails: DISCONNECT ends the connection, which publishes the will as any other end does. */
    @Test
    void required_v311_3_14_4_3_disconnectDropsTheWill() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId()).will(topic, "the will")).disconnect();
        expectNothingOn(subscriber, topic);
    }

    // ---- How ----

    /** When it fails: the will's QoS or its retain flag is not used. */
    @Test
    void required_v311_3_1_2_9_willFlagPutsQosAndRetainToUse() {
        needs(MqttFeature.RETAIN);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        connected(connect(newClientId()).will(topic, "the will").willQos(1).willRetain())
                .close();
        Received will = subscriber.expectPublish(topic, "the will");
        assertEquals(1, will.qos(), "QoS of the will");
        subscriber.acknowledge(will);
        assertTrue(
                connected().subscribe(topic, 0).expectPublish(topic, "the will").retain(), "RETAIN");
        connected().publish(publish(topic, "").retain(), 1);
    }

    /** When it fails: wills are published at one QoS. */
    @Test
    void required_v311_3_1_2_14_willHasItsQos() {
        String topic = newTopic();
        int highest = broker.has(MqttFeature.QOS_2) ? 2 : 1;
        Wire subscriber = connected().subscribe(topic, highest);
        for (int qos = 0; qos <= highest; qos++) {
            connected(connect(newClientId()).will(topic, "at QoS " + qos).willQos(qos))
                    .close();
            Received will = subscriber.expectPublish(topic, "at QoS " + qos);
            assertEquals(qos, will.qos(), "QoS of the will");
            subscriber.acknowledge(will);
        }
    }

    /** When it fails: every will is retained. */
    @Test
    void required_v311_3_1_2_16_willWithoutRetainIsNotRetained() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId()).will(topic, "not retained")).close();
        subscriber.expectPublish(topic, "not retained");
        connected().subscribe(topic, 0).expectSilence();
    }

    /** When it fails: the will is not retained, or lost with the session. */
    @Test
    void required_v311_3_1_2_17_willWithRetainIsRetained() {
        needs(MqttFeature.RETAIN);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId()).will(topic, "retained").willRetain()).close();
        assertFalse(subscriber.expectPublish(topic, "retained").retain(), "RETAIN, where the subscription is older");
        Wire late = connected().subscribe(topic, 0);
        assertTrue(late.expectPublish(topic, "retained").retain(), "RETAIN, where the subscription is newer");
        connected().publish(publish(topic, "").retain(), 1);
    }

    // ---- What is refused ----

    /** When it fails: fields that are not there are taken for empty. */
    @Test
    void required_v311_3_1_2_9_willFlagWithoutWillIsRefused() {
        open().send(connect(newClientId()).flip(Connect.WILL)).expectRefused();
        int[] topicOnly = {0, 1, 't'};
        open().send(connect(newClientId()).flip(Connect.WILL).then(topicOnly)).expectRefused();
    }

    /** When it fails: bytes behind the last field are not looked for, or the will's bits where there is no will. */
    @Test
    void required_v311_3_1_2_11_willWithoutItsFlagIsRefused() {
        open().send(connect(newClientId()).will(newTopic(), "will").flip(Connect.WILL))
                .expectRefused();
        open().send(connect(newClientId()).flip(Connect.WILL_QOS_1 | Connect.WILL_RETAIN))
                .expectRefused();
    }

    /** When it fails: Will QoS is not looked at where there is no will. */
    @Test
    void required_v311_3_1_2_13_willQosWithoutWillIsRefused() {
        open().send(connect(newClientId()).flip(Connect.WILL_QOS_1)).expectRefused();
        open().send(connect(newClientId()).flip(Connect.WILL_QOS_2)).expectRefused();
    }

    /** When it fails: Will QoS 3 is cut to 2. */
    @Test
    void required_v311_3_1_2_14_willOfQos3IsRefused() {
        open().send(connect(newClientId()).will(newTopic(), "will").willQos(3)).expectRefused();
    }

    /** When it fails: Will Retain is not looked at where there is no will. */
    @Test
    void required_v311_3_1_2_15_willRetainWithoutWillIsRefused() {
        open().send(connect(newClientId()).flip(Connect.WILL_RETAIN)).expectRefused();
    }

    /** When it fails: only topics of PUBLISH are looked at. */
    @Test
    void required_v311_3_1_3_10_willTopicThatIsNotUtf8IsRefused() {
        for (byte[] topic : BadStrings.ALL) {
            open().send(connect(newClientId()).will(topic, new byte[0])).expectRefused();
        }
    }
}
