package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.pubrel;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Topic Aliases in MQTT 5, in both directions. */
abstract class V5TopicAlias extends Chapter {

    V5TopicAlias(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- The broker sends ----

    /** When it fails: the broker counts topics without an end, or from 0. */
    @Test
    void required_v5_3_1_2_26_aliasIsWithinTheClientsMaximum() {
        for (int maximum : new int[] {1, 3}) {
            receivesFromFiveTopics(connect(newClientId()).with(Property.TOPIC_ALIAS_MAXIMUM, maximum), maximum);
        }
    }

    /** When it fails: aliases are used unasked. */
    @Test
    void required_v5_3_1_2_27_withoutMaximumThereIsNoAlias() {
        receivesFromFiveTopics(connect(newClientId()), 0);
        receivesFromFiveTopics(connect(newClientId()).with(Property.TOPIC_ALIAS_MAXIMUM, 0), 0);
    }

    /** When it fails: see 3.1.2-26; or the alias of one client's connection is used on another's. */
    @Test
    void required_v5_3_3_2_11_eachConnectionHasItsOwnMaximum() {
        String topic = newLongTopic();
        Wire three = connected(connect(newClientId()).with(Property.TOPIC_ALIAS_MAXIMUM, 3));
        Wire one = connected(connect(newClientId()).with(Property.TOPIC_ALIAS_MAXIMUM, 1));
        Wire none = connected();
        Wire publisher = connected();
        for (int i = 0; i < 5; i++) {
            for (Wire subscriber : new Wire[] {three, one, none}) {
                subscriber.subscribe(topic + "/" + i, 0);
            }
        }
        for (int i = 0; i < 15; i++) {
            publisher.publish(topic + "/" + i % 5, Integer.toString(i), 0);
        }
        expectFromFiveTopics(three, topic, 3);
        expectFromFiveTopics(one, topic, 1);
        expectFromFiveTopics(none, topic, 0);
    }

    /** A broker may find that a short one is not worth an alias. */
    private String newLongTopic() {
        return newTopic() + "/with-a-name-that-is-worth-a-topic-alias";
    }

    private void receivesFromFiveTopics(Connect connect, int maximum) {
        String topic = newLongTopic();
        Wire subscriber = connected(connect);
        Wire publisher = connected();
        for (int i = 0; i < 5; i++) {
            subscriber.subscribe(topic + "/" + i, 0);
        }
        for (int i = 0; i < 15; i++) {
            publisher.publish(topic + "/" + i % 5, Integer.toString(i), 0);
        }
        expectFromFiveTopics(subscriber, topic, maximum);
    }

    /** Fifteen messages, whose topics the aliases must give. */
    private static void expectFromFiveTopics(Wire subscriber, String topic, int maximum) {
        Map<Long, String> aliases = new HashMap<>();
        Set<Integer> came = new HashSet<>();
        for (int i = 0; i < 15; i++) {
            Received message = subscriber.expect(PacketType.PUBLISH);
            int number = Integer.parseInt(message.text());
            assertTrue(came.add(number), () -> message + " comes twice");
            assertEquals(topic + "/" + number % 5, topicOf(message, aliases, maximum), () -> "topic of " + message);
        }
    }

    /** By its alias, if it has one; a new meaning of the alias is noted. */
    private static String topicOf(Received message, Map<Long, String> aliases, int maximum) {
        if (!message.has(Property.TOPIC_ALIAS)) {
            assertFalse(message.topic().isEmpty(), () -> message + " has neither topic nor alias");
            return message.topic();
        }
        long alias = message.properties().number(Property.TOPIC_ALIAS, 0);
        assertTrue(alias >= 1 && alias <= maximum, () -> "Topic Alias " + alias + ", the maximum is " + maximum);
        if (!message.topic().isEmpty()) {
            aliases.put(alias, message.topic());
        }
        return aliases.get(alias);
    }

    /** When it fails: the aliases are kept in the session. */
    @Test
    void required_v5_3_3_2_7_brokerForgetsAliasesWithTheConnection() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newLongTopic();
        Wire publisher = connected();
        Wire first = connected(session(id).with(Property.TOPIC_ALIAS_MAXIMUM, 5));
        first.subscribe(topic, 1);
        for (int i = 0; i < 3; i++) {
            publisher.publish(topic, "before", 1);
            first.acknowledge(first.expect(PacketType.PUBLISH));
        }
        // The broker has seen the acknowledgements; it may lose those that it has not when the connection ends.
        first.expectSilence();
        publisher.publish(topic, "repeated", 1);
        first.expect(PacketType.PUBLISH);
        first.close();
        Wire second = connected(session(id).with(Property.TOPIC_ALIAS_MAXIMUM, 5), true);
        Map<Long, String> aliases = new HashMap<>();
        assertEquals(topic, topicOf(second.expect(PacketType.PUBLISH), aliases, 5), "topic of the repeated message");
        publisher.publish(topic, "new", 1);
        assertEquals(topic, topicOf(second.expect(PacketType.PUBLISH), aliases, 5), "topic of the next message");
        second.close();
        Wire third = connected(session(id), true);
        third.expectPublish(topic, "repeated");
        third.expectPublish(topic, "new");
    }

