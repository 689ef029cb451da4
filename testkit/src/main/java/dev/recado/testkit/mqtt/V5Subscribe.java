package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static dev.recado.testkit.mqtt.Packets.unsubscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** SUBSCRIBE and SUBACK in MQTT 5, and what a subscription does. */
abstract class V5Subscribe extends Chapter {

    V5Subscribe(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- Form ----

    /** When it fails: only the type is looked at. */
    @Test
    void required_v5_3_8_1_1_subscribeWithOtherFlagsIsRefused() {
        for (int flags : new int[] {0x0, 0x1, 0x3, 0xA}) {
            connected()
                    .send(subscribe(1, newTopic(), 0).firstByte(0x80 | flags))
                    .expectClosed(0x81);
        }
    }

    /** When it fails: the filter's bytes are not checked. */
    @Test
    void required_v5_3_8_3_1_filterThatIsNotUtf8IsRefused() {
        for (byte[] filter : new byte[][] {
            Outgoing.narrow('a', 0xC0, 0x80),
            Outgoing.narrow('a', 0xC3),
            Outgoing.narrow(0xED, 0xA0, 0x80),
            Outgoing.narrow(0xFF)
        }) {
            connected().send(subscribe(1).filter(filter, 0)).expectClosed(0x81);
        }
    }

    /** When it fails: an empty list of filters is taken for a request that asks for nothing. */
    @Test
    void required_v5_3_8_3_2_subscribeWithoutFilterIsRefused() {
        connected().send(subscribe(1)).expectClosed(0x82);
    }

    /** When it fails: the end of the packet is not looked at behind a filter. */
    @Test
    void required_v5_3_8_3_2_filterWithoutOptionsIsRefused() {
        connected().send(subscribe(1).filter(newTopic())).expectClosed(0x81);
        connected().send(subscribe(1, newTopic(), 0).filter(newTopic())).expectClosed(0x81);
        connected().send(subscribe(1).then(0, 9, 'a', 0)).expectClosed(0x81);
    }

    /** When it fails: the reserved bits are masked away. */
    @Test
    void required_v5_3_8_3_5_reservedOptionsAreRefused() {
        for (int bits : new int[] {0x40, 0x80, 0xC0}) {
            connected().send(subscribe(1, newTopic(), bits)).expectClosed(0x81);
        }
    }

    /** When it fails: QoS 3 or Retain Handling 3 is taken for another value. */
    @Test
    void required_v5_section_3_8_3_1_optionsOutOfRangeAreRefused() {
        connected().send(subscribe(1, newTopic(), 3)).expectClosed(0x82, 0x81);
        connected().send(subscribe(1, newTopic(), 0x30)).expectClosed(0x82, 0x81);
    }

    // ---- SUBACK ----

    /** When it fails: SUBACK is sent only for subscriptions that are new. */
    @Test
    void required_v5_3_8_4_1_subscribeIsAnswered() {
        String topic = newTopic();
        Wire subscriber = connected();
        for (int id = 1; id <= 3; id++) {
            subscriber.send(subscribe(id, topic, 0)).expectAck(PacketType.SUBACK, id);
        }
        subscriber.expectSilence();
    }

    /** When it fails: identifiers are counted, cut or swapped. */
    @Test
    void required_v5_3_8_4_2_subackRepeatsTheIdentifier() {
        Wire subscriber = connected();
        for (int id : new int[] {0xFFFF, 1, 0x0100, 0x1234}) {
            subscriber.send(subscribe(id, newTopic(), 0)).expectAck(PacketType.SUBACK, id);
        }
    }

    /** When it fails: see 3.8.4-2 and 3.10.4-5; or the answers of pipelined requests are mixed up. */
    @Test
    void required_v5_2_2_1_6_subackAndUnsubackRepeatTheIdentifier() {
        String topic = newTopic();
        Wire subscriber = connected();
        subscriber.send(subscribe(300, topic, 0), unsubscribe(7, topic), subscribe(0x8001, topic, 0));
        subscriber.expectAck(PacketType.SUBACK, 300);
        subscriber.expectAck(PacketType.UNSUBACK, 7);
        subscriber.expectAck(PacketType.SUBACK, 0x8001);
    }

    /** When it fails: a QoS that the broker cannot deliver at is refused instead of lowered. */
    @Test
    void required_v5_3_2_2_10_subscriptionOfEveryQosIsTaken() {
        Wire subscriber = connected();
        for (int qos = 0; qos <= 2; qos++) {
            int asked = qos;
            int granted = subscriber.answer(subscribe(1 + qos, newTopic(), qos)).code();
            assertTrue(granted <= asked, () -> "QoS asked for is " + asked + ", SUBACK has " + granted);
        }
    }

    /** When it fails: each filter is answered on its own, or only the first one is looked at. */
    @Test
    void required_v5_3_8_4_5_severalFiltersAreAnsweredByOneSuback() {
        String topic = newTopic();
        Wire subscriber = connected();
        subscriber
                .send(subscribe(1, topic + "/a", 0).filter(topic + "/b", 0).filter(topic + "/c", 0))
                .expectAck(PacketType.SUBACK, 1);
        subscriber.expectSilence();
        Wire publisher = connected();
        for (String level : new String[] {"/a", "/b", "/c"}) {
            publisher.publish(topic + level, "to each", 0);
            subscriber.expectPublish(topic + level, "to each");
        }
        subscriber.expectSilence();
    }

    /** When it fails: filters that are there twice are counted once. */
    @Test
    void required_v5_3_8_4_6_subackHasOneCodePerFilter() {
        String topic = newTopic();
        Wire subscriber = connected();
        for (int filters = 1; filters <= 20; filters++) {
            Filters request = subscribe(filters);
            for (int i = 0; i < filters; i++) {
                request.filter(topic + "/" + i % 7, 0);
            }
            assertEquals(filters, subscriber.answer(request).codes().size(), "codes in SUBACK");
        }
    }

    /** When it fails: SUBACK grants more than was asked for, or a QoS at which nothing is delivered. */
    @Test
    void required_v5_3_8_4_7_grantedQosIsWhatMessagesComeAt() {
        int highest = broker.has(MqttFeature.QOS_2) ? 2 : 1;
        for (int qos = 0; qos <= highest; qos++) {
            String topic = newTopic();
            Wire subscriber = connected();
            int granted = subscriber.answer(subscribe(1, topic, qos)).code();
            connected().publish(topic, "at the granted QoS", highest);
            assertEquals(
                    granted,
                    subscriber.expectPublish(topic, "at the granted QoS").qos(),
                    "QoS");
        }
    }

    /** When it fails: the QoS of the message or of the subscription alone decides. */
    @Test
    void required_v5_3_8_4_8_deliveryQosIsTheLowerOfPublishedAndGranted() {
        int highest = broker.has(MqttFeature.QOS_2) ? 2 : 1;
        for (int granted = 0; granted <= highest; granted++) {
            String topic = newTopic();
            Wire subscriber = connected().subscribe(topic, granted);
            Wire publisher = connected();
            for (int published = 0; published <= highest; published++) {
                publisher.publish(topic, "QoS " + published, published);
                Received message = subscriber.expectPublish(topic, "QoS " + published);
                assertEquals(Math.min(published, granted), message.qos(), () -> "QoS of " + message);
                subscriber.acknowledge(message);
            }
        }
    }

    /** When it fails: the message has sizes; SUBACK has a Reason String though it does not fit. */
    @Test
    void required_v5_3_9_2_1_reasonStringOfSubackGivesWayToMaximumPacketSize() {
        givesWay(Property.REASON_STRING, wire -> wire.answer(subscribe(1, newTopic(), 1)));
        givesWay(Property.REASON_STRING, wire -> wire.answer(subscribe(1, "$share/kit/" + newTopic(), 0)));
    }

    /** When it fails: the message has sizes; SUBACK has User Properties though they do not fit. */
    @Test
    void required_v5_3_9_2_2_userPropertiesOfSubackGiveWayToMaximumPacketSize() {
        givesWay(Property.USER_PROPERTY, wire -> wire.answer(subscribe(1, newTopic(), 1)));
        givesWay(Property.USER_PROPERTY, wire -> wire.answer(subscribe(1, "$share/kit/" + newTopic(), 0)));
    }

    /** When it fails: codes are grouped or sorted. */
    @Test
    void required_v5_3_9_3_1_codesFollowTheOrderOfTheFilters() {
        int highest = broker.has(MqttFeature.QOS_2) ? 2 : 1;
        String topic = newTopic();
        Received subAck = connected()
                .answer(subscribe(1, topic + "/d", highest)
                        .filter(topic + "/a", 0)
                        .filter(topic + "/c", 1)
                        .filter(topic + "/b", highest)
                        .filter(topic + "/e", 0));
        assertEquals(List.of(highest, 0, 1, highest, 0), subAck.codes(), "codes in SUBACK");
    }

    /** When it fails: SUBACK has a code that is none of its own. */
    @Test
    void required_v5_3_9_3_2_subackHasCodesOfItsOwn() {
        // The reader refuses codes that SUBACK does not have.
        connected().answer(subscribe(1, newTopic(), 0).filter(newTopic(), 1).filter(newTopic(), 2));
        connected().answer(subscribe(1, "$share/kit/" + newTopic(), 0));
        connected().answer(subscribe(1, newTopic() + "/+", 0).filter(newTopic() + "/#", 0));
        connected().send(subscribe(1, "a/#/b", 0)).expectNotGranted(1, 0x8F, 0x81);
    }

    // ---- Options ----

    /** When it fails: messages go to every subscriber, whoever published them. */
    @Test
    void required_v5_3_8_3_3_noLocalKeepsOwnMessagesAway() {
        String topic = newTopic();
        Wire client = connected();
        client.answer(subscribe(client.nextPacketId(), topic, 1 | Filters.NO_LOCAL));
        client.publish(topic, "own", 1).expectSilence();
        connected().publish(topic, "somebody else's", 1);
        client.acknowledge(client.expectPublish(topic, "somebody else's"));
        client.expectSilence();
    }

    /** When it fails: No Local is taken for the rule, or looks at the connection instead of the Client Identifier. */
    @Test
    void required_v5_3_8_3_3_ownMessagesComeWithoutNoLocal() {
        String topic = newTopic();
        Wire client = connected().subscribe(topic, 0);
        client.send(publish(topic, "own")).expectPublish(topic, "own");
    }

    /** When it fails: what waited in the session is not told from messages of others. */
    @Test
    void required_v5_3_8_3_3_noLocalHoldsOnTheNextConnection() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire first = connected(session(id));
        first.answer(subscribe(first.nextPacketId(), topic, 1 | Filters.NO_LOCAL));
        first.disconnect();
        Wire second = connected(session(id), true);
        second.publish(topic, "own", 1).expectSilence();
        connected().publish(topic, "somebody else's", 1);
        second.acknowledge(second.expectPublish(topic, "somebody else's"));
        second.expectSilence();
    }

