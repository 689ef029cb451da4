package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.publish;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The properties of PUBLISH in MQTT 5: what reaches the subscriber, and how long a message lives. */
abstract class V5PublishProperties extends Chapter {

    private static final List<Properties.Pair> USER_PROPERTIES = List.of(
            new Properties.Pair("b", "1"),
            new Properties.Pair("a", "2"),
            new Properties.Pair("b", "1"),
            new Properties.Pair("b", "0"),
            new Properties.Pair("", ""),
            new Properties.Pair("\u00e9", "\ud83d\ude00"));

    V5PublishProperties(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- What is forwarded ----

    /** When it fails: a default is put in, or the value is checked and then forgotten. */
    @Test
    void required_v5_3_3_2_4_payloadFormatIndicatorIsForwarded() {
        Property indicator = Property.PAYLOAD_FORMAT_INDICATOR;
        assertEquals(1, forwarded(message -> message.with(indicator, 1)).number(indicator, 0));
        // 0 and nothing at all mean the same.
        assertEquals(0, forwarded(message -> message.with(indicator, 0)).number(indicator, 0));
        assertEquals(0, forwarded(message -> message).number(indicator, 0));
    }

    /** When it fails: the text is taken for a topic of the broker's, or cut. */
    @Test
    void required_v5_3_3_2_15_responseTopicIsForwarded() {
        Property topic = Property.RESPONSE_TOPIC;
        String text = "an/answer/\u00e9/";
        assertEquals(text, forwarded(message -> message.with(topic, text)).text(topic));
    }

    /** When it fails: the bytes are taken for a text. */
    @Test
    void required_v5_3_3_2_16_correlationDataIsForwarded() {
        for (byte[] bytes : new byte[][] {{0, (byte) 0xFF, (byte) 0xC0, '\n', 0}, {}}) {
            Properties properties = forwarded(message -> message.with(Property.CORRELATION_DATA, bytes));
            assertArrayEquals(bytes, properties.bytes(Property.CORRELATION_DATA));
        }
    }

    /** When it fails: properties are kept in a map, so that of two with one name only one is left. */
    @Test
    void required_v5_3_3_2_17_everyUserPropertyIsForwarded() {
        List<Properties.Pair> pairs =
                forwarded(V5PublishProperties::withUserProperties).userProperties();
        assertEquals(USER_PROPERTIES.size(), pairs.size(), () -> "number of user properties in " + pairs);
        assertTrue(pairs.containsAll(USER_PROPERTIES), () -> "user properties are " + pairs);
    }

    /** When it fails: properties are sorted, or grouped by name. */
    @Test
    void required_v5_3_3_2_18_userPropertiesKeepTheirOrder() {
        assertEquals(
                USER_PROPERTIES,
                forwarded(V5PublishProperties::withUserProperties).userProperties());
    }

    /** When it fails: the text is checked or normalized. */
    @Test
    void required_v5_3_3_2_20_contentTypeIsForwarded() {
        Property type = Property.CONTENT_TYPE;
        String text = "Not/ a MIME type \u00e9";
        assertEquals(text, forwarded(message -> message.with(type, text)).text(type));
    }

    /** Of the copy that a subscriber gets. */
    private Properties forwarded(UnaryOperator<Publish> with) {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected().publish(with.apply(publish(topic, "forwarded")), 0);
        return subscriber.expectPublish(topic, "forwarded").properties();
    }

    /** When it fails: a retained message is kept without its properties. */
    @Test
    void required_v5_3_3_2_17_propertiesOfRetainedMessagesAreForwarded() {
        needs(MqttFeature.RETAIN);
        String topic = newTopic();
        connected().publish(withEverything(publish(topic, "retained")).retain(), 1);
        expectEverything(connected().subscribe(topic, 1).expectPublish(topic, "retained"));
    }

    /** When it fails: a message is put into a session without its properties. */
    @Test
    void required_v5_3_3_2_17_propertiesOfWaitingMessagesAreForwarded() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        connected(session(id)).subscribe(topic, 1).disconnect();
        connected().publish(withEverything(publish(topic, "waiting")), 1);
        Wire back = connected(session(id), true);
        Received first = back.expectPublish(topic, "waiting");
        expectEverything(first);
        back.close();
        expectEverything(connected(session(id), true).expectPublish(topic, "waiting"));
    }

    private static Publish withUserProperties(Publish message) {
        USER_PROPERTIES.forEach(pair -> message.user(pair.name(), pair.value()));
        return message;
    }

