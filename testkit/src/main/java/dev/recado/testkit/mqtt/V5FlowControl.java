package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.puback;
import static dev.recado.testkit.mqtt.Packets.pubcomp;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.pubrec;
import static dev.recado.testkit.mqtt.Packets.pubrel;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Receive Maximum and Maximum Packet Size in MQTT 5: what a client takes, and what the broker then does not send. */
abstract class V5FlowControl extends Chapter {

    /** Enough for CONNACK, the answers and short messages; too little for {@link #LARGE}. */
    private static final int MAXIMUM_PACKET_SIZE = 300;

    private static final String LARGE = "a large message ".repeat(20);

    V5FlowControl(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    private Connect receiving(int maximum) {
        return connect(newClientId()).with(Property.RECEIVE_MAXIMUM, maximum);
    }

    // ---- Maximum Packet Size ----

    /** When it fails: the message's size is compared in some of the ways to a client, and not in all. */
    @Test
    void required_v5_3_1_2_24_tooLargeMessageIsNotSent() {
        String topic = newTopic();
        Wire subscriber = connected(connect(newClientId()).with(Property.MAXIMUM_PACKET_SIZE, MAXIMUM_PACKET_SIZE));
        subscriber.subscribe(topic, 1);
        Wire publisher = connected();
        for (int qos = 0; qos <= 1; qos++) {
            publisher.publish(topic, LARGE, qos).publish(topic, "small", qos);
            // The reader refuses what is larger than the client permits.
            subscriber.acknowledge(subscriber.expectPublish(topic, "small"));
            subscriber.expectSilence();
        }
    }

    /** When it fails: something is left out of the size: properties, topic, or the fixed header. */
    @Test
    void required_v5_3_1_2_24_messageOfExactlyThatSizeIsSent() {
        String topic = newTopic();
        Wire subscriber = connected(connect(newClientId()).with(Property.MAXIMUM_PACKET_SIZE, MAXIMUM_PACKET_SIZE));
        subscriber.subscribe(topic, 0);
        Wire publisher = connected();
        // Fixed header 3, topic and its length, Property Length 1, Content Type 3 + 4.
        int room = MAXIMUM_PACKET_SIZE - 3 - 2 - topic.length() - 1 - 7;
        for (int size = room - 2; size <= room + 2; size++) {
            publisher.publish(publish(topic, "x".repeat(size)).with(Property.CONTENT_TYPE, "text"), 0);
        }
        publisher.publish(topic, "last", 0);
        for (int size = room - 2; size <= room; size++) {
            subscriber.expectPublish(topic, "x".repeat(size));
        }
        subscriber.expectPublish(topic, "last");
        subscriber.expectSilence();
    }

    /** When it fails: retained messages go another way, on which nobody looks at their size. */
    @Test
    void required_v5_3_1_2_24_tooLargeRetainedMessageIsNotSent() {
        needs(MqttFeature.RETAIN);
        String topic = newTopic();
        connected().publish(publish(topic, LARGE).retain(), 1);
        Wire subscriber = connected(connect(newClientId()).with(Property.MAXIMUM_PACKET_SIZE, MAXIMUM_PACKET_SIZE));
        subscriber.subscribe(topic, 1).expectSilence();
        connected().publish(topic, "small", 1);
        subscriber.acknowledge(subscriber.expectPublish(topic, "small"));
        subscriber.expectSilence();
    }

    /** When it fails: a message that was dropped keeps its place among those that wait for their acknowledgement. */
    @Test
    void required_v5_3_1_2_25_droppedMessageUsesNoQuota() {
        String topic = newTopic();
        Wire subscriber = connected(receiving(1).with(Property.MAXIMUM_PACKET_SIZE, MAXIMUM_PACKET_SIZE));
        subscriber.subscribe(topic, 1);
        Wire publisher = connected();
        for (String payload : new String[] {LARGE, LARGE, "one", LARGE, "two", LARGE, "three"}) {
            publisher.publish(topic, payload, 1);
        }
        for (String payload : new String[] {"one", "two", "three"}) {
            subscriber.acknowledge(subscriber.expectPublish(topic, payload));
        }
        subscriber.expectSilence();
    }

    /** When it fails: a message that was too large stays in the session, for a connection that takes more. */
    @Test
    void required_v5_3_1_2_25_droppedMessageDoesNotComeBack() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id).with(Property.MAXIMUM_PACKET_SIZE, MAXIMUM_PACKET_SIZE));
        first.subscribe(topic, 1);
        connected().publish(topic, LARGE, 1).publish(topic, "small", 1);
        first.acknowledge(first.expectPublish(topic, "small")).expectSilence();
        first.disconnect();
        connected(session(id), true).expectSilence();
    }

    /** When it fails: what waited in the session is sent whatever its size, or ends the connection. */
    @Test
    void required_v5_3_1_2_25_tooLargeWaitingMessageIsDropped() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        connected(session(id)).subscribe(topic, 1).disconnect();
        connected().publish(topic, "one", 1).publish(topic, LARGE, 1).publish(topic, "two", 1);
        Wire back = connected(
                session(id)
                        .with(Property.MAXIMUM_PACKET_SIZE, MAXIMUM_PACKET_SIZE)
                        .with(Property.RECEIVE_MAXIMUM, 1),
                true);
        back.acknowledge(back.expectPublish(topic, "one"));
        back.acknowledge(back.expectPublish(topic, "two"));
        back.expectSilence();
        back.disconnect();
        connected(session(id), true).expectSilence();
    }

    // ---- Receive Maximum ----

    /** When it fails: Receive Maximum is not looked at, or one acknowledgement makes room for several messages. */
    @Test
    void required_v5_3_3_4_9_noMoreThanReceiveMaximumAreUnderWay() {
        String topic = newTopic();
        Wire subscriber = connected(receiving(3)).subscribe(topic, 1);
        Wire publisher = connected();
        for (int i = 0; i < 8; i++) {
            publisher.publish(topic, "message " + i, 1);
        }
        Received[] messages = new Received[8];
        for (int i = 0; i < 3; i++) {
            messages[i] = subscriber.expectPublish(topic, "message " + i);
        }
        subscriber.expectSilence();
        for (int i = 3; i < 8; i++) {
            // Not in the order of their arrival.
            subscriber.acknowledge(messages[i < 6 ? 5 - i : i - 3]);
            messages[i] = subscriber.expectPublish(topic, "message " + i);
            subscriber.expectSilence();
        }
    }

    /** When it fails: PUBREC is taken for the end of the exchange, or PUBREC with an error is not. */
    @Test
    void required_v5_3_3_4_9_qos2ExchangeEndsWithPubcompOrFailingPubrec() {
        needs(MqttFeature.QOS_2);
        String topic = newTopic();
        Wire subscriber = connected(receiving(1)).subscribe(topic, 2);
        connected().publish(topic, "one", 2).publish(topic, "two", 2).publish(topic, "three", 2);
        int one = subscriber.expectPublish(topic, "one").packetId();
        subscriber.expectSilence();
        subscriber.send(pubrec(one)).expectAck(PacketType.PUBREL, one);
        subscriber.expectSilence();
        subscriber.send(pubcomp(one));
        int two = subscriber.expectPublish(topic, "two").packetId();
        subscriber.expectSilence();
        subscriber.send(pubrec(two).code(0x97));
        subscriber.acknowledge(subscriber.expectPublish(topic, "three"));
        subscriber.expectSilence();
    }

    /** When it fails: a PUBACK with an error does not end the exchange. */
    @Test
    void required_v5_3_3_4_9_failingPubackEndsTheExchange() {
        String topic = newTopic();
        Wire subscriber = connected(receiving(1)).subscribe(topic, 1);
        connected().publish(topic, "one", 1).publish(topic, "two", 1);
        int one = subscriber.expectPublish(topic, "one").packetId();
        subscriber.send(puback(one).code(0x83));
        subscriber.acknowledge(subscriber.expectPublish(topic, "two"));
    }

    /** When it fails: the quota of the last connection goes on, or repeated messages do not count. */
    @Test
    void required_v5_3_3_4_9_repeatedMessagesCount() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id).with(Property.RECEIVE_MAXIMUM, 3));
        first.subscribe(topic, 1);
        connected().publish(topic, "one", 1).publish(topic, "two", 1).publish(topic, "three", 1);
        for (String payload : new String[] {"one", "two", "three"}) {
            first.expectPublish(topic, payload);
        }
        first.close();
        Wire second = connected(session(id).with(Property.RECEIVE_MAXIMUM, 1), true);
        for (String payload : new String[] {"one", "two", "three"}) {
            Received message = second.expectPublish(topic, payload);
            second.expectSilence();
            second.acknowledge(message);
        }
        second.expectSilence();
    }

    /** When it fails: everything to the client waits in one queue. */
    @Test
    void required_v5_3_3_4_10_otherPacketsAreNotHeldBack() {
        String topic = newTopic();
        Wire client = withUsedUpQuota(topic);
        client.expectSilence();
        client.subscribe(newTopic(), 0).unsubscribe(newTopic());
        client.publish(newTopic(), "own, at QoS 1", 1);
        client.expectSilence();
    }

    /** When it fails: as above, with the packets of QoS 2. */
    @Test
    void required_v5_3_3_4_10_packetsOfQos2AreNotHeldBack() {
        needs(MqttFeature.QOS_2);
        Wire client = withUsedUpQuota(newTopic());
        client.publish(newTopic(), "own, at QoS 2", 2);
        client.expectSilence();
    }

    /** A client with a Receive Maximum of 1 that has not acknowledged a message, while another one waits. */
    private Wire withUsedUpQuota(String topic) {
        Wire client = connected(receiving(1)).subscribe(topic, 1);
        connected().publish(topic, "unacknowledged", 1).publish(topic, "waits", 1);
        client.expectPublish(topic, "unacknowledged");
        return client;
    }

    /** When it fails: the quota begins at 0, or at one more than Receive Maximum. */
    @Test
    void required_v5_4_9_0_1_sendQuotaBeginsWithinReceiveMaximum() {
        for (int maximum : new int[] {1, 2}) {
            String topic = newTopic();
            Wire subscriber = connected(receiving(maximum)).subscribe(topic, 1);
            Wire publisher = connected();
            for (int i = 0; i < 4; i++) {
                publisher.publish(topic, "message", 1);
            }
            Received first = subscriber.expectPublish(topic, "message");
            int more = subscriber.messages().size();
            assertTrue(more < maximum, () -> 1 + more + " messages at once, Receive Maximum is " + maximum);
            subscriber.acknowledge(first).expectPublish(topic, "message");
        }
    }

    /** When it fails: QoS 1 and QoS 2 have quotas of their own, or QoS 0 uses quota. */
    @Test
    void required_v5_4_9_0_2_bothQosUseOneQuota() {
        needs(MqttFeature.QOS_2);
        String topic = newTopic();
        Wire subscriber = connected(receiving(2)).subscribe(topic, 2);
        Wire publisher = connected();
        publisher.publish(topic, "QoS 0", 0);
        publisher.publish(topic, "one", 1);
        publisher.publish(topic, "two", 2);
        publisher.publish(topic, "three", 1);
        publisher.publish(topic, "four", 2);
        subscriber.expectPublish(topic, "QoS 0");
        Received one = subscriber.expectPublish(topic, "one");
        Received two = subscriber.expectPublish(topic, "two");
        subscriber.expectSilence();
        subscriber.acknowledge(one);
        Received three = subscriber.expectPublish(topic, "three");
        subscriber.expectSilence();
        subscriber.acknowledge(two);
        Received four = subscriber.expectPublish(topic, "four");
        subscriber.acknowledge(three).acknowledge(four).expectSilence();
    }

    /** When it fails: the broker has announced more than it takes, or counts what is finished. */
    @Test
    void required_v5_section_3_2_2_3_3_brokerTakesItsReceiveMaximum() {
        needs(MqttFeature.QOS_2);
        Wire publisher = open().send(connect(newClientId()));
        Received connAck = publisher.expect(PacketType.CONNACK, 0);
        int maximum = (int) Math.min(connAck.properties().number(Property.RECEIVE_MAXIMUM, 0xFFFF), 100);
        for (int round = 0; round < 2; round++) {
            for (int id = 1; id <= maximum; id++) {
                publisher.send(publish(newTopic(), "unfinished").qos(2, id)).expectAck(PacketType.PUBREC, id);
            }
            for (int id = 1; id <= maximum; id++) {
                publisher.send(pubrel(id)).expectAck(PacketType.PUBCOMP, id);
            }
        }
    }

    /** When it fails: what comes from the client is not read while the client owes acknowledgements. */
    @Test
    void required_v5_4_9_0_3_otherPacketsAreHandledAtZeroQuota() {
        String topic = newTopic();
        Wire client = withUsedUpQuota(topic);
        String other = newTopic();
        Wire subscriber = connected().subscribe(other, 0);
        client.subscribe(newTopic(), 0).publish(other, "from the client without quota", 1);
        subscriber.expectPublish(other, "from the client without quota");
        client.unsubscribe(topic).expectSilence();
    }
}
