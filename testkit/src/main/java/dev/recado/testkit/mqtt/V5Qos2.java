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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exactly once, in MQTT 5, with the broker as the receiver, and what its answers look like at either end. */
abstract class V5Qos2 extends Chapter {

    V5Qos2(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    @BeforeEach
    void needQos2() {
        needs(MqttFeature.QOS_2);
    }

    // ---- PUBREC, PUBREL, PUBCOMP ----

    /** When it fails: the code for messages that nobody subscribes to is sent though somebody does. */
    @Test
    void required_v5_3_5_2_1_deliveredMessageIsASuccess() {
        String topic = newTopic();
        Wire publisher = connected();
        Received answer = publisher.send(publish(topic, "nobody").qos(2, 1)).expectAck(PacketType.PUBREC, 1);
        assertTrue(Set.of(0x00, 0x10).contains(answer.code()), "PUBREC 0x00 or 0x10");
        connected().subscribe(topic, 0);
        publisher.send(publish(topic, "somebody").qos(2, 2)).expect(PacketType.PUBREC, 0x00);
    }

    /** When it fails: a refusal's code is not one that PUBREC has, or PUBREC says that all is well. */
    @Test
    void required_v5_3_5_2_1_refusalHasCodeOfPubrec() {
        String topic = declared(broker.refusedTopic(), "refusingTopic");
        Received refusal = refused(connected(), topic);
        // The reader refuses codes that PUBREC does not have.
        assertTrue(refusal.code() >= 0x80, () -> refusal + " is no refusal");
    }

    /** When it fails: the message has sizes; PUBREC has a Reason String though it does not fit. */
    @Test
    void required_v5_3_5_2_2_reasonStringOfPubrecGivesWayToMaximumPacketSize() {
        String topic = declared(broker.refusedTopic(), "refusingTopic");
        givesWay(Property.REASON_STRING, wire -> refused(wire, topic));
        givesWay(Property.REASON_STRING, wire -> refused(wire, newTopic()));
    }

    /** When it fails: the message has sizes; PUBREC has User Properties though they do not fit. */
    @Test
    void required_v5_3_5_2_3_userPropertiesOfPubrecGiveWayToMaximumPacketSize() {
        String topic = declared(broker.refusedTopic(), "refusingTopic");
        givesWay(Property.USER_PROPERTY, wire -> refused(wire, topic));
        givesWay(Property.USER_PROPERTY, wire -> refused(wire, newTopic()));
    }

    private static Received refused(Wire publisher, String topic) {
        return publisher.send(publish(topic, "refused").qos(2, 1)).expect(PacketType.PUBREC);
    }

    /** When it fails: only the type is looked at. */
    @Test
    void required_v5_3_6_1_1_pubrelWithOtherFlagsIsRefused() {
        for (int flags : new int[] {0x0, 0x1, 0x3, 0xA}) {
            Wire publisher = connected().send(publish(newTopic(), "PUBREC").qos(2, 1));
            publisher.expectAck(PacketType.PUBREC, 1);
            publisher.send(pubrel(1).firstByte(0x60 | flags)).expectClosed(0x81);
        }
    }

    /** When it fails: a PUBREC that belongs to nothing is answered with a code that PUBREL does not have, or not at all. */
    @Test
    void required_v5_3_6_2_1_pubrelHasCodeOfItsOwn() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        connected().publish(topic, "PUBREL 0x00", 2);
        int id = subscriber.expectPublish(topic, "PUBREL 0x00").packetId();
        subscriber.send(pubrec(id)).expect(PacketType.PUBREL, 0x00);
        // The reader takes 0x00 and 0x92 alone.
        subscriber.send(pubcomp(id), pubrec(id + 1));
        assertEquals(id + 1, subscriber.expect(PacketType.PUBREL).packetId(), "identifier of PUBREL");
    }

    /** When it fails: the message has sizes; PUBREL has a Reason String though it does not fit. */
    @Test
    void required_v5_3_6_2_2_reasonStringOfPubrelGivesWayToMaximumPacketSize() {
        givesWay(Property.REASON_STRING, wire -> wire.send(pubrec(1)).expect(PacketType.PUBREL));
    }

    /** When it fails: the message has sizes; PUBREL has User Properties though they do not fit. */
    @Test
    void required_v5_3_6_2_3_userPropertiesOfPubrelGiveWayToMaximumPacketSize() {
        givesWay(Property.USER_PROPERTY, wire -> wire.send(pubrec(1)).expect(PacketType.PUBREL));
    }

