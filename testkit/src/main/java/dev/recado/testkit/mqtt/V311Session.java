package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.pubcomp;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.pubrec;
import static dev.recado.testkit.mqtt.Packets.pubrel;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Sessions in MQTT 3.1.1: what outlives a connection, and whose it is. */
abstract class V311Session extends Chapter {

    V311Session(BrokerUnderTest broker) {
        super(broker, Version.V311);
    }

    // ---- Clean Session ----

    /** When it fails: subscriptions end with the connection, whether it is cut or ends with DISCONNECT. */
    @Test
    void required_v311_3_1_2_4_sessionThatIsNotCleanIsStoredAndResumed() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        connected(session(id), false).subscribe(topic, 1).disconnect();
        connected(session(id), true).close();
        Wire back = connected(session(id), true);
        connected().publish(topic, "live", 1);
        back.acknowledge(back.expectPublish(topic, "live")).disconnect();
        forget(id);
    }

    /** When it fails: the identifiers of QoS 2 messages that came in are forgotten with the connection. */
    @Test
    void required_v311_3_1_2_4_sessionIsResumedWithReceivedQos2Messages() {
        needs(MqttFeature.SESSIONS);
        needs(MqttFeature.QOS_2);
        String id = newClientId();
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire first = connected(session(id), false).send(publish(topic, "once").qos(2, 7));
        first.expectAck(PacketType.PUBREC, 7);
        first.close();
        Wire back = connected(session(id), true)
                .send(publish(topic, "once").qos(2, 7).dup());
        back.expectAck(PacketType.PUBREC, 7);
        back.send(pubrel(7)).expectAck(PacketType.PUBCOMP, 7);
        back.publish(topic, "last", 1).disconnect();
        subscriber.expectPublish(topic, "once");
        subscriber.expectPublish(topic, "last");
        subscriber.expectSilence();
        forget(id);
    }

    /** When it fails: messages for clients that are away are dropped, or come in another order. */
    @Test
    void required_v311_3_1_2_5_messagesWaitForClientsThatAreAway() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        connected(session(id), false).subscribe(topic, 1).disconnect();
        connected().publish(topic, "first", 1).publish(topic, "second", 1);
        Wire back = connected(session(id), true);
        back.acknowledge(back.expectPublish(topic, "first"));
        back.acknowledge(back.expectPublish(topic, "second"));
        back.expectSilence().disconnect();
        forget(id);
    }

    /** When it fails: QoS 2 messages are not kept for clients that are away, or lose their QoS. */
    @Test
    void required_v311_3_1_2_5_messagesOfQos2WaitForClientsThatAreAway() {
        needs(MqttFeature.SESSIONS);
        needs(MqttFeature.QOS_2);
        String id = newClientId();
        String topic = newTopic();
        connected(session(id), false).subscribe(topic, 2).disconnect();
        connected().publish(topic, "waiting", 2);
        Wire back = connected(session(id), true);
        Received waiting = back.expectPublish(topic, "waiting");
        assertEquals(2, waiting.qos(), "QoS of a message that waited");
        back.acknowledge(waiting).expectSilence().disconnect();
        forget(id);
    }

    /** When it fails: Clean Session only changes what CONNACK says. */
    @Test
    void required_v311_3_1_2_6_cleanSessionDropsTheEarlierSession() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        connected(session(id), false).subscribe(topic, 1).disconnect();
        Wire publisher = connected().publish(topic, "waiting", 1);
        Wire clean = connected(connect(id), false).expectSilence();
        publisher.publish(topic, "live", 1);
        clean.expectSilence();
    }

    /** When it fails: messages in flight are kept elsewhere than the rest of the session. */
    @Test
    void required_v311_3_1_2_6_cleanSessionDropsMessagesInFlight() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id), false).subscribe(topic, 1);
        connected().publish(topic, "not acknowledged", 1);
        first.expectPublish(topic, "not acknowledged");
        first.close();
        connected(connect(id), false).expectSilence();
    }

    /** When it fails: a clean session is stored, or the one before it comes back. */
    @Test
    void required_v311_3_1_2_6_cleanSessionEndsWithItsConnection() {
        String id = newClientId();
        String topic = newTopic();
        connected(connect(id), false).subscribe(topic, 1).disconnect();
        Wire publisher = connected().publish(topic, "waiting", 1);
        Wire next = connected(session(id), false).expectSilence();
        publisher.publish(topic, "live", 1);
        next.expectSilence().disconnect();
        forget(id);
    }

    /** When it fails: the setting is read, and sessions are kept or dropped regardless. */
    @Test
    void required_v311_3_1_4_3_cleanSessionIsActedUpon() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        connected(session(id), false).disconnect();
        connected(session(id), true).disconnect();
        connected(connect(id), false).disconnect();
        connected(session(id), false).disconnect();
        forget(id);
    }

    /** When it fails: Session Present tells what was stored, and not what is used. */
    @Test
    void required_v311_3_2_2_1_cleanSessionHasNoSessionPresent() {
        String id = newClientId();
        connected(session(id), false).disconnect();
        connected(connect(id), false).disconnect();
    }

    /** When it fails: Session Present is 0 where a session of which nothing was used is resumed. */
    @Test
    void required_v311_3_2_2_2_storedSessionIsPresent() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        connected(session(id), false).disconnect();
        connected(session(id), true).disconnect();
        forget(id);
    }

    /** When it fails: Session Present repeats Clean Session. */
    @Test
    void required_v311_3_2_2_3_sessionThatIsNotStoredIsNotPresent() {
        String id = newClientId();
        connected(session(id), false).disconnect();
        forget(id);
        connected(session(id), false).disconnect();
        forget(id);
    }

    // ---- Whose, and how long ----

    /** When it fails: sessions are looked up by something else, such as the address or the identifier in lower case. */
    @Test
    void required_v311_3_1_3_2_sessionBelongsToItsClientId() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String other = id.toUpperCase(Locale.ROOT);
        String topic = newTopic();
        connected(session(id), false).subscribe(topic, 1).disconnect();
        connected().publish(topic, "to one of them", 1);
        connected(session(other), false).expectSilence().disconnect();
        Wire back = connected(session(id), true);
        back.acknowledge(back.expectPublish(topic, "to one of them")).disconnect();
        forget(id);
        forget(other);
    }

    /** When it fails: two connections live under one name, or the newer is refused. */
    @Test
    void required_v311_3_1_4_2_newerConnectionOustsTheOlder() {
        String id = newClientId();
        Wire older = connected(connect(id));
        Wire newer = connected(connect(id));
        older.expectEndOfStream();
        newer.expectSilence();
    }

    /** When it fails: what the end of the older connection tidies up is the newer's. */
    @Test
    void required_v311_3_1_4_2_newerConnectionTakesTheSessionOver() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire older = connected(session(id), false).subscribe(topic, 1);
        Wire newer = connected(session(id), true);
        older.expectEndOfStream();
        connected().publish(topic, "to the newer", 1);
        newer.acknowledge(newer.expectPublish(topic, "to the newer"))
                .expectSilence()
                .disconnect();
        forget(id);
    }

    /** When it fails: something ends stored sessions before they are asked for, such as other clients that come and go. */
    @Test
    void required_v311_4_1_0_1_sessionIsKeptWhileItLasts() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        connected(session(id), false).subscribe(topic, 1).disconnect();
        for (int i = 0; i < 50; i++) {
            connected().disconnect();
        }
        connected().publish(topic, "waiting", 1);
        Wire back = connected(session(id), true);
        back.acknowledge(back.expectPublish(topic, "waiting")).disconnect();
        forget(id);
    }

    /** When it fails: subscriptions, or messages in flight, are dropped while the client is connected. */
    @Test
    void required_v311_4_1_0_2_sessionLastsAsLongAsItsConnection() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        Wire publisher = connected().publish(topic, "first", 1);
        Received first = subscriber.expectPublish(topic, "first");
        publisher.publish(topic, "second", 1);
        Received second = subscriber.expectPublish(topic, "second");
        assertNotEquals(first.packetId(), second.packetId(), "identifiers of two messages in flight");
        subscriber.acknowledge(second).acknowledge(first).expectSilence();
        publisher.publish(topic, "third", 1);
        subscriber.acknowledge(subscriber.expectPublish(topic, "third"));
    }

    // ---- What is sent again ----

    /** When it fails: the session forgets what it sent, or numbers it anew. */
    @Test
    void required_v311_4_4_0_1_unacknowledgedPublishIsRepeatedOnResume() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id), false).subscribe(topic, 1);
        connected().publish(topic, "settled", 1).publish(topic, "one", 1).publish(topic, "two", 1);
        first.acknowledge(first.expectPublish(topic, "settled"));
        Received one = first.expectPublish(topic, "one");
        Received two = first.expectPublish(topic, "two");
        first.expectSilence().close();
        Wire back = connected(session(id), true);
        Received oneAgain = back.expectPublish(topic, "one");
        Received twoAgain = back.expectPublish(topic, "two");
        assertEquals(one.packetId(), oneAgain.packetId(), "the identifier of the first");
        assertEquals(two.packetId(), twoAgain.packetId(), "the identifier of the second");
        back.acknowledge(oneAgain).acknowledge(twoAgain).expectSilence().disconnect();
        connected(session(id), true).expectSilence().disconnect();
        forget(id);
    }

    /** When it fails: as above, at QoS 2. */
    @Test
    void required_v311_4_4_0_1_unacknowledgedQos2PublishIsRepeatedOnResume() {
        needs(MqttFeature.SESSIONS);
        needs(MqttFeature.QOS_2);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id), false).subscribe(topic, 2);
        connected().publish(topic, "exactly once", 2);
        Received sent = first.expectPublish(topic, "exactly once");
        first.close();
        Wire back = connected(session(id), true);
        Received again = back.expectPublish(topic, "exactly once");
        assertEquals(sent.packetId(), again.packetId(), "the identifier");
        back.acknowledge(again).expectSilence().disconnect();
        forget(id);
    }

    /** When it fails: after PUBREC the message is sent again, or nothing is. */
    @Test
    void required_v311_4_4_0_1_unacknowledgedPubrelIsRepeatedOnResume() {
        needs(MqttFeature.SESSIONS);
        needs(MqttFeature.QOS_2);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id), false).subscribe(topic, 2);
        connected().publish(topic, "exactly once", 2);
        int packetId = first.expectPublish(topic, "exactly once").packetId();
        first.send(pubrec(packetId)).expectAck(PacketType.PUBREL, packetId);
        first.close();
        Wire back = connected(session(id), true);
        back.expectAck(PacketType.PUBREL, packetId);
        back.send(pubcomp(packetId)).expectSilence().disconnect();
        forget(id);
    }

    /** When it fails: the message goes to those who are connected only, or to the first session that matches. */
    @Test
    void required_v311_4_5_0_1_messageJoinsEveryMatchingSession() {
        needs(MqttFeature.SESSIONS);
        String topic = newTopic();
        String away = newClientId();
        String alsoAway = newClientId();
        connected(session(away), false).subscribe(topic, 1).disconnect();
        connected(session(alsoAway), false).subscribe(topic, 1).disconnect();
        Wire here = connected().subscribe(topic, 1);
        connected().publish(topic, "to all", 1);
        here.acknowledge(here.expectPublish(topic, "to all"));
        for (String id : new String[] {away, alsoAway}) {
            Wire back = connected(session(id), true);
            back.acknowledge(back.expectPublish(topic, "to all")).disconnect();
            forget(id);
        }
    }
}
