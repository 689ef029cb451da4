package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.pubcomp;
import static dev.recado.testkit.mqtt.Packets.pubrec;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static dev.recado.testkit.mqtt.Packets.unsubscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** UNSUBSCRIBE and UNSUBACK in MQTT 3.1.1. */
abstract class V311Unsubscribe extends Chapter {

    V311Unsubscribe(BrokerUnderTest broker) {
        super(broker, Version.V311);
    }

    // ---- Form ----

    /** When it fails: only the type is looked at. */
    @Test
    void required_v311_3_10_1_1_unsubscribeWithOtherFlagsIsRefused() {
        for (int flags : new int[] {0x0, 0x1, 0x3, 0xA}) {
            connected().send(unsubscribe(1, newTopic()).firstByte(0xA0 | flags)).expectClosed();
        }
    }

    /** When it fails: the filter's bytes are not checked, since it can match no subscription anyway. */
    @Test
    void required_v311_3_10_3_1_filterThatIsNotUtf8IsRefused() {
        for (byte[] filter : new byte[][] {
            Outgoing.narrow('a', 0xC0, 0x80),
            Outgoing.narrow('a', 0xC3),
            Outgoing.narrow(0xED, 0xA0, 0x80),
            Outgoing.narrow(0xFF)
        }) {
            connected().send(unsubscribe(1).filter(filter)).expectClosed();
        }
    }

    /** When it fails: a length inside the packet is believed beyond the packet's end. */
    @Test
    void required_v311_3_10_3_1_filterLongerThanThePacketIsRefused() {
        connected().send(unsubscribe(1).then(0, 9, 'a')).expectClosed();
        connected().send(unsubscribe(1, newTopic()).then(0)).expectClosed();
    }

    /** When it fails: an empty list of filters is taken for a request that asks for nothing. */
    @Test
    void required_v311_3_10_3_2_unsubscribeWithoutFilterIsRefused() {
        connected().send(unsubscribe(1)).expectClosed();
    }

    // ---- What ends ----

    /** When it fails: the subscription survives, or its removal takes others along. */
    @Test
    void required_v311_3_10_4_1_exactFilterIsRemoved() {
        String topic = newTopic();
        Wire subscriber = connected()
                .subscribe(topic + "/a", 0)
                .subscribe(topic + "/b", 0)
                .unsubscribe(topic + "/a");
        connected().publish(topic + "/a", "removed", 0).publish(topic + "/b", "left", 0);
        subscriber.expectPublish(topic + "/b", "left");
        subscriber.expectSilence();
    }

    /** When it fails: filters are matched with filters, or compared without regard to case. */
    @Test
    void required_v311_3_10_4_1_filtersAreComparedLiterally() {
        needs(MqttFeature.WILDCARDS);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic + "/a", 0);
        for (String other : new String[] {"/+", "/#", "/A", "/a/", "/a/#", ""}) {
            subscriber.unsubscribe(topic + other);
        }
        connected().publish(topic + "/a", "still here", 0);
        subscriber.expectPublish(topic + "/a", "still here");
        subscriber.subscribe(topic + "/+", 0).unsubscribe(topic + "/a");
        connected().publish(topic + "/a", "by the wildcard", 0);
        subscriber.expectPublish(topic + "/a", "by the wildcard");
        subscriber.expectSilence();
    }

    /** When it fails: messages are matched with subscriptions from a cache that nobody clears. */
    @Test
    void required_v311_3_10_4_2_nothingComesBehindUnsuback() {
        String topic = newTopic();
        Wire subscriber = connected();
        Wire publisher = connected();
        for (int qos : new int[] {0, 1}) {
            subscriber.subscribe(topic, qos);
            publisher.publish(topic, "before", qos);
            subscriber.expectAll(topic, qos, "before").unsubscribe(topic);
            publisher.publish(topic, "behind", qos);
            subscriber.subscribe(topic, qos);
            publisher.publish(topic, "again", qos);
            subscriber.expectAll(topic, qos, "again").expectSilence();
        }
    }

    /** When it fails: the subscription is gone from the connection, and not from its session. */
    @Test
    void required_v311_3_10_4_2_subscriptionDoesNotComeBackWithTheSession() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        connected(session(id)).subscribe(topic, 1).unsubscribe(topic).disconnect();
        connected().publish(topic, "unwanted", 1);
        connected(session(id), true).expectSilence().disconnect();
        forget(id);
    }

    /** When it fails: what is under way is dropped with its subscription. */
    @Test
    void required_v311_3_10_4_3_qos2DeliveryIsCompleted() {
        needs(MqttFeature.QOS_2);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        connected().publishAll(topic, 2, "one", "two");
        int one = subscriber.expectPublish(topic, "one").packetId();
        int two = subscriber.expectPublish(topic, "two").packetId();
        subscriber.send(pubrec(one)).expectAck(PacketType.PUBREL, one);
        subscriber.unsubscribe(topic);
        subscriber.send(pubrec(two)).expectAck(PacketType.PUBREL, two);
        subscriber.send(pubcomp(one), pubcomp(two)).expectSilence();
    }

    /** When it fails: as above, when the client comes back. */
    @Test
    void required_v311_3_10_4_3_deliveryIsCompletedOnTheNextConnection() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id)).subscribe(topic, 1);
        connected().publish(topic, "begun", 1);
        int packetId = first.expectPublish(topic, "begun").packetId();
        first.unsubscribe(topic).close();
        Wire second = connected(session(id), true);
        Received again = second.expectPublish(topic, "begun");
        assertEquals(packetId, again.packetId(), "identifier of the repeated message");
        second.acknowledge(again).expectSilence().disconnect();
        forget(id);
    }

    // ---- UNSUBACK ----

    /** When it fails: UNSUBACK is sent twice, or its identifier is cut or swapped. */
    @Test
    void required_v311_3_10_4_4_unsubackRepeatsTheIdentifier() {
        Wire subscriber = connected();
        for (int id : new int[] {0xFFFF, 1, 0x0100, 0x1234}) {
            String topic = newTopic();
            subscriber.subscribe(topic, 0).send(unsubscribe(id, topic)).expectAck(PacketType.UNSUBACK, id);
            subscriber.expectSilence();
        }
    }

    /** When it fails: nothing is said where nothing was removed. */
    @Test
    void required_v311_3_10_4_5_unknownFilterIsAnswered() {
        String topic = newTopic();
        Wire client = connected();
        client.send(unsubscribe(9, topic)).expectAck(PacketType.UNSUBACK, 9);
        client.subscribe(topic, 0).unsubscribe(topic);
        client.send(unsubscribe(10, topic)).expectAck(PacketType.UNSUBACK, 10);
    }

    /** When it fails: each filter is answered on its own, or only the first one is looked at. */
    @Test
    void required_v311_3_10_4_6_severalFiltersAreAnsweredByOneUnsuback() {
        String topic = newTopic();
        Wire subscriber = connected();
        subscriber.answer(subscribe(1, topic + "/a", 0)
                .filter(topic + "/b", 0)
                .filter(topic + "/c", 0)
                .filter(topic + "/d", 0));
        subscriber
                .send(unsubscribe(2, topic + "/a", topic + "/b", topic + "/unknown", topic + "/d"))
                .expectAck(PacketType.UNSUBACK, 2);
        Wire publisher = connected();
        for (String level : new String[] {"/a", "/b", "/d", "/c"}) {
            publisher.publish(topic + level, "to the one that is left", 0);
        }
        subscriber.expectPublish(topic + "/c", "to the one that is left");
        subscriber.expectSilence();
    }
}
