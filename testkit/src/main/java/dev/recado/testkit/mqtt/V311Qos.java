package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.pubcomp;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.pubrec;
import static dev.recado.testkit.mqtt.Packets.pubrel;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** At least once and exactly once in MQTT 3.1.1, with the broker at either end. */
abstract class V311Qos extends Chapter {

    V311Qos(BrokerUnderTest broker) {
        super(broker, Version.V311);
    }

    // ---- QoS 1 ----

    /** When it fails: identifiers come from the message, or DUP does. */
    @Test
    void required_v311_4_3_2_1_firstTransmissionHasUnusedIdentifierAndNoDup() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        Wire publisher = connected();
        Set<Integer> inUse = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            publisher.send(publish(topic, "message " + i).qos(1, 9).dup()).expectAck(PacketType.PUBACK, 9);
            Received message = subscriber.expectPublish(topic, "message " + i);
            assertEquals(1, message.qos(), "QoS");
            assertFalse(message.dup(), "DUP of the first transmission");
            assertTrue(inUse.add(message.packetId()), () -> message + " has an identifier that is in use");
            if (i % 2 == 1) {
                subscriber.acknowledge(message);
                inUse.remove(message.packetId());
            }
        }
    }

    /** When it fails: what has been sent is not kept until its PUBACK, or is kept in spite of it. */
    @Test
    void required_v311_4_3_2_1_messageIsUnacknowledgedUntilPuback() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id)).subscribe(topic, 1);
        connected().publishAll(topic, 1, "one", "two", "three");
        first.expectPublish(topic, "one");
        Received two = first.expectPublish(topic, "two");
        first.expectPublish(topic, "three");
        first.acknowledge(two).expectSilence();
        first.close();
        Wire second = connected(session(id), true);
        second.expectAll(topic, 1, "one", "three").expectSilence().close();
        connected(session(id), true).expectSilence().disconnect();
        forget(id);
    }

    /** When it fails: PUBACK is sent, and the message is not passed on; or the other way round. */
    @Test
    void required_v311_4_3_2_2_messageIsTakenOverAndAcknowledged() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        Wire publisher = connected();
        publisher.send(
                publish(topic, "first").qos(1, 0x0102), publish(topic, "second").qos(1, 7));
        publisher.expectAck(PacketType.PUBACK, 0x0102);
        publisher.expectAck(PacketType.PUBACK, 7);
        publisher.close();
        subscriber.expectAll(topic, 1, "first", "second").expectSilence();
    }

    /** When it fails: repeats are filtered by identifier or DUP, which only QoS 2 allows. */
    @Test
    void required_v311_4_3_2_2_identifierIsFreeAfterPuback() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        Wire publisher = connected();
        publisher.send(publish(topic, "first").qos(1, 5)).expectAck(PacketType.PUBACK, 5);
        publisher.send(publish(topic, "second").qos(1, 5)).expectAck(PacketType.PUBACK, 5);
        publisher.send(publish(topic, "third").qos(1, 5).dup()).expectAck(PacketType.PUBACK, 5);
        subscriber.expectAll(topic, 1, "first", "second", "third").expectSilence();
    }

    // ---- QoS 2, the broker sends ----

    /** When it fails: only the type is looked at. */
    @Test
    void required_v311_3_6_1_1_pubrelWithOtherFlagsIsRefused() {
        needs(MqttFeature.QOS_2);
        for (int flags : new int[] {0x0, 0x1, 0x3, 0xA}) {
            Wire publisher = connected().send(publish(newTopic(), "PUBREC").qos(2, 1));
            publisher.expectAck(PacketType.PUBREC, 1);
            publisher.send(pubrel(1).firstByte(0x60 | flags)).expectClosed();
        }
    }

    /** When it fails: an identifier is free again after PUBREC, or DUP comes from the publisher. */
    @Test
    void required_v311_4_3_3_1_firstTransmissionHasUnusedIdentifierAndNoDup() {
        needs(MqttFeature.QOS_2);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        Wire publisher = connected();
        Set<Integer> inUse = new HashSet<>();
        for (int i = 0; i < 12; i++) {
            publisher.publish(publish(topic, "message " + i).dup(), 2);
            Received message = subscriber.expectPublish(topic, "message " + i);
            assertEquals(2, message.qos(), "QoS");
            assertFalse(message.dup(), "DUP of the first transmission");
            assertTrue(inUse.add(message.packetId()), () -> message + " has an identifier that is in use");
            if (i % 3 == 0) {
                subscriber.acknowledge(message);
                inUse.remove(message.packetId());
            } else if (i % 3 == 1) {
                subscriber.send(pubrec(message.packetId())).expectAck(PacketType.PUBREL, message.packetId());
            }
        }
    }

    /** When it fails: PUBREL takes its identifier from another exchange. */
    @Test
    void required_v311_4_3_3_1_pubrecIsAnsweredWithPubrel() {
        needs(MqttFeature.QOS_2);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        connected().publishAll(topic, 2, "one", "two", "three");
        int one = subscriber.expectPublish(topic, "one").packetId();
        int two = subscriber.expectPublish(topic, "two").packetId();
        int three = subscriber.expectPublish(topic, "three").packetId();
        for (int id : new int[] {one, three, two}) {
            subscriber.send(pubrec(id)).expectAck(PacketType.PUBREL, id);
        }
        subscriber.expectSilence();
    }

    /** When it fails: what has been sent is not kept until its PUBREC. */
    @Test
    void required_v311_4_3_3_1_messageIsUnacknowledgedUntilPubrec() {
        needs(MqttFeature.QOS_2);
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id)).subscribe(topic, 2);
        connected().publish(topic, "again", 2);
        int packetId = first.expectPublish(topic, "again").packetId();
        first.close();
        Wire second = connected(session(id), true);
        Received again = second.expectPublish(topic, "again");
        assertEquals(packetId, again.packetId(), "identifier of the repeated message");
        assertTrue(again.dup(), "DUP of the repeated message");
        second.acknowledge(again).expectSilence().close();
        connected(session(id), true).expectSilence().disconnect();
        forget(id);
    }

    /** When it fails: PUBREL is not kept until its PUBCOMP, or everything begins again with PUBLISH. */
    @Test
    void required_v311_4_3_3_1_pubrelIsUnacknowledgedUntilPubcomp() {
        needs(MqttFeature.QOS_2);
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id)).subscribe(topic, 2);
        connected().publish(topic, "begun", 2);
        int packetId = first.expectPublish(topic, "begun").packetId();
        first.send(pubrec(packetId)).expectAck(PacketType.PUBREL, packetId);
        first.close();
        Wire second = connected(session(id), true);
        second.expectAck(PacketType.PUBREL, packetId);
        second.expectSilence().close();
        Wire third = connected(session(id), true);
        third.expectAck(PacketType.PUBREL, packetId);
        third.send(pubcomp(packetId)).expectSilence().close();
        connected(session(id), true).expectSilence().disconnect();
        forget(id);
    }

    // ---- QoS 2, the broker receives ----

    /** When it fails: PUBCOMP is sent for the oldest exchange, or the message is not passed on in the end. */
    @Test
    void required_v311_4_3_3_2_messageIsTakenOverAndAcknowledged() {
        needs(MqttFeature.QOS_2);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        Wire publisher = connected();
        publisher.send(
                publish(topic, "first").qos(2, 0x0102), publish(topic, "second").qos(2, 7));
        publisher.expectAck(PacketType.PUBREC, 0x0102);
        publisher.expectAck(PacketType.PUBREC, 7);
        publisher.send(pubrel(0x0102)).expectAck(PacketType.PUBCOMP, 0x0102);
        publisher.send(pubrel(7)).expectAck(PacketType.PUBCOMP, 7);
        publisher.close();
        subscriber.expectAll(topic, 2, "first", "second").expectSilence();
    }

    /** When it fails: identifiers are not remembered between PUBREC and PUBREL, or the repeat is dropped unanswered. */
    @Test
    void required_v311_4_3_3_2_repeatedMessageIsDeliveredOnce() {
        needs(MqttFeature.QOS_2);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        Wire publisher = connected();
        publisher.send(publish(topic, "once").qos(2, 1)).expectAck(PacketType.PUBREC, 1);
        publisher.send(publish(topic, "once").qos(2, 1).dup()).expectAck(PacketType.PUBREC, 1);
        publisher.send(publish(topic, "once").qos(2, 1).dup()).expectAck(PacketType.PUBREC, 1);
        publisher.send(pubrel(1)).expectAck(PacketType.PUBCOMP, 1);
        publisher.publish(topic, "last", 2);
        subscriber.expectAll(topic, 2, "once", "last").expectSilence();
    }

    /** When it fails: the identifiers that wait for PUBREL belong to the connection, not to the session. */
    @Test
    void required_v311_4_3_3_2_messageRepeatedOnAnotherConnectionIsDeliveredOnce() {
        needs(MqttFeature.QOS_2);
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        Wire first = connected(session(id));
        first.send(publish(topic, "once").qos(2, 1)).expectAck(PacketType.PUBREC, 1);
        first.close();
        Wire second = connected(session(id), true);
        second.send(publish(topic, "once").qos(2, 1).dup()).expectAck(PacketType.PUBREC, 1);
        second.send(pubrel(1)).expectAck(PacketType.PUBCOMP, 1);
        second.publish(topic, "last", 2).disconnect();
        subscriber.expectAll(topic, 2, "once", "last").expectSilence();
        forget(id);
    }

    /** When it fails: an identifier stays among those that wait for PUBREL, or DUP is taken for proof of a repeat. */
    @Test
    void required_v311_4_3_3_2_identifierIsFreeAfterPubcomp() {
        needs(MqttFeature.QOS_2);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        Wire publisher = connected();
        for (String payload : new String[] {"first", "second", "third"}) {
            publisher.send(publish(topic, payload).qos(2, 5).dup()).expectAck(PacketType.PUBREC, 5);
            publisher.send(pubrel(5)).expectAck(PacketType.PUBCOMP, 5);
        }
        subscriber.expectAll(topic, 2, "first", "second", "third").expectSilence();
    }

    /** When it fails: a PUBREL that belongs to nothing is not answered; the client would repeat it for ever. */
    @Test
    void required_v311_4_3_3_2_everyPubrelIsAnswered() {
        needs(MqttFeature.QOS_2);
        Wire publisher = connected();
        publisher.publish(newTopic(), "complete", 2);
        publisher.send(pubrel(1)).expectAck(PacketType.PUBCOMP, 1);
        publisher.send(pubrel(77)).expectAck(PacketType.PUBCOMP, 77);
    }
}