    /** When it fails: a PUBREL that belongs to nothing is answered with a code that PUBCOMP does not have, or not at all. */
    @Test
    void required_v5_3_7_2_1_pubcompHasCodeOfItsOwn() {
        Wire publisher = connected().send(publish(newTopic(), "PUBCOMP 0x00").qos(2, 1));
        publisher.expectAck(PacketType.PUBREC, 1);
        publisher.send(pubrel(1)).expect(PacketType.PUBCOMP, 0x00);
        // The reader takes 0x00 and 0x92 alone.
        publisher.send(pubrel(9));
        assertEquals(9, publisher.expect(PacketType.PUBCOMP).packetId(), "identifier of PUBCOMP");
    }

    /** When it fails: the message has sizes; PUBCOMP has a Reason String though it does not fit. */
    @Test
    void required_v5_3_7_2_2_reasonStringOfPubcompGivesWayToMaximumPacketSize() {
        givesWay(Property.REASON_STRING, wire -> wire.send(pubrel(1)).expect(PacketType.PUBCOMP));
    }

    /** When it fails: the message has sizes; PUBCOMP has User Properties though they do not fit. */
    @Test
    void required_v5_3_7_2_3_userPropertiesOfPubcompGiveWayToMaximumPacketSize() {
        givesWay(Property.USER_PROPERTY, wire -> wire.send(pubrel(1)).expect(PacketType.PUBCOMP));
    }

    // ---- The broker receives ----

    /** When it fails: PUBREC is sent, and the message is not passed on in the end; or the other way round. */
    @Test
    void required_v5_4_3_3_8_messageIsTakenOverAndAnsweredWithPubrec() {
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

    /** When it fails: a refused message leaves its identifier behind among those that wait for PUBREL. */
    @Test
    void required_v5_4_3_3_9_identifierIsFreeAfterRefusal() {
        String refusing = declared(broker.refusedTopic(), "refusingTopic");
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        Wire publisher = connected();
        Received refusal = refused(publisher, refusing);
        assertTrue(refusal.code() >= 0x80, () -> refusal + " is no refusal");
        publisher.send(publish(topic, "the same identifier").qos(2, 1)).expectAck(PacketType.PUBREC, 1);
        publisher.send(pubrel(1)).expectAck(PacketType.PUBCOMP, 1);
        subscriber.expectAll(topic, 2, "the same identifier").expectSilence();
    }

    /** When it fails: identifiers are not remembered between PUBREC and PUBREL, or the repeat is dropped unanswered. */
    @Test
    void required_v5_4_3_3_10_repeatedMessageIsDeliveredOnce() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        Wire publisher = connected();
        publisher.send(publish(topic, "once").qos(2, 1)).expectAck(PacketType.PUBREC, 1);
        publisher.send(publish(topic, "once").qos(2, 1).dup()).expectAck(PacketType.PUBREC, 1);
        publisher.send(publish(topic, "once").qos(2, 1).dup()).expectAck(PacketType.PUBREC, 1);
        publisher.send(pubrel(1)).expectAck(PacketType.PUBCOMP, 1);
        publisher.send(publish(topic, "last").qos(2, 2)).expectAck(PacketType.PUBREC, 2);
        publisher.send(pubrel(2)).expectAck(PacketType.PUBCOMP, 2);
        subscriber.expectAll(topic, 2, "once", "last").expectSilence();
    }

