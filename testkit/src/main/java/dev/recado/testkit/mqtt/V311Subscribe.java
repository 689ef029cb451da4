package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static dev.recado.testkit.mqtt.Packets.unsubscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** SUBSCRIBE and SUBACK in MQTT 3.1.1, and what a subscription does. */
abstract class V311Subscribe extends Chapter {

    V311Subscribe(BrokerUnderTest broker) {
        super(broker, Version.V311);
    }

    // ---- Form ----

    /** When it fails: only the type is looked at. */
    @Test
    void required_v311_3_8_1_1_subscribeWithOtherFlagsIsRefused() {
        for (int flags : new int[] {0x0, 0x1, 0x3, 0xA}) {
            connected()
                    .send(subscribe(1, newTopic(), 0).firstByte(0x80 | flags))
                    .expectClosed();
        }
    }

    /** When it fails: the filter's bytes are not checked. */
    @Test
    void required_v311_3_8_3_1_filterThatIsNotUtf8IsRefused() {
        for (byte[] filter : new byte[][] {
            Outgoing.narrow('a', 0xC0, 0x80),
            Outgoing.narrow('a', 0xC3),
            Outgoing.narrow(0xED, 0xA0, 0x80),
            Outgoing.narrow(0xFF)
        }) {
            connected().send(subscribe(1).filter(filter, 0)).expectClosed();
        }
    }

    /** When it fails: a wildcard is granted and then compared as a character, or refused though wildcards work. */
    @Test
    void required_v311_3_8_3_2_wildcardIsGrantedWhereItMatches() {
        String topic = newTopic();
        Wire subscriber = connected();
        List<Integer> expected = broker.has(MqttFeature.WILDCARDS) ? List.of(0, 0) : List.of(0x80, 0x80);
        assertEquals(
                expected,
                subscriber
                        .answer(subscribe(1, topic + "/+", 0).filter(topic + "/a/#", 0))
                        .codes(),
                "codes in SUBACK");
        connected().publish(topic + "/b", "by '+'", 0).publish(topic + "/a/c", "by '#'", 0);
        if (broker.has(MqttFeature.WILDCARDS)) {
            subscriber.expectPublish(topic + "/b", "by '+'");
            subscriber.expectPublish(topic + "/a/c", "by '#'");
        }
        subscriber.expectSilence();
    }

    /** When it fails: an empty list of filters is taken for a request that asks for nothing. */
    @Test
    void required_v311_3_8_3_3_subscribeWithoutFilterIsRefused() {
        connected().send(subscribe(1)).expectClosed();
    }

    /** When it fails: the end of the packet is not looked at behind a filter. */
    @Test
    void required_v311_3_8_3_3_filterWithoutQosIsRefused() {
        connected().send(subscribe(1).filter(newTopic())).expectClosed();
        connected().send(subscribe(1, newTopic(), 0).filter(newTopic())).expectClosed();
        connected().send(subscribe(1).then(0, 9, 'a', 0)).expectClosed();
    }

    /** When it fails: the reserved bits are masked away, or mean what they mean in MQTT 5. */
    @Test
    void required_v311_3_8_3_4_reservedBitsAreRefused() {
        for (int qos : new int[] {0x03, 0x04, 0x08, 0x11, 0x20, 0x40, 0x80}) {
            connected().send(subscribe(1, newTopic(), qos)).expectClosed();
        }
    }

    // ---- SUBACK ----

    /** When it fails: SUBACK is sent only for subscriptions that are new. */
    @Test
    void required_v311_3_8_4_1_subscribeIsAnswered() {
        String topic = newTopic();
        Wire subscriber = connected();
        for (int id = 1; id <= 3; id++) {
            subscriber.send(subscribe(id, topic, 0)).expectAck(PacketType.SUBACK, id);
        }
        subscriber.expectSilence();
    }

    /** When it fails: identifiers are counted, cut or swapped. */
    @Test
    void required_v311_3_8_4_2_subackRepeatsTheIdentifier() {
        Wire subscriber = connected();
        for (int id : new int[] {0xFFFF, 1, 0x0100, 0x1234}) {
            subscriber.send(subscribe(id, newTopic(), 0)).expectAck(PacketType.SUBACK, id);
        }
    }