    private static Publish withEverything(Publish message) {
        return withUserProperties(message.with(Property.PAYLOAD_FORMAT_INDICATOR, 1)
                .with(Property.RESPONSE_TOPIC, "an/answer")
                .with(Property.CORRELATION_DATA, new byte[] {1, 2, 3})
                .with(Property.CONTENT_TYPE, "text/plain"));
    }

    private static void expectEverything(Received message) {
        Properties properties = message.properties();
        assertEquals(1, properties.number(Property.PAYLOAD_FORMAT_INDICATOR, 0), "Payload Format Indicator");
        assertEquals("an/answer", properties.text(Property.RESPONSE_TOPIC), "Response Topic");
        assertArrayEquals(new byte[] {1, 2, 3}, properties.bytes(Property.CORRELATION_DATA), "Correlation Data");
        assertEquals("text/plain", properties.text(Property.CONTENT_TYPE), "Content Type");
        assertEquals(USER_PROPERTIES, properties.userProperties(), "User Properties");
    }

    // ---- Message Expiry Interval ----

    /** When it fails: only those are looked at that wait while nobody comes, or the interval is not kept with the message. */
    @Test
    void required_v5_3_3_2_5_expiredMessageIsDropped() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        connected(session(id)).subscribe(topic, 1).disconnect();
        Wire publisher = connected();
        publisher.publish(publish(topic, "expires").with(Property.MESSAGE_EXPIRY_INTERVAL, 1), 1);
        publisher.publish(publish(topic, "lasts").with(Property.MESSAGE_EXPIRY_INTERVAL, 600), 1);
        publisher.publish(topic, "lasts for ever", 1);
        letSecondPass();
        Wire back = connected(session(id), true);
        back.acknowledge(back.expectPublish(topic, "lasts"));
        back.acknowledge(back.expectPublish(topic, "lasts for ever"));
        back.expectSilence();
    }

    /** When it fails: the property is copied, or left out. */
    @Test
    void required_v5_3_3_2_6_forwardedExpiryIntervalIsWhatIsLeft() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        connected(session(id)).subscribe(topic, 1).disconnect();
        connected().publish(publish(topic, "waits").with(Property.MESSAGE_EXPIRY_INTERVAL, 600), 1);
        letSecondPass();
        expectLeft(connected(session(id), true).expectPublish(topic, "waits"), 599);
    }

    /** When it fails: a retained message is sent as it was published. */
    @Test
    void required_v5_3_3_2_6_expiryIntervalOfRetainedMessageIsWhatIsLeft() {
        needs(MqttFeature.RETAIN);
        String topic = newTopic();
        connected()
                .publish(
                        publish(topic, "retained")
                                .with(Property.MESSAGE_EXPIRY_INTERVAL, 600)
                                .retain(),
                        1);
        letSecondPass();
        expectLeft(connected().subscribe(topic, 0).expectPublish(topic, "retained"), 599);
    }

    /** When it fails: what is sent on at once has lost the property. */
    @Test
    void required_v5_3_3_2_6_messageThatDoesNotWaitKeepsItsExpiryInterval() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected().publish(publish(topic, "at once").with(Property.MESSAGE_EXPIRY_INTERVAL, 0xFFFF_FFFFL), 0);
        expectLeft(subscriber.expectPublish(topic, "at once"), 0xFFFF_FFFFL);
    }

    /** At most this, and not less by more than this test may take. */
    private static void expectLeft(Received message, long most) {
        assertTrue(message.has(Property.MESSAGE_EXPIRY_INTERVAL), () -> "Message Expiry Interval in " + message);
        long left = message.properties().number(Property.MESSAGE_EXPIRY_INTERVAL, 0);
        assertTrue(left <= most && left > most - 60, () -> "Message Expiry Interval is " + left + " of " + most);
    }

    // ---- Form ----

    /** When it fails: a length inside the properties is believed beyond their end. */
    @Test
    void required_v5_section_2_2_2_1_propertiesLongerThanThePacketAreRefused() {
        connected().send(publish(newTopic(), "").rawProperties(9, 0x01, 1)).expectClosed(0x81);
        connected().send(publish(newTopic(), "").rawProperties(3, 0x03, 0, 9)).expectClosed(0x81);
        connected()
                .send(publish(newTopic(), "in the payload").rawProperties(3, 0x03, 0, 2))
                .expectClosed(0x81);
    }
}
