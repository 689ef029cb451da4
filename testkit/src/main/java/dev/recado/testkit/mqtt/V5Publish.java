package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.pubrel;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** PUBLISH in MQTT 5: its flags, identifiers, acknowledgements and order. */
abstract class V5Publish extends Chapter {

    private static final String[] TEN = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};

    V5Publish(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- Fixed header ----

    /** When it fails: a repeated message is sent like a new one. */
    @Test
    void required_v5_3_3_1_1_repeatedMessageHasDup() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id)).subscribe(topic, 1);
        connected().publish(topic, "twice", 1);
        assertFalse(first.expectPublish(topic, "twice").dup(), "DUP of the first transmission");
        first.close();
        Wire back = connected(session(id), true);
        Received again = back.expectPublish(topic, "twice");
        assertTrue(again.dup(), "DUP of the second transmission");
        back.acknowledge(again).expectSilence();
    }

    /** When it fails: DUP of what came in is copied, though the outgoing QoS is 0. */
    @Test
    void required_v5_3_3_1_2_qos0MessageHasNoDup() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire publisher = connected();
        publisher.publish(publish(topic, "repeated by its publisher").dup(), 1);
        // The reader refuses DUP at QoS 0.
        assertEquals(
                0, subscriber.expectPublish(topic, "repeated by its publisher").qos(), "QoS");
    }

    /** When it fails: only the QoS is looked at. The standard lets the receiver be lenient. */
    @Test
    void recommended_v5_3_3_1_2_qos0MessageWithDupIsRefused() {
        connected().send(publish(newTopic(), "QoS 0, DUP").dup()).expectClosed(0x81);
    }

    /** When it fails: the first byte of what came in is copied. */
    @Test
    void required_v5_3_3_1_3_dupIsNotForwarded() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        connected().publish(publish(topic, "repeated by its publisher").dup(), 1);
        Received message = subscriber.expectPublish(topic, "repeated by its publisher");
        assertFalse(message.dup(), "DUP of the first transmission to the subscriber");
    }

    /** When it fails: QoS 3 is taken for 2 or 1. */
    @Test
    void required_v5_3_3_1_4_qos3IsRefused() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected().send(publish(topic, "QoS 3").qos(3, 1)).expectClosed(0x81);
        connected().send(publish(topic, "QoS 3, DUP").qos(3, 1).dup()).expectClosed(0x81);
        connected().publish(topic, "last", 1);
        subscriber.expectPublish(topic, "last");
        subscriber.expectSilence();
    }

    // ---- Topic Name ----

    /** When it fails: the topic's bytes are not checked before the message is routed. */
    @Test
    void required_v5_3_3_2_1_topicThatIsNotUtf8IsRefused() {
        connected().send(publish("", "overlong").topic('a', 0xC0, 0x80)).expectClosed(0x81);
        connected().send(publish("", "cut short").topic('a', 0xC3)).expectClosed(0x81);
        connected().send(publish("", "surrogate").topic('a', 0xED, 0xA0, 0x80)).expectClosed(0x81);
        connected().send(publish("", "no such byte").topic('a', 0xFF)).expectClosed(0x81);
    }

    /** When it fails: a length inside the packet is believed beyond the packet's end. */
    @Test
    void required_v5_3_3_2_1_topicLongerThanThePacketIsRefused() {
        connected().send(0x30, 4, 0, 9, 'a', 0).expectClosed(0x81);
        connected().send(0x30, 1, 0).expectClosed(0x81);
        connected().send(0x30, 0).expectClosed(0x81);
    }

    /** When it fails: the topic that the subscriber sees is not what was published, byte for byte. */
    @Test
    void required_v5_3_3_2_1_topicIsForwardedAsItIs() {
        String topic = newTopic() + "/\u00e9\u6f22\ud83d\ude00/ /\ufeff/";
        Wire subscriber = connected().subscribe(topic, 0);
        connected().publish(topic, "to an unusual topic", 0);
        subscriber.expectPublish(topic, "to an unusual topic");
    }

    /** When it fails: a message goes to somebody whose filters do not match its topic. */
    @Test
    void required_v5_3_3_2_3_onlyMatchingTopicsCome() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic + "/wanted", 0);
        Wire publisher = connected();
        for (String other : new String[] {topic, topic + "/", topic + "/wante", topic + "/wanted/", topic + "/other"}) {
            publisher.publish(other, "not wanted", 0);
        }
        publisher.publish(topic + "/wanted", "wanted", 0);
        subscriber.expectPublish(topic + "/wanted", "wanted");
        subscriber.expectSilence();
    }

    // ---- Packet Identifier ----

    /** When it fails: two bytes of a QoS 0 message are taken for an identifier, or sent as one. */
    @Test
    void required_v5_2_2_1_2_qos0MessageHasNoPacketIdentifier() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire publisher = connected();
        publisher.publish(topic, "\u0000\u0001", 0);
        publisher.publish(topic, "", 0);
        publisher.publish(topic, "at QoS 1", 1);
        subscriber.expectPublish(topic, "\u0000\u0001");
        subscriber.expectPublish(topic, "");
        subscriber.expectPublish(topic, "at QoS 1");
    }

    /** When it fails: each QoS has a counter of its own, or an identifier is free before its exchange is over. */
    @Test
    void required_v5_2_2_1_4_identifiersInUseAreNotGivenAgain() {
        needs(MqttFeature.QOS_2);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        Wire publisher = connected();
        Set<Integer> inUse = new HashSet<>();
        for (int i = 0; i < 12; i++) {
            publisher.publish(topic, "message " + i, 1 + i % 2);
            Received message = subscriber.expectPublish(topic, "message " + i);
            assertTrue(inUse.add(message.packetId()), () -> message + " has an identifier that is in use");
            if (i % 3 == 0) {
                subscriber.acknowledge(message);
                inUse.remove(message.packetId());
            }
        }
    }

    /** When it fails: identifiers are computed, cut or swapped on their way into an acknowledgement. */
    @Test
    void required_v5_2_2_1_5_acknowledgementsRepeatTheIdentifier() {
        Wire publisher = connected();
        for (int id : new int[] {1, 0x0100, 0x1234, 0xFFFF}) {
            publisher.send(publish(newTopic(), "QoS 1").qos(1, id)).expectAck(PacketType.PUBACK, id);
        }
    }

    /** When it fails: as above, with PUBREC, PUBREL and PUBCOMP. */
    @Test
    void required_v5_2_2_1_5_acknowledgementsOfQos2RepeatTheIdentifier() {
        needs(MqttFeature.QOS_2);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        Wire publisher = connected();
        for (int id : new int[] {1, 0x0100, 0x1234, 0xFFFF}) {
            publisher.send(publish(topic, "QoS 2").qos(2, id)).expectAck(PacketType.PUBREC, id);
            publisher.send(pubrel(id)).expectAck(PacketType.PUBCOMP, id);
            subscriber.acknowledge(subscriber.expectPublish(topic, "QoS 2"));
        }
    }

    // ---- Acknowledgement and delivery ----

    /** When it fails: a message nobody subscribes to is not acknowledged, or one of QoS 0 is. */
    @Test
    void required_v5_3_3_4_1_messageIsAnsweredAsItsQosDemands() {
        Wire publisher = connected();
        String topic = newTopic();
        publisher.publish(topic, "no answer", 0);
        publisher.publish(topic, "PUBACK", 1).expectSilence();
        connected().subscribe(topic, 1);
        publisher.publish(topic, "no answer", 0);
        publisher.publish(topic, "PUBACK", 1).expectSilence();
    }

    /** When it fails: QoS 2 is acknowledged like QoS 1, or more than once. */
    @Test
    void required_v5_3_3_4_1_qos2MessageIsAnsweredWithPubrec() {
        needs(MqttFeature.QOS_2);
        Wire publisher = connected().send(publish(newTopic(), "PUBREC").qos(2, 1));
        publisher.expectAck(PacketType.PUBREC, 1);
        publisher.expectSilence();
    }

    /** When it fails: the first matching filter decides on the QoS. */
    @Test
    void required_v5_3_3_4_2_overlappingSubscriptionsGiveTheHighestQos() {
        needs(MqttFeature.WILDCARDS);
        int highest = broker.has(MqttFeature.QOS_2) ? 2 : 1;
        for (int qos = 0; qos <= highest; qos++) {
            String topic = newTopic();
            Wire subscriber = connected()
                    .subscribe(topic + "/+", qos)
                    .subscribe(topic + "/a", 0)
                    .subscribe(topic + "/#", 0);
            connected().publish(topic + "/a", "copies", highest);
            Received copy = subscriber.expectPublish(topic + "/a", "copies");
            // A broker may send a copy for each subscription.
            while (copy.qos() < qos) {
                copy = subscriber.expectPublish(topic + "/a", "copies");
            }
            assertEquals(qos, copy.qos(), "QoS of the best copy");
        }
    }

    /** When it fails: the QoS of the subscription is used though the message has a lower one, or DUP is left from QoS 1. */
    @Test
    void required_v5_4_3_1_1_qos0MessageIsSentAtQos0WithoutDup() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        connected().publish(topic, "QoS 0", 0);
        Received message = subscriber.expectPublish(topic, "QoS 0");
        assertEquals(0, message.qos(), "QoS");
        assertFalse(message.dup(), "DUP");
    }

    // ---- Order ----

    /** When it fails: messages of one publisher take several ways to a subscriber, or what waited is overtaken. */
    @Test
    void required_v5_4_6_0_5_messagesComeInTheOrderOfTheirArrival() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        Wire publisher = connected();
        for (int qos = 0; qos <= 1; qos++) {
            publisher.publishAll(topic, qos, TEN);
            subscriber.expectAll(topic, qos, TEN).expectSilence();
        }
    }

    /** When it fails: as above; a QoS 2 message is passed on by something that does not keep the order. */
    @Test
    void required_v5_4_6_0_5_qos2MessagesComeInTheOrderOfTheirArrival() {
        needs(MqttFeature.QOS_2);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        connected().publishAll(topic, 2, TEN);
        subscriber.expectAll(topic, 2, TEN).expectSilence();
    }

    /** When it fails: messages for wildcards go another way than those for one topic. */
    @Test
    void required_v5_4_6_0_6_everyTopicIsOrdered() {
        needs(MqttFeature.WILDCARDS);
        String topic = newTopic();
        Wire exact = connected().subscribe(topic + "/a", 1);
        Wire wild = connected().subscribe(topic + "/#", 1);
        Wire publisher = connected();
        for (int round = 0; round < 3; round++) {
            publisher.publishAll(topic + "/a", 1, TEN);
            exact.expectAll(topic + "/a", 1, TEN).expectSilence();
            wild.expectAll(topic + "/a", 1, TEN).expectSilence();
        }
    }

    /** When it fails: what waited for the subscriber is sent in another order than it came. */
    @Test
    void required_v5_4_6_0_6_waitingMessagesAreOrdered() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        connected(session(id)).subscribe(topic, 1).disconnect();
        connected().publishAll(topic, 1, TEN);
        connected(session(id), true).expectAll(topic, 1, TEN).expectSilence();
    }
}