    // ---- The broker receives ----

    /** When it fails: a client's aliases are kept under its identifier. */
    @Test
    void required_v5_3_3_2_7_clientsAliasesEndWithTheConnection() {
        needs(MqttFeature.TOPIC_ALIASES);
        String id = newClientId();
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire first = connected(session(id));
        first.publish(aliased(topic, "with topic", 1), 0).publish(aliased("", "by alias", 1), 0);
        first.close();
        Wire second = connected(session(id));
        second.send(aliased("", "by an alias of the last connection", 1)).expectClosed(0x82);
        connected().publish(topic, "last", 0);
        for (String payload : new String[] {"with topic", "by alias", "last"}) {
            subscriber.expectPublish(topic, payload);
        }
        subscriber.expectSilence();
    }

    /** When it fails: 0 is taken for no alias. */
    @Test
    void required_v5_3_3_2_8_alias0IsRefused() {
        connected().send(aliased(newTopic(), "alias 0", 0)).expectClosed(0x94);
        connected().send(aliased("", "alias 0", 0)).expectClosed(0x94, 0x82);
    }

    /** When it fails: the broker takes fewer than it has announced; or announces some though it is declared to have none. */
    @Test
    void required_v5_3_3_2_12_everyAliasUpToTheMaximumIsTaken() {
        Wire publisher = open().send(connect(newClientId()));
        long maximum = publisher.expect(PacketType.CONNACK, 0).properties().number(Property.TOPIC_ALIAS_MAXIMUM, 0);
        assertEquals(broker.has(MqttFeature.TOPIC_ALIASES), maximum > 0, "whether aliases are announced, as declared");
        String topic = newTopic();
        Wire subscriber = connected();
        for (long alias : new long[] {1, (maximum + 1) / 2, maximum}) {
            if (alias > 0) {
                subscriber.subscribe(topic + alias, 0);
                publisher.publish(aliased(topic + alias, "with topic", alias), 0);
                publisher.publish(aliased("", "by alias", alias), 0);
                subscriber.expectPublish(topic + alias, "with topic");
                subscriber.expectPublish(topic + alias, "by alias");
                subscriber.unsubscribe(topic + alias);
            }
        }
    }

    /** When it fails: an alias keeps its first topic, or is forgotten behind a message with another. */
    @Test
    void required_v5_section_3_3_2_3_4_aliasCanBeGivenAnotherTopic() {
        needs(MqttFeature.TOPIC_ALIASES);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic + "/a", 0).subscribe(topic + "/b", 0);
        Wire publisher = connected();
        publisher.publish(aliased(topic + "/a", "sets", 1), 0).publish(aliased("", "uses", 1), 0);
        publisher.publish(aliased(topic + "/b", "changes", 1), 0).publish(topic + "/a", "without", 0);
        publisher.publish(aliased("", "uses the other", 1), 0);
        subscriber.expectPublish(topic + "/a", "sets");
        subscriber.expectPublish(topic + "/a", "uses");
        subscriber.expectPublish(topic + "/b", "changes");
        subscriber.expectPublish(topic + "/a", "without");
        subscriber.expectPublish(topic + "/b", "uses the other");
    }

    /** When it fails: aliases are resolved at QoS 0 alone, or forwarded to subscribers who have not asked for any. */
    @Test
    void required_v5_section_3_3_2_3_4_aliasWorksAtEveryQos() {
        needs(MqttFeature.TOPIC_ALIASES);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 1);
        Wire publisher = connected();
        publisher.publish(aliased(topic, "sets", 1), 1).publish(aliased("", "QoS 1", 1), 1);
        subscriber.expectPublish(topic, "sets");
        Received message = subscriber.expectPublish(topic, "QoS 1");
        assertFalse(message.has(Property.TOPIC_ALIAS), "the publisher's Topic Alias");
        if (broker.has(MqttFeature.QOS_2)) {
            publisher.send(aliased("", "QoS 2", 1).qos(2, 1000)).expectAck(PacketType.PUBREC, 1000);
            publisher.send(pubrel(1000)).expectAck(PacketType.PUBCOMP, 1000);
            subscriber.expectPublish(topic, "QoS 2");
        }
    }

    /** When it fails: an alias that nobody has given a topic is taken for the empty topic. */
    @Test
    void required_v5_section_3_3_4_unknownAliasIsRefused() {
        needs(MqttFeature.TOPIC_ALIASES);
        connected().send(aliased("", "unknown", 1)).expectClosed(0x82);
    }

    private static Publish aliased(String topic, String payload, long alias) {
        return publish(topic, payload).with(Property.TOPIC_ALIAS, alias);
    }
}