    // ---- A subscription instead of another ----

    /** When it fails: the older subscription stays beside the new one, or in its place. */
    @Test
    void required_v5_3_8_4_3_laterSubscriptionReplacesTheEarlier() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire publisher = connected();
        for (int qos : new int[] {1, 0, 1}) {
            subscriber.subscribe(topic, qos);
            publisher.publish(topic, "one copy", 1);
            Received message = subscriber.expectPublish(topic, "one copy");
            assertEquals(qos, message.qos(), "QoS of the later subscription");
            subscriber.acknowledge(message).expectSilence();
        }
    }

    /** When it fails: the QoS is replaced, and the other options are not. */
    @Test
    void required_v5_3_8_4_3_optionsAreReplaced() {
        needs(MqttFeature.RETAIN);
        String topic = newTopic();
        Wire client = connected();
        for (boolean asPublished : new boolean[] {true, false}) {
            int options = Filters.NO_RETAINED | (asPublished ? Filters.RETAIN_AS_PUBLISHED : Filters.NO_LOCAL);
            client.answer(subscribe(client.nextPacketId(), topic, options));
            client.send(publish(topic, "own"));
            if (asPublished) {
                client.expectPublish(topic, "own");
            }
            client.expectSilence();
            connected().publish(publish(topic, "retained").retain(), 0);
            assertEquals(asPublished, client.expectPublish(topic, "retained").retain(), "RETAIN");
        }
    }

    /** When it fails: the older identifier stays. */
    @Test
    void required_v5_3_8_4_3_subscriptionIdentifierIsReplaced() {
        needs(MqttFeature.SUBSCRIPTION_IDENTIFIERS);
        String topic = newTopic();
        Wire subscriber = connected();
        Wire publisher = connected();
        for (int identifier : new int[] {1, 200, 0}) {
            Filters request = subscribe(subscriber.nextPacketId(), topic, 0);
            subscriber.answer(identifier == 0 ? request : request.with(Property.SUBSCRIPTION_IDENTIFIER, identifier));
            publisher.publish(topic, "identified", 0);
            assertEquals(
                    identifier == 0 ? List.of() : List.of((long) identifier),
                    identifiers(subscriber.expectPublish(topic, "identified")));
        }
    }

    // ---- Subscription Identifiers ----

    /** When it fails: the identifier is not kept, cut to a byte, or lost on a message that waited. */
    @Test
    void required_v5_3_3_4_3_messageHasTheSubscriptionIdentifier() {
        needs(MqttFeature.SUBSCRIPTION_IDENTIFIERS);
        Wire publisher = connected();
        for (int identifier : new int[] {1, 127, 128, 16_384, 268_435_455}) {
            String topic = newTopic();
            Wire subscriber = connected(connect(newClientId()).with(Property.RECEIVE_MAXIMUM, 1));
            subscriber.answer(subscribe(1, topic, 1).with(Property.SUBSCRIPTION_IDENTIFIER, identifier));
            publisher.publish(topic, "at once", 1).publish(topic, "waits", 1);
            for (String payload : new String[] {"at once", "waits"}) {
                Received message = subscriber.expectPublish(topic, payload);
                assertEquals(List.of((long) identifier), identifiers(message));
                subscriber.acknowledge(message);
            }
        }
    }

    /** When it fails: one matching subscription is taken for all of them. */
    @Test
    void required_v5_3_3_4_4_copiesHaveEveryMatchingIdentifierOnce() {
        needs(MqttFeature.SUBSCRIPTION_IDENTIFIERS);
        needs(MqttFeature.WILDCARDS);
        String topic = newTopic();
        Wire subscriber = connected();
        subscriber.answer(subscribe(1, topic + "/a", 0).with(Property.SUBSCRIPTION_IDENTIFIER, 1));
        subscriber.answer(subscribe(2, topic + "/+", 0).with(Property.SUBSCRIPTION_IDENTIFIER, 2));
        subscriber.answer(subscribe(3, topic + "/#", 0));
        subscriber.answer(subscribe(4, topic + "/b", 0).with(Property.SUBSCRIPTION_IDENTIFIER, 4));
        connected().publish(topic + "/a", "overlap", 0).publish(topic + "/a", "last", 0);
        List<Long> identifiers = overlapping(subscriber).stream()
                .flatMap(copy -> identifiers(copy).stream())
                .sorted()
                .toList();
        assertEquals(List.of(1L, 2L), identifiers, "Subscription Identifiers of all copies of one message");
    }

    /** When it fails: a copy has the identifier of another subscription. One copy for all has both, as 3.3.4-4 has it. */
    @Test
    void required_v5_3_3_4_5_copyForOneSubscriptionHasItsIdentifier() {
        needs(MqttFeature.SUBSCRIPTION_IDENTIFIERS);
        needs(MqttFeature.WILDCARDS);
        String topic = newTopic();
        Wire subscriber = connected();
        subscriber.answer(subscribe(1, topic + "/a", 0).with(Property.SUBSCRIPTION_IDENTIFIER, 1));
        subscriber.answer(subscribe(2, topic + "/+", 1).with(Property.SUBSCRIPTION_IDENTIFIER, 2));
        connected().publish(topic + "/a", "overlap", 1).publish(topic + "/a", "last", 1);
        List<Received> copies = overlapping(subscriber);
        if (copies.size() == 1) {
            assertEquals(
                    List.of(1L, 2L),
                    identifiers(copies.get(0)).stream().sorted().toList());
        } else {
            assertEquals(2, copies.size(), "copies for two subscriptions");
            for (Received copy : copies) {
                assertEquals(List.of(copy.qos() == 0 ? 1L : 2L), identifiers(copy), () -> "identifier of " + copy);
            }
        }
    }

    private static List<Received> overlapping(Wire subscriber) {
        return subscriber.messagesUntil("last").stream()
                .filter(copy -> copy.text().equals("overlap"))
                .toList();
    }

    private static List<Long> identifiers(Received message) {
        return message.properties().numbers(Property.SUBSCRIPTION_IDENTIFIER);
    }
}
