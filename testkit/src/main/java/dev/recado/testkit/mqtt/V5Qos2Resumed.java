package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.pubcomp;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.pubrec;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exactly once, in MQTT 5, with the broker as the sender, when the connection or the message comes to its end midway. */
abstract class V5Qos2Resumed extends Chapter {

    V5Qos2Resumed(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    @BeforeEach
    void needQos2() {
        needs(MqttFeature.QOS_2);
    }

    /** When it fails: what has been sent is not kept until its PUBREC, or comes back with another identifier. */
    @Test
    void required_v5_4_3_3_3_messageIsUnacknowledgedUntilPubrec() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id)).subscribe(topic, 2);
        connected().publish(topic, "again", 2);
        Received sent = first.expectPublish(topic, "again");
        first.close();
        Wire second = connected(session(id), true);
        Received again = second.expectPublish(topic, "again");
        assertEquals(sent.packetId(), again.packetId(), "identifier of the repeated message");
        assertTrue(again.dup(), "DUP of the repeated message");
        second.acknowledge(again).expectSilence();
        second.close();
        connected(session(id), true).expectSilence();
    }

    /** When it fails: a PUBREC with an error leaves the message among those to be repeated. */
    @Test
    void required_v5_4_3_3_3_refusedMessageIsNotRepeated() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id)).subscribe(topic, 2);
        connected().publish(topic, "refused", 2);
        first.send(pubrec(first.expectPublish(topic, "refused").packetId()).code(0x80))
                .expectSilence();
        first.close();
        connected(session(id), true).expectSilence();
    }

    /** When it fails: PUBREL is sent once, and not kept until its PUBCOMP. */
    @Test
    void required_v5_4_3_3_5_pubrelIsUnacknowledgedUntilPubcomp() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        int packetId = interruptedBehindPubrel(id);
        Wire second = connected(session(id), true);
        second.expectAck(PacketType.PUBREL, packetId);
        second.close();
        Wire third = connected(session(id), true);
        third.expectAck(PacketType.PUBREL, packetId);
        third.send(pubcomp(packetId)).expectSilence();
        third.close();
        connected(session(id), true).expectSilence();
    }

    /** When it fails: on resumption everything begins again with its PUBLISH. */
    @Test
    void required_v5_4_3_3_6_messageIsNotRepeatedBehindPubrel() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        int packetId = interruptedBehindPubrel(id);
        Wire second = connected(session(id), true);
        second.expectAck(PacketType.PUBREL, packetId);
        second.expectSilence();
    }

    /** The identifier of a message that had its PUBREL when the connection was cut. */
    private int interruptedBehindPubrel(String id) {
        String topic = newTopic();
        Wire first = connected(session(id)).subscribe(topic, 2);
        connected().publish(topic, "begun", 2);
        int packetId = first.expectPublish(topic, "begun").packetId();
        first.send(pubrec(packetId)).expectAck(PacketType.PUBREL, packetId);
        first.close();
        return packetId;
    }

    /** When it fails: messages under way are looked through for expired ones. */
    @Test
    void required_v5_4_3_3_7_messageUnderWayDoesNotExpire() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 2);
        connected().publish(publish(topic, "expires").with(Property.MESSAGE_EXPIRY_INTERVAL, 1), 2);
        Received message = subscriber.expectPublish(topic, "expires");
        letSecondPass();
        subscriber.send(pubrec(message.packetId())).expect(PacketType.PUBREL, 0x00);
        subscriber.send(pubcomp(message.packetId())).expectSilence();
    }

    /** When it fails: as above, when the client comes back. */
    @Test
    void required_v5_4_3_3_7_messageUnderWayIsRepeatedThoughExpired() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id)).subscribe(topic, 2);
        connected().publish(publish(topic, "expires").with(Property.MESSAGE_EXPIRY_INTERVAL, 1), 2);
        int packetId = first.expectPublish(topic, "expires").packetId();
        first.close();
        letSecondPass();
        Wire second = connected(session(id), true);
        Received again = second.expectPublish(topic, "expires");
        assertEquals(packetId, again.packetId(), "identifier of the repeated message");
        second.acknowledge(again).expectSilence();
    }
}
