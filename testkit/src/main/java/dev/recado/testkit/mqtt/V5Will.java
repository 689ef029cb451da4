package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.disconnect;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Wills in MQTT 5: when they are published, when not, and how. */
abstract class V5Will extends Chapter {

    V5Will(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    /** Of a client with a will that waits so many seconds. */
    private static Connect delayed(Connect connect, String topic, String payload, int seconds) {
        return connect.will(topic, payload).withWill(Property.WILL_DELAY_INTERVAL, seconds);
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
    void required_v5_3_1_2_7_willIsPublishedWhenTheConnectionIsCut() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId()).will(topic, "the will")).close();
        subscriber.expectPublish(topic, "the will");
    }

    /** When it fails: the will is kept with the connection, or the delay is counted from the wrong moment. */
    @Test
    void required_v5_3_1_2_7_willIsPartOfTheSession() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(delayed(session(id), topic, "the will", 1), false).close();
        subscriber.expectPublish(topic, "the will");
        connected(session(id), true).disconnect();
        expectNothingOn(subscriber, topic);
        forget(id);
    }

    /** When it fails: any DISCONNECT drops the will. */
    @Test
    void required_v5_3_1_2_8_disconnectWithWillPublishesIt() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire client = connected(connect(newClientId()).will(topic, "the will"));
        client.send(disconnect().code(0x04)).expectEndOfStream();
        subscriber.expectPublish(topic, "the will");
    }

    /** When it fails: connections that the broker closes itself take another way than those that are cut. */
    @Test
    void required_v5_3_1_2_8_willIsPublishedWhenTheBrokerCloses() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId()).will(topic, "of a protocol error"))
                .send(subscribe(1))
                .expectClosed(0x82);
        subscriber.expectPublish(topic, "of a protocol error");
        connected(connect(newClientId()).will(topic, "of a malformed packet"))
                .send(publish(newTopic(), "QoS 3").qos(3, 1))
                .expectClosed(0x81);
        subscriber.expectPublish(topic, "of a malformed packet");
    }

    /** When it fails: a client that is ousted is taken for one that has said DISCONNECT. */
    @Test
    void required_v5_3_1_2_8_willIsPublishedWhenTheClientIsOusted() {
        String id = newClientId();
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire older = connected(connect(id).will(topic, "of the older"));
        connected(connect(id));
        older.expectClosed(0x8E);
        subscriber.expectPublish(topic, "of the older");
    }

    /** When it fails: Will Delay Interval is ignored. Half of it suffices: seconds may be counted by whole ones. */
    @Test
    void required_v5_3_1_2_8_willWaitsForItsDelay() {
        needs(MqttFeature.SESSIONS);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        String id = newClientId();
        Wire client = connected(delayed(session(id), topic, "the will", 2));
        long cut = System.nanoTime();
        client.close();
        subscriber.expectPublish(topic, "the will");
        long millis = (System.nanoTime() - cut) / 1_000_000;
        assertTrue(millis >= 1_000, () -> "the will came after " + millis + " ms, its delay is 2 s");
        forget(id);
    }

    /** When it fails: the will waits for its delay though the session is gone. */
    @Test
    void required_v5_3_1_2_8_willDoesNotWaitLongerThanTheSession() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(delayed(connect(newClientId()), topic, "of a session that ends with its connection", 60))
                .close();
        subscriber.expectPublish(topic, "of a session that ends with its connection");
    }

    /** When it fails: the end of the session's interval does not end the will's delay. */
    @Test
    void required_v5_3_1_2_8_willDoesNotWaitLongerThanTheSessionsInterval() {
        needs(MqttFeature.SESSIONS);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(delayed(connect(newClientId()), topic, "of a session that expires", 60)
                        .with(Property.SESSION_EXPIRY_INTERVAL, 1))
                .close();
        subscriber.expectPublish(topic, "of a session that expires");
    }

    /** When it fails: a new session under the same name cancels the will, or leaves it to its delay. */
    @Test
    void required_v5_3_1_2_8_cleanStartEndsTheDelay() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(delayed(session(id), topic, "of a session that is replaced", 60), false)
                .close();
        connected(connect(id));
        subscriber.expectPublish(topic, "of a session that is replaced");
    }

    /** When it fails: see 3.14.4-3. */
    @Test
    void required_v5_3_1_2_8_normalDisconnectCancelsTheWill() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId()).will(topic, "the will")).disconnect();
        expectNothingOn(subscriber, topic);
    }

    /** When it fails: the client is back, and its delayed will is published all the same. */
    @Test
    void required_v5_3_1_3_9_resumeWithinTheDelayCancelsTheWill() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(delayed(session(id), topic, "cancelled", 3), false).close();
        Wire back = connected(session(id), true);
        expectOnlyALaterWill(subscriber, topic, 4);
        back.disconnect();
        forget(id);
    }

    /** When it fails: as above, where the new connection ousts the old one. */
    @Test
    void required_v5_3_1_3_9_takeoverWithinTheDelayCancelsTheWill() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire older = connected(delayed(session(id), topic, "cancelled", 1), false);
        Wire newer = connected(session(id), true);
        older.expectClosed(0x8E);
        expectOnlyALaterWill(subscriber, topic, 3);
        newer.disconnect();
        forget(id);
    }

    /** Waits for another client's will, which is due later than one that must not come. */
    private void expectOnlyALaterWill(Wire subscriber, String topic, int seconds) {
        String other = newClientId();
        connected(delayed(session(other), topic, "of another client", seconds)).close();
        subscriber.expectPublish(topic, "of another client");
        subscriber.expectSilence();
        forget(other);
    }

    /** When it fails: the will stays where it was, and the next end of a connection publishes it again. */
    @Test
    void required_v5_3_1_2_10_publishedWillIsDropped() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(session(id).will(topic, "once"), false).close();
        subscriber.expectPublish(topic, "once");
        connected(session(id), true).send(disconnect().code(0x04)).expectEndOfStream();
        expectNothingOn(subscriber, topic);
        forget(id);
    }

    /** When it fails: the will stays with the session, and a later connection without one publishes it. */
    @Test
    void required_v5_3_1_2_10_willIsDroppedByNormalDisconnect() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(session(id).will(topic, "never"), false).disconnect();
        connected(session(id), true).send(disconnect().code(0x04)).expectEndOfStream();
        expectNothingOn(subscriber, topic);
        forget(id);
    }

    /** When it fails: DISCONNECT ends the connection, which publishes the will as any other end does. */
    @Test
    void required_v5_3_14_4_3_normalDisconnectDropsTheWill() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId()).will(topic, "short form")).disconnect();
        expectNothingOn(subscriber, topic);
        connected(connect(newClientId()).will(topic, "with its Reason Code"))
                .send(disconnect().code(0))
                .expectEndOfStream();
        expectNothingOn(subscriber, topic);
    }

    // ---- How ----

    /** When it fails: the will is not retained, or lost with the session. */
    @Test
    void required_v5_3_1_2_15_willWithRetainIsRetained() {
        needs(MqttFeature.RETAIN);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId()).will(topic, "retained").willRetain()).close();
        assertFalse(subscriber.expectPublish(topic, "retained").retain(), "RETAIN, where the subscription is older");
        Wire late = connected().subscribe(topic, 0);
        assertTrue(late.expectPublish(topic, "retained").retain(), "RETAIN, where the subscription is newer");
        connected().publish(publish(topic, "").retain(), 1);
    }

    /** When it fails: every will is retained. */
    @Test
    void required_v5_3_1_2_14_willWithoutRetainIsNotRetained() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId()).will(topic, "not retained")).close();
        subscriber.expectPublish(topic, "not retained");
        connected().subscribe(topic, 0).expectSilence();
    }

    /** When it fails: wills are published at one QoS. */
    @Test
    void required_v5_3_1_2_12_willHasItsQos() {
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

    /** When it fails: properties of the will are collected in a map. */
    @Test
    void required_v5_3_1_3_10_willKeepsTheOrderOfItsUserProperties() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId())
                        .will(topic, "the will")
                        .willUser("b", "1")
                        .willUser("a", "2")
                        .willUser("b", "1")
                        .willUser("", "")
                        .willUser("a", "0"))
                .close();
        assertEquals(
                List.of(
                        new Properties.Pair("b", "1"),
                        new Properties.Pair("a", "2"),
                        new Properties.Pair("b", "1"),
                        new Properties.Pair("", ""),
                        new Properties.Pair("a", "0")),
                subscriber.expectPublish(topic, "the will").properties().userProperties());
    }

    /** When it fails: the will is built from its topic and payload only. */
    @Test
    void required_v5_section_3_1_3_2_willIsPublishedWithItsProperties() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId())
                        .will(topic, "the will")
                        .withWill(Property.WILL_DELAY_INTERVAL, 0)
                        .withWill(Property.PAYLOAD_FORMAT_INDICATOR, 1)
                        .withWill(Property.MESSAGE_EXPIRY_INTERVAL, 600)
                        .withWill(Property.CONTENT_TYPE, "text/plain")
                        .withWill(Property.RESPONSE_TOPIC, "kit/answers")
                        .withWill(Property.CORRELATION_DATA, new byte[] {1, 0, 2}))
                .close();
        Properties properties = subscriber.expectPublish(topic, "the will").properties();
        assertEquals(1, properties.number(Property.PAYLOAD_FORMAT_INDICATOR, 0));
        long expiry = properties.number(Property.MESSAGE_EXPIRY_INTERVAL, 0);
        assertTrue(expiry > 500 && expiry <= 600, () -> "Message Expiry Interval is " + expiry + ", it was 600");
        assertEquals("text/plain", properties.text(Property.CONTENT_TYPE));
        assertEquals("kit/answers", properties.text(Property.RESPONSE_TOPIC));
        assertArrayEquals(new byte[] {1, 0, 2}, properties.bytes(Property.CORRELATION_DATA));
    }

    /** When it fails: an empty payload is taken for no will. */
    @Test
    void required_v5_section_3_1_3_4_willMayBeEmpty() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId()).will(topic, "")).close();
        subscriber.expectPublish(topic, "");
    }

    // ---- What is refused ----

    /** When it fails: fields that are not there are taken for empty. */
    @Test
    void required_v5_3_1_2_9_willFlagWithoutWillIsRefused() {
        open().send(connect(newClientId()).flip(Connect.WILL)).expectRefused(0x81);
        int[] propertiesOnly = {0};
        open().send(connect(newClientId()).flip(Connect.WILL).then(propertiesOnly))
                .expectRefused(0x81);
        int[] propertiesAndTopic = {0, 0, 1, 't'};
        open().send(connect(newClientId()).flip(Connect.WILL).then(propertiesAndTopic))
                .expectRefused(0x81);
        int[] withoutProperties = {0, 1, 't', 0, 1, 'p'};
        open().send(connect(newClientId()).flip(Connect.WILL).then(withoutProperties))
                .expectRefused(0x81);
    }

    /** When it fails: Will QoS is not looked at where there is no will. */
    @Test
    void required_v5_3_1_2_11_willQosWithoutWillIsRefused() {
        open().send(connect(newClientId()).flip(Connect.WILL_QOS_1)).expectRefused(0x81);
        open().send(connect(newClientId()).flip(Connect.WILL_QOS_2)).expectRefused(0x81);
    }

    /** When it fails: Will QoS 3 is cut to 2. */
    @Test
    void required_v5_3_1_2_12_willOfQos3IsRefused() {
        open().send(connect(newClientId()).will(newTopic(), "will").willQos(3)).expectRefused(0x81);
    }

    /** When it fails: Will Retain is not looked at where there is no will. */
    @Test
    void required_v5_3_1_2_13_willRetainWithoutWillIsRefused() {
        open().send(connect(newClientId()).flip(Connect.WILL_RETAIN)).expectRefused(0x81);
    }

    /** When it fails: only topics of PUBLISH are looked at. */
    @Test
    void required_v5_3_1_3_11_willTopicThatIsNotUtf8IsRefused() {
        for (byte[] topic : BadStrings.ALL) {
            open().send(connect(newClientId()).will(topic, new byte[0])).expectRefused(0x81, 0x90);
        }
    }

    /** When it fails: only topics of PUBLISH are looked at. */
    @Test
    void required_v5_section_4_7_3_emptyWillTopicIsRefused() {
        open().send(connect(newClientId()).will("", "will")).expectRefused(0x81, 0x82, 0x90);
    }

    /** When it fails: wills are taken at a QoS at which they cannot be published, or refused at one that is announced. */
    @Test
    void required_v5_3_2_2_12_willAboveMaximumQosIsRefused() {
        long maximum = accepted(connect(newClientId())).properties().number(Property.MAXIMUM_QOS, 2);
        for (int qos = 0; qos <= 2; qos++) {
            Wire wire =
                    open().send(connect(newClientId()).will(newTopic(), "will").willQos(qos));
            if (qos <= maximum) {
                wire.expect(PacketType.CONNACK, 0);
            } else {
                wire.expectRefused(0x9B);
            }
        }
    }

    /** When it fails: wills are taken that cannot be retained, or refused though Retain Available is not 0. */
    @Test
    void required_v5_3_2_2_13_retainedWillNeedsRetainAvailable() {
        Properties announced = accepted(connect(newClientId())).properties();
        Wire wire = open().send(connect(newClientId()).will(newTopic(), "will").willRetain());
        if (announced.number(Property.RETAIN_AVAILABLE, 1) == 1) {
            wire.expect(PacketType.CONNACK, 0);
            wire.disconnect();
        } else {
            wire.expectRefused(0x9A);
        }
    }
}