    /** When it fails: the identifiers that wait for PUBREL belong to the connection, not to the session. */
    @Test
    void required_v5_4_3_3_10_messageRepeatedOnAnotherConnectionIsDeliveredOnce() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        Wire first = connected(session(id));
        first.send(publish(topic, "once").qos(2, 1)).expectAck(PacketType.PUBREC, 1);
        first.close();
        Wire second = connected(session(id), true);
        second.send(publish(topic, "once").qos(2, 1).dup()).expectAck(PacketType.PUBREC, 1);
        second.close();
        Wire third = connected(session(id), true);
        third.send(pubrel(1)).expectAck(PacketType.PUBCOMP, 1);
        third.send(publish(topic, "last").qos(2, 1)).expectAck(PacketType.PUBREC, 1);
        third.send(pubrel(1)).expectAck(PacketType.PUBCOMP, 1);
        subscriber.expectAll(topic, 2, "once", "last").expectSilence();
    }

    /** When it fails: PUBCOMP is sent for the oldest exchange instead of the one that PUBREL names. */
    @Test
    void required_v5_4_3_3_11_pubrelIsAnsweredWithPubcomp() {
        Wire publisher = connected();
        for (int id : new int[] {1, 2, 3}) {
            publisher.send(publish(newTopic(), "PUBREC").qos(2, id)).expectAck(PacketType.PUBREC, id);
        }
        for (int id : new int[] {2, 3, 1}) {
            publisher.send(pubrel(id)).expectAck(PacketType.PUBCOMP, id);
        }
        publisher.expectSilence();
    }

    /** When it fails: an identifier stays among those that wait for PUBREL, or DUP is taken for proof of a repeat. */
    @Test
    void required_v5_4_3_3_12_identifierIsFreeAfterPubcomp() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        Wire publisher = connected();
        for (String payload : new String[] {"first", "second"}) {
            publisher.send(publish(topic, payload).qos(2, 5)).expectAck(PacketType.PUBREC, 5);
            publisher.send(pubrel(5)).expectAck(PacketType.PUBCOMP, 5);
        }
        publisher.send(publish(topic, "third").qos(2, 5).dup()).expectAck(PacketType.PUBREC, 5);
        publisher.send(pubrel(5)).expectAck(PacketType.PUBCOMP, 5);
        subscriber.expectAll(topic, 2, "first", "second", "third").expectSilence();
    }

    /** When it fails: an exchange is forgotten with its message. */
    @Test
    void required_v5_4_3_3_13_exchangeIsFinishedThoughTheMessageHasExpired() {
        Wire publisher = connected();
        publisher
                .send(publish(newTopic(), "expires").qos(2, 1).with(Property.MESSAGE_EXPIRY_INTERVAL, 1))
                .expectAck(PacketType.PUBREC, 1);
        letSecondPass();
        publisher.send(pubrel(1)).expect(PacketType.PUBCOMP, 0x00);
    }

    // ---- The broker sends: first transmission ----

    /** When it fails: an identifier is free again after PUBREC. */
    @Test
    void required_v5_4_3_3_1_newMessageHasUnusedIdentifier() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        Wire publisher = connected();
        Set<Integer> inUse = new HashSet<>();
        for (int i = 0; i < 12; i++) {
            publisher.publish(topic, "message " + i, 2);
            Received message = subscriber.expectPublish(topic, "message " + i);
            assertTrue(inUse.add(message.packetId()), () -> message + " has an identifier that is in use");
            if (i % 3 == 0) {
                subscriber.acknowledge(message);
                inUse.remove(message.packetId());
            } else if (i % 3 == 1) {
                subscriber.send(pubrec(message.packetId())).expectAck(PacketType.PUBREL, message.packetId());
            }
        }
    }

    /** When it fails: the first byte of what came in is copied. */
    @Test
    void required_v5_4_3_3_2_firstTransmissionHasQos2AndNoDup() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        connected().publish(publish(topic, "new to the subscriber").dup(), 2);
        // The reader refuses identifier 0.
        Received message = subscriber.expectPublish(topic, "new to the subscriber");
        assertEquals(2, message.qos(), "QoS");
        assertFalse(message.dup(), "DUP");
    }

    /** When it fails: PUBREL waits for something else than PUBREC, or takes its identifier from another exchange. */
    @Test
    void required_v5_4_3_3_4_pubrecIsAnsweredWithPubrel() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        connected().publish(topic, "one", 2).publish(topic, "two", 2).publish(topic, "three", 2);
        int one = subscriber.expectPublish(topic, "one").packetId();
        int two = subscriber.expectPublish(topic, "two").packetId();
        int three = subscriber.expectPublish(topic, "three").packetId();
        for (int id : new int[] {one, three}) {
            subscriber.send(pubrec(id)).expectAck(PacketType.PUBREL, id);
        }
        // No matching subscribers is a success, too.
        subscriber.send(pubrec(two).code(0x10)).expectAck(PacketType.PUBREL, two);
        subscriber.expectSilence();
    }

    /** When it fails: a negative PUBREC is answered with PUBREL. */
    @Test
    void required_v5_4_3_3_4_negativePubrecEndsTheExchange() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        connected().publish(topic, "refused", 2);
        int id = subscriber.expectPublish(topic, "refused").packetId();
        subscriber.send(pubrec(id).code(0x80)).expectSilence();
    }
}
