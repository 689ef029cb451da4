package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.puback;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.pubrec;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Shared subscriptions in MQTT 5. */
abstract class V5SharedSubscriptions extends Chapter {

    private static final String GROUP = "$share/kit/";

    V5SharedSubscriptions(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    @BeforeEach
    void needSharedSubscriptions() {
        needs(MqttFeature.SHARED_SUBSCRIPTIONS);
    }

    // ---- Form ----

    /** When it fails: options are checked without regard to the filter. */
    @Test
    void required_v5_3_8_3_4_noLocalIsRefused() {
        connected().send(subscribe(1, GROUP + newTopic(), Filters.NO_LOCAL)).expectClosed(0x82);
        connected()
                .send(subscribe(1, newTopic(), 0).filter(GROUP + newTopic(), 1 | Filters.NO_LOCAL))
                .expectClosed(0x82);
    }

    /** When it fails: an empty name is taken for a name. */
    @Test
    void required_v5_4_8_2_1_shareNameIsNotEmpty() {
        connected().send(subscribe(1, "$share//" + newTopic(), 0)).expectNotGranted(1, 0x8F, 0x81, 0x82);
    }

    /** When it fails: only some names are taken. */
    @Test
    void required_v5_4_8_2_1_everyShareNameIsTaken() {
        String topic = newTopic();
        for (String name : new String[] {"g", "$share", "a b", "\u00e9\ud83d\ude00", "$SYS"}) {
            connected().subscribe("$share/" + name + "/" + topic, 0);
        }
    }

    /** When it fails: the filter is not cut into its parts before it is checked. */
    @Test
    void required_v5_4_8_2_2_shareNameHasNoWildcardAndTopicFilterFollows() {
        String topic = newTopic();
        for (String filter : new String[] {
            "$share/g+/" + topic,
            "$share/g#/" + topic,
            "$share/+/" + topic,
            "$share/#/" + topic,
            "$share/#",
            "$share/g",
            "$share/g/",
            "$share/",
            GROUP + topic + "/#/b",
            GROUP + topic + "+"
        }) {
            connected().send(subscribe(1, filter, 0)).expectNotGranted(1, 0x8F, 0x81, 0x82);
        }
    }

    // ---- Who gets what ----

    /** When it fails: a member gets messages at the QoS of another member, or of the message. */
    @Test
    void required_v5_4_8_2_3_memberIsServedAtItsOwnQos() {
        int highest = broker.has(MqttFeature.QOS_2) ? 2 : 1;
        for (int granted = 0; granted <= highest; granted++) {
            String topic = newTopic();
            Wire member = connected().subscribe(GROUP + topic, granted);
            Wire publisher = connected();
            for (int published = 0; published <= highest; published++) {
                publisher.publish(topic, "QoS " + published, published);
                Received message = member.expectPublish(topic, "QoS " + published);
                assertEquals(Math.min(published, granted), message.qos(), () -> "QoS of " + message);
                member.acknowledge(message);
            }
        }
    }

    /** When it fails: a QoS is kept for the group instead of for each of its members. */
    @Test
    void required_v5_4_8_2_3_membersOfOneGroupHaveTheirOwnQos() {
        String topic = newTopic();
        Wire qos0 = connected().subscribe(GROUP + topic, 0);
        Wire qos1 = connected().subscribe(GROUP + topic, 1);
        Wire publisher = connected();
        for (int i = 0; i < 10; i++) {
            publisher.publish(topic, "message " + i, 1);
        }
        Map<Wire, List<Received>> messages = messages(10, qos0, qos1);
        messages.get(qos0).forEach(message -> assertEquals(0, message.qos(), () -> "QoS of " + message));
        messages.get(qos1).forEach(message -> assertEquals(1, message.qos(), () -> "QoS of " + message));
    }

    /** What came to these, who are to get so many together. */
    private Map<Wire, List<Received>> messages(int total, Wire... wires) {
        Map<Wire, List<Received>> messages = new HashMap<>();
        long end = System.nanoTime() + patience.toNanos();
        int came = 0;
        do {
            for (Wire wire : wires) {
                List<Received> more = wire.messages();
                came += more.size();
                messages.computeIfAbsent(wire, none -> new ArrayList<>()).addAll(more);
            }
        } while (came < total && System.nanoTime() - end < 0);
        assertEquals(total, came, "messages to the group");
        return messages;
    }

    /** When it fails: the group is asked for each of its members. */
    @Test
    void required_v5_section_4_8_2_messageGoesToOneMember() {
        String topic = newTopic();
        Wire first = connected().subscribe(GROUP + topic, 1);
        Wire second = connected().subscribe(GROUP + topic, 1);
        Wire otherGroup = connected().subscribe("$share/other/" + topic, 1);
        Wire ordinary = connected().subscribe(topic, 1);
        Wire publisher = connected();
        List<String> published =
                IntStream.range(0, 20).mapToObj(i -> "message " + (10 + i)).toList();
        published.forEach(payload -> publisher.publish(topic, payload, 1));
        assertEquals(
                published.stream().sorted().toList(),
                messages(published.size(), first, second).values().stream()
                        .flatMap(List::stream)
                        .map(Received::text)
                        .sorted()
                        .toList(),
                "what the members got together");
        for (String payload : published) {
            otherGroup.expectPublish(topic, payload);
            ordinary.expectPublish(topic, payload);
        }
        otherGroup.expectSilence();
        ordinary.expectSilence();
    }

    /** When it fails: a shared and an ordinary subscription of one client displace each other. */
    @Test
    void required_v5_section_4_8_2_sharedAndOrdinarySubscriptionsAreTwo() {
        String topic = newTopic();
        Wire client = connected().subscribe(topic, 0).subscribe(GROUP + topic, 0);
        connected().publish(topic, "twice", 0);
        client.expectPublish(topic, "twice");
        client.expectPublish(topic, "twice");
        client.expectSilence();
    }

    /** When it fails: a member that has gone is still chosen. */
    @Test
    void required_v5_section_4_8_2_membersThatHaveGoneGetNothing() {
        String topic = newTopic();
        Wire stays = connected().subscribe(GROUP + topic, 1);
        connected().subscribe(GROUP + topic, 1).disconnect();
        connected().subscribe(GROUP + topic, 1).unsubscribe(GROUP + topic);
        Wire publisher = connected();
        for (int i = 0; i < 6; i++) {
            publisher.publish(topic, "message " + i, 1);
            stays.acknowledge(stays.expectPublish(topic, "message " + i));
        }
    }

    /** When it fails: retained messages are looked for with the whole filter, or sent as for any subscription. */
    @Test
    void required_v5_section_4_8_2_sharedSubscriptionBringsNoRetainedMessage() {
        needs(MqttFeature.RETAIN);
        String topic = newTopic();
        connected().publish(publish(topic, "retained").retain(), 1);
        Wire member = connected().subscribe(GROUP + topic, 1);
        connected().publish(topic, "live", 1);
        member.acknowledge(member.expectPublish(topic, "live"));
        member.expectSilence();
    }

    // ---- What was begun with one member ----

    /** When it fails: what a member has not finished is given to another one as soon as the connection is cut. */
    @Test
    void required_v5_4_8_2_4_interruptedQos2DeliveryIsFinishedWithTheSameMember() {
        needs(MqttFeature.QOS_2);
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire member = connected(session(id)).subscribe(GROUP + topic, 2);
        connected().publish(topic, "without PUBREC", 2).publish(topic, "with PUBREC", 2);
        int without = member.expectPublish(topic, "without PUBREC").packetId();
        int with = member.expectPublish(topic, "with PUBREC").packetId();
        member.send(pubrec(with)).expectAck(PacketType.PUBREL, with);
        Wire other = connected().subscribe(GROUP + topic, 2);
        member.close();
        Wire back = connected(session(id), true);
        Received again = back.expectPublish(topic, "without PUBREC");
        assertEquals(without, again.packetId(), "identifier of the repeated message");
        back.expectAck(PacketType.PUBREL, with);
        back.send(Packets.pubcomp(with));
        back.acknowledge(again).unsubscribe(GROUP + topic);
        expectOnlyMarker(other, topic, 2);
    }

    /** When it fails: a session that ends hands on what it has sent. */
    @Test
    void required_v5_4_8_2_5_qos2MessageOfAnEndedSessionGoesToNobodyElse() {
        needs(MqttFeature.QOS_2);
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire member = connected(session(id)).subscribe(GROUP + topic, 2);
        connected().publish(topic, "begun", 2);
        member.expectPublish(topic, "begun");
        Wire other = connected().subscribe(GROUP + topic, 2);
        member.close();
        // Clean Start ends the session.
        connected(Packets.connect(id));
        expectOnlyMarker(other, topic, 2);
    }

    /** When it fails: a negative PUBACK is taken for a wish that somebody else may have it. */
    @Test
    void required_v5_4_8_2_6_refusedMessageGoesToNobodyElse() {
        String topic = newTopic();
        Wire member = connected().subscribe(GROUP + topic, 1);
        connected().publish(topic, "refused", 1);
        Received refused = member.expectPublish(topic, "refused");
        Wire other = connected().subscribe(GROUP + topic, 1);
        member.send(puback(refused.packetId()).code(0x80)).unsubscribe(GROUP + topic);
        expectOnlyMarker(other, topic, 1);
        member.expectSilence();
    }

    /** When it fails: as above, with PUBREC. */
    @Test
    void required_v5_4_8_2_6_refusedQos2MessageGoesToNobodyElse() {
        needs(MqttFeature.QOS_2);
        String topic = newTopic();
        Wire member = connected().subscribe(GROUP + topic, 2);
        connected().publish(topic, "refused", 2);
        Received refused = member.expectPublish(topic, "refused");
        Wire other = connected().subscribe(GROUP + topic, 2);
        member.send(pubrec(refused.packetId()).code(0x97)).unsubscribe(GROUP + topic);
        expectOnlyMarker(other, topic, 2);
        member.expectSilence();
    }

    /** By now this is the group's only member. */
    private void expectOnlyMarker(Wire member, String topic, int qos) {
        connected().publish(topic, "marker", qos);
        member.acknowledge(member.expectPublish(topic, "marker"));
        member.expectSilence();
    }
}
