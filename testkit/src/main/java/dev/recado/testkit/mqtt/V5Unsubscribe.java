package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.pubcomp;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.pubrec;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static dev.recado.testkit.mqtt.Packets.unsubscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** UNSUBSCRIBE and UNSUBACK in MQTT 5. */
abstract class V5Unsubscribe extends Chapter {

    private static final int NO_SUBSCRIPTION_EXISTED = 0x11;

    V5Unsubscribe(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- Form ----

    /** When it fails: only the type is looked at. */
    @Test
    void required_v5_3_10_1_1_unsubscribeWithOtherFlagsIsRefused() {
        for (int flags : new int[] {0x0, 0x1, 0x3, 0xA}) {
            connected().send(unsubscribe(1, newTopic()).firstByte(0xA0 | flags)).expectClosed(0x81);
        }
    }

    /** When it fails: the filter's bytes are not checked, since it can match no subscription anyway. */
    @Test
    void required_v5_3_10_3_1_filterThatIsNotUtf8IsRefused() {
        for (byte[] filter : new byte[][] {
            Outgoing.narrow('a', 0xC0, 0x80),
            Outgoing.narrow('a', 0xC3),
            Outgoing.narrow(0xED, 0xA0, 0x80),
            Outgoing.narrow(0xFF)
        }) {
            connected().send(unsubscribe(1).filter(filter)).expectClosed(0x81);
        }
    }

    /** When it fails: a length inside the packet is believed beyond the packet's end. */
    @Test
    void required_v5_3_10_3_1_filterLongerThanThePacketIsRefused() {
        connected().send(unsubscribe(1).then(0, 9, 'a')).expectClosed(0x81);
        connected().send(unsubscribe(1, newTopic()).then(0)).expectClosed(0x81);
    }

    /** When it fails: an empty list of filters is taken for a request that asks for nothing. */
    @Test
    void required_v5_3_10_3_2_unsubscribeWithoutFilterIsRefused() {
        connected().send(unsubscribe(1)).expectClosed(0x82);
    }

    // ---- What ends ----

    /** When it fails: the subscription survives, or its removal takes others along. */
    @Test
    void required_v5_3_10_4_1_exactFilterIsRemoved() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic + "/a", 0).subscribe(topic + "/b", 0);
        assertEquals(List.of(0), subscriber.answer(unsubscribe(9, topic + "/a")).codes());
        connected().publish(topic + "/a", "removed", 0).publish(topic + "/b", "left", 0);
        subscriber.expectPublish(topic + "/b", "left");
        subscriber.expectSilence();
    }

    /** When it fails: filters are matched with filters, or compared without regard to case. */
    @Test
    void required_v5_3_10_4_1_filtersAreComparedLiterally() {
        needs(MqttFeature.WILDCARDS);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic + "/a", 0);
        for (String other : new String[] {"/+", "/#", "/A", "/a/", "/a/#", ""}) {
            Received answer = subscriber.answer(unsubscribe(subscriber.nextPacketId(), topic + other));
            assertEquals(List.of(NO_SUBSCRIPTION_EXISTED), answer.codes(), () -> "codes for .../" + other);
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
    void required_v5_3_10_4_2_nothingComesBehindUnsuback() {
        String topic = newTopic();
        Wire subscriber = connected();
        Wire publisher = connected();
        for (int qos : new int[] {0, 1}) {
            subscriber.subscribe(topic, qos);
            publisher.publish(topic, "before", qos);
            subscriber.acknowledge(subscriber.expectPublish(topic, "before"));
            subscriber.unsubscribe(topic);
            publisher.publish(topic, "behind", qos);
            subscriber.subscribe(topic, qos);
            publisher.publish(topic, "again", qos);
            subscriber.acknowledge(subscriber.expectPublish(topic, "again"));
            subscriber.expectSilence();
        }
    }

    /** When it fails: the subscription is gone from the connection, and not from its session. */
    @Test
    void required_v5_3_10_4_2_subscriptionDoesNotComeBackWithTheSession() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        connected(session(id)).subscribe(topic, 1).unsubscribe(topic).disconnect();
        connected().publish(topic, "unwanted", 1);
        connected(session(id), true).expectSilence();
    }

    /** When it fails: what is under way is dropped with its subscription. */
    @Test
    void required_v5_3_10_4_3_qos2DeliveryIsCompleted() {
        needs(MqttFeature.QOS_2);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        connected().publish(topic, "one", 2).publish(topic, "two", 2);
        int one = subscriber.expectPublish(topic, "one").packetId();
        int two = subscriber.expectPublish(topic, "two").packetId();
        subscriber.send(pubrec(one)).expectAck(PacketType.PUBREL, one);
        subscriber.unsubscribe(topic);
        subscriber.send(pubrec(two)).expectAck(PacketType.PUBREL, two);
        subscriber.send(pubcomp(one), pubcomp(two)).expectSilence();
    }

    /** When it fails: as above, when the client comes back. */
    @Test
    void required_v5_3_10_4_3_deliveryIsCompletedOnTheNextConnection() {
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
        second.acknowledge(again).expectSilence();
    }

    // ---- UNSUBACK ----

    /** When it fails: UNSUBACK is sent twice, or only for filters that are there. */
    @Test
    void required_v5_3_10_4_4_unsubscribeIsAnswered() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        subscriber.send(unsubscribe(50, topic)).expectAck(PacketType.UNSUBACK, 50);
        subscriber.expectSilence();
        subscriber.send(unsubscribe(51, topic)).expectAck(PacketType.UNSUBACK, 51);
        subscriber.expectSilence();
    }

    /** When it fails: the identifier is cut or swapped, or nothing is said where nothing was removed. */
    @Test
    void required_v5_3_10_4_5_unsubackRepeatsTheIdentifierThoughNothingIsRemoved() {
        Wire client = connected();
        for (int id : new int[] {0xFFFF, 1, 0x0100, 0x1234}) {
            client.send(unsubscribe(id, newTopic())).expectAck(PacketType.UNSUBACK, id);
        }
    }

    /** When it fails: each filter is answered on its own, or only the first one is looked at. */
    @Test
    void required_v5_3_10_4_6_severalFiltersAreAnsweredByOneUnsuback() {
        String topic = newTopic();
        Wire subscriber = connected();
        subscriber.answer(subscribe(1, topic + "/a", 0)
                .filter(topic + "/b", 0)
                .filter(topic + "/c", 0)
                .filter(topic + "/d", 0));
        subscriber
                .send(unsubscribe(2, topic + "/a", topic + "/b", topic + "/d"))
                .expectAck(PacketType.UNSUBACK, 2);
        Wire publisher = connected();
        for (String level : new String[] {"/a", "/b", "/d", "/c"}) {
            publisher.publish(topic + level, "to the one that is left", 0);
        }
        subscriber.expectPublish(topic + "/c", "to the one that is left");
        subscriber.expectSilence();
    }

    /** When it fails: the message has sizes; UNSUBACK has a Reason String though it does not fit. */
    @Test
    void required_v5_3_11_2_1_reasonStringOfUnsubackGivesWayToMaximumPacketSize() {
        givesWay(Property.REASON_STRING, wire -> wire.answer(unsubscribe(1, newTopic())));
    }

    /** When it fails: the message has sizes; UNSUBACK has User Properties though they do not fit. */
    @Test
    void required_v5_3_11_2_2_userPropertiesOfUnsubackGiveWayToMaximumPacketSize() {
        givesWay(Property.USER_PROPERTY, wire -> wire.answer(unsubscribe(1, newTopic())));
    }

    /** When it fails: codes are grouped or sorted. */
    @Test
    void required_v5_3_11_3_1_codesFollowTheOrderOfTheFilters() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic + "/there", 0).subscribe(topic + "/too", 0);
        Received unsubAck =
                subscriber.answer(unsubscribe(9, topic + "/x", topic + "/there", topic + "/y", topic + "/too"));
        assertEquals(List.of(NO_SUBSCRIPTION_EXISTED, 0, NO_SUBSCRIPTION_EXISTED, 0), unsubAck.codes());
    }

    /** When it fails: UNSUBACK has no code, or one that is none of its own. */
    @Test
    void required_v5_3_11_3_2_unsubackHasCodeForEachFilter() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        // The reader refuses codes that UNSUBACK does not have.
        assertEquals(1, subscriber.answer(unsubscribe(2, topic)).codes().size());
        assertEquals(
                3,
                subscriber
                        .answer(unsubscribe(3, topic, newTopic(), newTopic()))
                        .codes()
                        .size());
    }

    /** When it fails: the filter that UNSUBSCRIBE names stays in a share group. */
    @Test
    void required_v5_section_3_10_4_sharedSubscriptionIsRemoved() {
        needs(MqttFeature.SHARED_SUBSCRIPTIONS);
        String topic = newTopic();
        Wire subscriber = connected().subscribe("$share/kit/" + topic, 0).subscribe(topic + "/left", 0);
        assertEquals(
                List.of(NO_SUBSCRIPTION_EXISTED),
                subscriber.answer(unsubscribe(3, topic)).codes());
        assertEquals(
                List.of(0),
                subscriber.answer(unsubscribe(4, "$share/kit/" + topic)).codes());
        connected().send(publish(topic, "removed")).publish(topic + "/left", "left", 0);
        subscriber.expectPublish(topic + "/left", "left");
        subscriber.expectSilence();
    }
}
