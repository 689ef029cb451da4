package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static dev.recado.testkit.mqtt.Packets.unsubscribe;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Topic Names and Topic Filters in MQTT 3.1.1: which there are, and which match. */
abstract class V311Topics extends Chapter {

    V311Topics(BrokerUnderTest broker) {
        super(broker, Version.V311);
    }

    // ---- Topic Names ----

    /** When it fails: a name is checked as if it were a filter, or is routed before it is checked. */
    @Test
    void required_v311_3_3_2_2_wildcardInTopicNameIsRefused() {
        needs(MqttFeature.WILDCARDS);
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic + "/#", 0);
        for (String level : new String[] {"/+", "/#", "/a/+/b", "/a/#"}) {
            connected().send(publish(topic + level, "to a wildcard")).expectClosed();
        }
        connected().publish(topic + "/last", "last", 0);
        subscriber.expectPublish(topic + "/last", "last");
        subscriber.expectSilence();
    }

    /** When it fails: only a wildcard that is a valid filter is found in a name. */
    @Test
    void required_v311_4_7_1_1_wildcardAnywhereInTopicNameIsRefused() {
        String topic = newTopic();
        for (String level : new String[] {"a+", "+a", "a#", "#a", "a/#/b"}) {
            connected().send(publish(topic + "/" + level, "to a wildcard")).expectClosed();
        }
        connected().send(publish("#", "to everybody")).expectClosed();
        connected().send(publish("+", "to everybody")).expectClosed();
    }

    /** When it fails: an empty name is a topic like any other, or means an alias as in MQTT 5. */
    @Test
    void required_v311_4_7_3_1_emptyTopicNameIsRefused() {
        connected().send(publish("", "to nowhere")).expectClosed();
        connected().send(publish("", "to nowhere").qos(1, 1)).expectClosed();
    }

    /** When it fails: an empty filter is taken, or matches something. */
    @Test
    void required_v311_4_7_3_1_emptyTopicFilterIsRefused() {
        connected().send(subscribe(1, "", 0)).expectNotGranted(1);
    }

    /** When it fails: names and filters are checked by different rules. */
    @Test
    void required_v311_4_7_3_1_shortestNamesAreTaken() {
        // Others than in MQTT 5, where the same is tried at the same time.
        String one = "\u00e8";
        Wire client = connected().subscribe("//", 0).subscribe(one, 0).subscribe("  ", 0);
        client.send(publish("//", "slashes")).expectPublish("//", "slashes");
        client.send(publish("  ", "spaces")).expectPublish("  ", "spaces");
        client.send(publish(one, "one character")).expectPublish(one, "one character");
    }

    /** When it fails: U+0000 is not looked for: it is valid UTF-8. */
    @Test
    void required_v311_4_7_3_2_nulIsRefused() {
        connected().send(publish("", "U+0000").topic('a', 0, 'b')).expectClosed();
        connected().send(subscribe(1, "a\u0000b", 0)).expectClosed();
        connected().send(unsubscribe(1, "a\u0000b")).expectClosed();
    }

    /** Always skipped. */
    @Test
    void untested_v311_4_7_3_3_namesAndFiltersTakeAtMost65535Bytes() {
        notObservable("a length of two bytes cannot say more");
    }

    // ---- Filters ----

    /** When it fails: '#' is looked for at the end alone, or anywhere. */
    @Test
    void required_v311_4_7_1_2_multiLevelWildcardElsewhereIsRefused() {
        for (String filter : new String[] {"a/#/b", "a#", "a/b#", "#/a", "##", "a/#b", "a/##", "#a", "a/#/"}) {
            connected().send(subscribe(1, filter, 0)).expectNotGranted(1);
        }
    }

    /** When it fails: '#' does not include the parent level, or stops at an empty one. */
    @Test
    void required_v311_4_7_1_2_multiLevelWildcardMatchesParentAndAllBelow() {
        needs(MqttFeature.WILDCARDS);
        String topic = newTopic();
        expectMatches(topic + "/#", new String[] {topic, topic + "/", topic + "/a", topic + "/a/b/c", topic + "//"});
        expectMatches(topic + "/a/#", new String[] {topic + "/a", topic + "/a/b"}, topic, topic + "/ab", topic + "/b");
    }

    /** When it fails: '+' inside of a level is taken for a character like any other. */
    @Test
    void required_v311_4_7_1_3_singleLevelWildcardWithOthersInItsLevelIsRefused() {
        for (String filter : new String[] {"a+", "+a", "a/b+", "a/+b/c", "++", "a/++/b", "+#", "a/+#"}) {
            connected().send(subscribe(1, filter, 0)).expectNotGranted(1);
        }
    }

    /** When it fails: '+' is not taken somewhere, matches several levels, or no empty one. */
    @Test
    void required_v311_4_7_1_3_singleLevelWildcardMatchesOneLevel() {
        needs(MqttFeature.WILDCARDS);
        String topic = newTopic();
        String name = topic.substring(topic.indexOf('/') + 1);
        expectMatches(
                topic + "/+",
                new String[] {topic + "/a", topic + "/", topic + "/\u00e9"},
                topic,
                topic + "/a/b",
                topic + "/a/");
        expectMatches(
                topic + "/+/c", new String[] {topic + "/a/c", topic + "//c"}, topic + "/c", topic + "/a/b/c", topic);
        expectMatches("+/" + name, new String[] {topic, "/" + name}, topic + "/", name);
        expectMatches(topic + "/+/+", new String[] {topic + "//", topic + "/a/b"}, topic + "/a");
        expectMatches(topic + "/+/#", new String[] {topic + "/a", topic + "/a/b/c", topic + "/"}, topic);
    }

    /** When it fails: levels are cut where they must not be, or empty ones are left out. */
    @Test
    void required_v311_section_4_7_3_slashesAndCaseMakeDifferentTopics() {
        String topic = newTopic();
        expectMatches(
                topic,
                new String[] {topic},
                "/" + topic,
                topic + "/",
                topic.replace("/", "//"),
                topic.toUpperCase(Locale.ROOT),
                topic + " ");
    }

    /** When it fails: the first level is matched like the others. */
    @Test
    void required_v311_4_7_2_1_leadingWildcardDoesNotMatchDollar() {
        needs(MqttFeature.WILDCARDS);
        String name = newTopic().substring("kit/".length());
        Wire single = connected().subscribe("+/" + name, 0);
        Wire exact = connected().subscribe("$kit/" + name, 0);
        Wire publisher = connected();
        // Last, and read first: it gets what all other tests publish, which a broker need not keep for a slow client.
        Wire all = connected().subscribe("#", 0);
        publisher.publish("$kit/" + name, "to a topic that begins with $", 0);
        publisher.publish("kit/" + name, "last", 0);
        Received message;
        do {
            // Messages of all other tests are among them.
            message = all.expect(PacketType.PUBLISH);
            assertFalse(message.topic().startsWith("$"), "'#' does not match " + message.topic());
        } while (!message.topic().equals("kit/" + name));
        all.close();
        exact.expectPublish("$kit/" + name, "to a topic that begins with $");
        single.expectPublish("kit/" + name, "last");
        single.expectSilence();
    }

    /** When it fails: names are normalized, or compared as people see them. */
    @Test
    void required_v311_4_7_3_4_namesAreComparedCharacterByCharacter() {
        String topic = newTopic() + "/";
        expectMatches(
                topic + "\u00e9", new String[] {topic + "\u00e9"}, topic + "e\u0301", topic + "e", topic + "\u00c9");
        expectMatches(topic + "e\u0301", new String[] {topic + "e\u0301"}, topic + "\u00e9");
        expectMatches(topic + "\u212b", new String[] {topic + "\u212b"}, topic + "\u00c5", topic + "A\u030a");
        expectMatches(topic + "\ufeffa", new String[] {topic + "\ufeffa"}, topic + "a");
    }
}