    /** When it fails: see 3.8.4-2 and 3.10.4-4; or the answers of pipelined requests are mixed up. */
    @Test
    void required_v311_2_3_1_7_subackAndUnsubackRepeatTheIdentifier() {
        String topic = newTopic();
        Wire subscriber = connected();
        subscriber.send(subscribe(300, topic, 0), unsubscribe(7, topic), subscribe(0x8001, topic, 0));
        subscriber.expectAck(PacketType.SUBACK, 300);
        subscriber.expectAck(PacketType.UNSUBACK, 7);
        subscriber.expectAck(PacketType.SUBACK, 0x8001);
    }

    /** When it fails: each filter is answered on its own, or only the first one is looked at. */
    @Test
    void required_v311_3_8_4_4_severalFiltersAreAnsweredByOneSuback() {
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

    /** When it fails: filters that are there twice are counted once, or a code is no QoS. */
    @Test
    void required_v311_3_8_4_5_subackHasOneCodePerFilter() {
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

    /** When it fails: the QoS of the message or of the subscription alone decides, or not the one that was granted. */
    @Test
    void required_v311_3_8_4_6_deliveryQosIsTheLowerOfPublishedAndGranted() {
        int highest = broker.has(MqttFeature.QOS_2) ? 2 : 1;
        for (int asked = 0; asked <= 2; asked++) {
            String topic = newTopic();
            Wire subscriber = connected();
            int granted = subscriber.answer(subscribe(1, topic, asked)).code();
            Wire publisher = connected();
            for (int published = 0; published <= highest; published++) {
                publisher.publish(topic, "QoS " + published, published);
                subscriber.expectAll(topic, Math.min(published, granted), "QoS " + published);
            }
        }
    }

    /** When it fails: codes are grouped or sorted. */
    @Test
    void required_v311_3_9_3_1_codesFollowTheOrderOfTheFilters() {
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

    /** When it fails: SUBACK has a code of MQTT 5. */
    @Test
    void required_v311_3_9_3_2_subackHasCodesOfItsOwn() {
        // The reader refuses codes other than 0, 1, 2 and 0x80.
        connected().answer(subscribe(1, newTopic(), 0).filter(newTopic(), 1).filter(newTopic(), 2));
        connected().answer(subscribe(1, newTopic() + "/+", 0).filter(newTopic() + "/#", 0));
        connected().send(subscribe(1, "a/#/b", 0)).expectNotGranted(1);
    }

    // ---- A subscription instead of another ----

    /** When it fails: the older subscription stays beside the new one, or in its place. */
    @Test
    void required_v311_3_8_4_3_laterSubscriptionReplacesTheEarlier() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire publisher = connected();
        for (int qos : new int[] {1, 0, 1}) {
            subscriber.subscribe(topic, qos);
            publisher.publish(topic, "one copy", 1);
            subscriber.expectAll(topic, qos, "one copy").expectSilence();
        }
    }

    /** When it fails: retained messages come for new subscriptions only. */
    @Test
    void required_v311_3_8_4_3_replacingSubscriptionBringsRetainedMessagesAgain() {
        needs(MqttFeature.RETAIN);
        String topic = newTopic();
        connected().publish(publish(topic, "retained").retain(), 1);
        Wire subscriber = connected();
        for (int qos : new int[] {0, 1, 0}) {
            subscriber.subscribe(topic, qos).expectAll(topic, qos, "retained").expectSilence();
        }
    }

    /** When it fails: a subscription is taken away and then made, so that messages in between get lost. */
    @Test
    void required_v311_3_8_4_3_replacingSubscriptionLosesNothing() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        Wire publisher = connected();
        for (int i = 0; i < 50; i++) {
            // Both are under way at once: which one the broker sees first is open.
            publisher.send(publish(topic, "live " + i).qos(1, 1));
            subscriber.subscribe(topic, 1);
            publisher.expectAck(PacketType.PUBACK, 1);
            subscriber.acknowledge(subscriber.expectPublish(topic, "live " + i));
        }
        subscriber.expectSilence();
    }
}
