package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.puback;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.pubrec;
import static dev.recado.testkit.mqtt.Packets.pubrel;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static dev.recado.testkit.mqtt.Packets.unsubscribe;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Errors in MQTT 5: what is said of them, what they end, and what they do not. */
abstract class V5Errors extends Chapter {

    V5Errors(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- What is said ----

    /** When it fails: Request Problem Information is not asked for, or not by every packet. */
    @Test
    void required_v5_3_1_2_29_problemInformationIsForThoseWhoAsk() {
        Wire wire = connected(connect(newClientId()).with(Property.REQUEST_PROBLEM_INFORMATION, 0));
        String topic = newTopic();
        expectNoInformation(wire, subscribe(1, topic, 0), PacketType.SUBACK);
        expectNoInformation(wire, unsubscribe(2, topic, topic + "/never"), PacketType.UNSUBACK);
        expectNoInformation(wire, publish(topic, "to nobody").qos(1, 3), PacketType.PUBACK);
        if (broker.has(MqttFeature.QOS_2)) {
            expectNoInformation(wire, publish(topic, "to nobody").qos(2, 4), PacketType.PUBREC);
            expectNoInformation(wire, pubrel(4), PacketType.PUBCOMP);
            expectNoInformation(wire, pubrel(5), PacketType.PUBCOMP);
        }
    }

    /** When it fails: as above, where there is most to say. */
    @Test
    void required_v5_3_1_2_29_refusedPublishIsAnsweredWithoutProblemInformation() {
        String refused = declared(broker.refusedTopic(), "refusingTopic");
        Wire wire = connected(connect(newClientId()).with(Property.REQUEST_PROBLEM_INFORMATION, 0));
        expectNoInformation(wire, publish(refused, "").qos(1, 1), PacketType.PUBACK);
    }

    private static void expectNoInformation(Wire wire, Outgoing<?> request, PacketType answer) {
        Received packet = wire.send(request).expect(answer);
        assertFalse(packet.has(Property.REASON_STRING), () -> packet + " has a Reason String");
        assertFalse(packet.has(Property.USER_PROPERTY), () -> packet + " has User Properties");
    }

    // ---- Errors of one message ----

    /** When it fails: only PUBACK without an error settles a message. */
    @Test
    void required_v5_4_4_0_2_pubackWithErrorSettlesTheMessage() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id), false).subscribe(topic, 1);
        connected().publish(topic, "refused by the client", 1);
        int packetId = first.expectPublish(topic, "refused by the client").packetId();
        first.send(puback(packetId).code(0x80)).expectSilence().disconnect();
        connected(session(id), true).expectSilence().disconnect();
        forget(id);
    }

    /** When it fails: PUBREC with an error is answered with PUBREL, or settles nothing. */
    @Test
    void required_v5_4_4_0_2_pubrecWithErrorSettlesTheMessage() {
        needs(MqttFeature.SESSIONS);
        needs(MqttFeature.QOS_2);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id), false).subscribe(topic, 2);
        connected().publish(topic, "refused by the client", 2);
        int packetId = first.expectPublish(topic, "refused by the client").packetId();
        first.send(pubrec(packetId).code(0x97)).expectSilence().disconnect();
        connected(session(id), true).expectSilence().disconnect();
        forget(id);
    }

    // ---- Errors that end the connection ----

    /** When it fails: the message shows the packet; what the broker cannot understand, it must not skip. */
    @Test
    void required_v5_4_13_1_1_malformedPacketEndsTheConnection() {
        String topic = newTopic();
        for (Outgoing<?> malformed : List.of(
                puback(1).firstByte(0x00), // no such type
                publish(topic, "").qos(3, 1),
                subscribe(1, topic, 3), // QoS 3
                subscribe(1, topic, 0xC0), // reserved bits of the options
                subscribe(1, topic, 0).then(0, 9), // a filter beyond the end
                unsubscribe(1, topic).then(9),
                publish(topic, "").rawProperties(100),
                publish(topic, "").rawProperties(2, 0x7E, 0), // no such property
                puback(1).code(0).rawProperties(5))) {
            connected().send(malformed).expectClosed(0x81, 0x82);
        }
    }

    /** When it fails: the message shows the packet; the broker takes what the standard forbids. */
    @Test
    void required_v5_4_13_1_1_protocolErrorEndsTheConnection() {
        String topic = newTopic();
        for (Outgoing<?> forbidden : List.of(
                connect(newClientId()),
                subscribe(1),
                unsubscribe(1),
                subscribe(1, topic, 0x30), // Retain Handling 3
                subscribe(1, topic, 0).with(Property.SUBSCRIPTION_IDENTIFIER, 0),
                publish(topic, "").with(Property.CONTENT_TYPE, "one").with(Property.CONTENT_TYPE, "two"))) {
            connected().send(forbidden).expectClosed(0x82, 0x81);
        }
    }

    /** When it fails: what came behind the bad packet in one read is still dispatched. */
    @Test
    void required_v5_4_13_1_1_nothingBehindABadPacketIsHandled() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected().send(subscribe(1), publish(topic, "behind a bad packet")).expectClosed(0x82);
        connected().publish(topic, "last", 1);
        subscriber.expectPublish(topic, "last");
        subscriber.expectSilence();
    }

    /** When it fails: the answer is an error, and the connection stays. */
    @Test
    void required_v5_4_13_2_1_errorOfConnectEndsTheConnection() {
        open().send(connect(newClientId()).with(Property.RECEIVE_MAXIMUM, 0)).expectRefused(0x82);
        open().send(connect(newClientId()).will("a/#", "will")).expectRefused(0x90, 0x81, 0x82);
    }

    /** When it fails: as above, where DISCONNECT has the error, or where it cannot be sent at all. */
    @Test
    void required_v5_4_13_2_1_errorOfTheConnectionEndsItWithOrWithoutDisconnect() {
        connected().send(subscribe(1)).expectClosed(0x82);
        // Says DISCONNECT and does not listen.
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire deaf = connected(connect(newClientId()).will(topic, "closed"));
        deaf.send(subscribe(1)).close();
        subscriber.expectPublish(topic, "closed");
    }

    /** When it fails: one client's error is everybody's. */
    @Test
    void required_v5_section_4_13_othersDoNotNoticeAnError() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        Wire publisher = connected();
        connected().subscribe(topic, 1).send(subscribe(1)).expectClosed(0x82);
        publisher.publish(topic, "as before", 1);
        subscriber.acknowledge(subscriber.expectPublish(topic, "as before")).expectSilence();
    }
}
