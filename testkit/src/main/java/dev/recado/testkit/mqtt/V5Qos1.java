package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.puback;
import static dev.recado.testkit.mqtt.Packets.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** At least once, in MQTT 5: PUBLISH and PUBACK, with the broker at either end. */
abstract class V5Qos1 extends Chapter {

    V5Qos1(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- The broker receives ----

    /** When it fails: the code for messages that nobody subscribes to is sent though somebody does. */
    @Test
    void required_v5_3_4_2_1_deliveredMessageIsASuccess() {
        String topic = newTopic();
        Wire publisher = connected();
        publisher.send(publish(topic, "nobody").qos(1, 1));
        assertTrue(
                Set.of(0x00, 0x10)
                        .contains(publisher.expectAck(PacketType.PUBACK, 1).code()),
                "PUBACK 0x00 or 0x10");
        Wire subscriber = connected().subscribe(topic, 0);
        publisher.send(publish(topic, "somebody").qos(1, 2)).expect(PacketType.PUBACK, 0x00);
        subscriber.expectPublish(topic, "somebody");
    }

    /** When it fails: a refusal's code is not one that PUBACK has, or PUBACK says that all is well. */
    @Test
    void required_v5_3_4_2_1_refusalHasCodeOfPuback() {
        String topic = declared(broker.refusedTopic(), "refusingTopic");
        Wire publisher = connected();
        // The reader refuses codes that PUBACK does not have.
        Received refusal = refused(publisher, topic);
        assertTrue(refusal.code() >= 0x80, () -> refusal + " is no refusal");
        publisher.publish(newTopic(), "the connection lives", 1);
    }

    /** When it fails: the message has sizes; PUBACK has a Reason String though it does not fit. */
    @Test
    void required_v5_3_4_2_2_reasonStringOfPubackGivesWayToMaximumPacketSize() {
        String topic = declared(broker.refusedTopic(), "refusingTopic");
        givesWay(Property.REASON_STRING, wire -> refused(wire, topic));
        givesWay(Property.REASON_STRING, wire -> refused(wire, newTopic()));
    }

    /** When it fails: the message has sizes; PUBACK has User Properties though they do not fit. */
    @Test
    void required_v5_3_4_2_3_userPropertiesOfPubackGiveWayToMaximumPacketSize() {
        String topic = declared(broker.refusedTopic(), "refusingTopic");
        givesWay(Property.USER_PROPERTY, wire -> refused(wire, topic));
        givesWay(Property.USER_PROPERTY, wire -> refused(wire, newTopic()));
    }

    private static Received refused(Wire publisher, String topic) {
        return publisher.send(publish(topic, "refused").qos(1, 1)).expect(PacketType.PUBACK);
    }

    /** When it fails: PUBACK is sent, and the message is not passed on; or the other way round. */
    @Test
    void required_v5_4_3_2_4_messageIsTakenOverAndAcknowledged() {
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
    void required_v5_4_3_2_5_identifierIsFreeAfterPuback() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        Wire publisher = connected();
        publisher.send(publish(topic, "first").qos(1, 5)).expectAck(PacketType.PUBACK, 5);
        publisher.send(publish(topic, "second").qos(1, 5)).expectAck(PacketType.PUBACK, 5);
        publisher.send(publish(topic, "third").qos(1, 5).dup()).expectAck(PacketType.PUBACK, 5);
        subscriber.expectAll(topic, 1, "first", "second", "third").expectSilence();
    }

    // ---- The broker sends ----

    /** When it fails: identifiers come from the message, or from a counter that goes round. */
    @Test
    void required_v5_4_3_2_1_newMessageHasUnusedIdentifier() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        Wire publisher = connected();
        Set<Integer> inUse = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            publisher.send(publish(topic, "message " + i).qos(1, 9)).expectAck(PacketType.PUBACK, 9);
            Received message = subscriber.expectPublish(topic, "message " + i);
            assertTrue(inUse.add(message.packetId()), () -> message + " has an identifier that is in use");
            if (i % 2 == 1) {
                subscriber.acknowledge(message);
                inUse.remove(message.packetId());
            }
        }
    }

    /** When it fails: the first byte of what came in is copied. */
    @Test
    void required_v5_4_3_2_2_firstTransmissionHasQos1AndNoDup() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        connected().publish(publish(topic, "new to the subscriber").dup(), 1);
        // The reader refuses identifier 0.
        Received message = subscriber.expectPublish(topic, "new to the subscriber");
        assertEquals(1, message.qos(), "QoS");
        assertFalse(message.dup(), "DUP");
    }

    /** When it fails: what has been sent is not kept until its PUBACK, or is kept in spite of it. */
    @Test
    void required_v5_4_3_2_3_messageIsUnacknowledgedUntilPuback() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id)).subscribe(topic, 1);
        Wire publisher = connected();
        for (String payload : new String[] {"one", "two", "three"}) {
            publisher.publish(topic, payload, 1);
        }
        Received one = first.expectPublish(topic, "one");
        Received two = first.expectPublish(topic, "two");
        Received three = first.expectPublish(topic, "three");
        first.acknowledge(two).expectSilence();
        first.close();
        Wire second = connected(session(id), true);
        Received again = second.expectPublish(topic, "one");
        assertEquals(one.packetId(), again.packetId(), "identifier of the repeated message");
        assertEquals(three.packetId(), second.expectPublish(topic, "three").packetId(), "identifier");
        second.acknowledge(one).acknowledge(three).expectSilence();
        second.close();
        connected(session(id), true).expectSilence();
    }

    /** When it fails: a negative PUBACK is not taken for the end of the exchange. */
    @Test
    void required_v5_section_4_3_2_refusedMessageIsNotRepeated() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id)).subscribe(topic, 1);
        connected().publish(topic, "refused", 1);
        int packetId = first.expectPublish(topic, "refused").packetId();
        first.send(puback(packetId).code(0x80)).expectSilence();
        first.close();
        connected(session(id), true).expectSilence();
    }

    /** When it fails: a PUBACK nobody waits for ends the connection or another message's exchange. */
    @Test
    void required_v5_section_4_3_2_pubackForNothingDoesNoHarm() {
        String topic = newTopic();
        Wire subscriber = connected(connect(newClientId()).with(Property.RECEIVE_MAXIMUM, 1));
        subscriber.subscribe(topic, 1);
        connected().publish(topic, "one", 1).publish(topic, "two", 1);
        Received one = subscriber.expectPublish(topic, "one");
        int other = one.packetId() == 1000 ? 1001 : 1000;
        subscriber.send(puback(other)).expectSilence();
        subscriber.acknowledge(one).acknowledge(subscriber.expectPublish(topic, "two"));
    }
}
