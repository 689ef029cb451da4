package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.disconnect;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static dev.recado.testkit.mqtt.Packets.unsubscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** How MQTT 5 writes strings, numbers and headers. */
abstract class V5Encoding extends Chapter {

    private static final byte[] NOT_UTF8 = Outgoing.narrow('a', 0xED, 0xA0, 0x80);
    private static final byte[] WITH_NULL = Outgoing.narrow('a', 0, 'b');

    V5Encoding(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- Strings ----

    /** When it fails: the decoder replaces what it cannot decode, or knows UTF-8 as it was before RFC 3629. */
    @Test
    void required_v5_1_5_4_1_stringsAreUtf8() {
        for (byte[] bad : BadStrings.NOT_UTF8) {
            connected().send(subscribe(1).filter(bad, 0)).expectClosed(0x81, 0x8F);
            connected().send(publish("", "").topic(bad)).expectClosed(0x81, 0x90);
        }
        connected().send(unsubscribe(1).filter(NOT_UTF8)).expectClosed(0x81, 0x8F);
        connected()
                .send(disconnect().code(0).with(Property.REASON_STRING, NOT_UTF8))
                .expectClosed(0x81);
    }

    /** When it fails: the check is for UTF-8 as such, which has U+0000. */
    @Test
    void required_v5_1_5_4_2_stringsHaveNoNull() {
        for (byte[] bad : BadStrings.WITH_NULL) {
            connected().send(subscribe(1).filter(bad, 0)).expectClosed(0x81, 0x8F);
            connected().send(publish("", "").topic(bad)).expectClosed(0x81, 0x90);
        }
        connected().send(unsubscribe(1).filter(WITH_NULL)).expectClosed(0x81, 0x8F);
        connected()
                .send(disconnect().code(0).with(Property.REASON_STRING, WITH_NULL))
                .expectClosed(0x81);
    }

    /** When it fails: the decoder takes U+FEFF for a byte-order mark and drops it. */
    @Test
    void required_v5_1_5_4_3_byteOrderMarkIsACharacter() {
        String plain = newTopic();
        String marked = "\uFEFF" + plain;
        Wire subscriber = connected().subscribe(plain, 0).subscribe(marked, 0).subscribe(plain + "/\uFEFF", 0);
        connected()
                .publish(publish(marked, "in front").with(Property.CONTENT_TYPE, "\uFEFFtype"), 1)
                .publish(plain + "/\uFEFF", "alone", 1)
                .publish(plain, "without", 1);
        Received inFront = subscriber.expectPublish(marked, "in front");
        assertEquals("\uFEFFtype", inFront.properties().text(Property.CONTENT_TYPE));
        subscriber.expectPublish(plain + "/\uFEFF", "alone");
        subscriber.expectPublish(plain, "without");
        subscriber.expectSilence();
    }

    /** When it fails: strings are cut, normalised or compared by something else than their characters. */
    @Test
    void required_v5_section_1_5_4_stringsOfAllPlanesAreKept() {
        String topic = newTopic() + "/\u00E9/e\u0301/\u4E2D\u6587/\uD83D\uDE00/\uDBFF\uDFFD/ ";
        Wire subscriber = connected().subscribe(topic, 0);
        connected().publish(publish(topic, "\uD83D\uDE00").user("\u00E9", "\uD83D\uDE00"), 1);
        Received message = subscriber.expectPublish(topic, "\uD83D\uDE00");
        assertEquals(
                List.of(new Properties.Pair("\u00E9", "\uD83D\uDE00")),
                message.properties().userProperties());
    }

    /** When it fails: User Properties are handed on without being looked at. */
    @Test
    void required_v5_1_5_7_1_pairsAreStrings() {
        for (byte[] bad : List.of(NOT_UTF8, WITH_NULL)) {
            byte[] good = {'x'};
            for (byte[] pair : List.of(pair(bad, good), pair(good, bad))) {
                connected().send(publish(newTopic(), "").rawProperties(pair)).expectClosed(0x81);
                open().send(connect("").noClientId().rawProperties(pair).then(0, 0))
                        .expectRefused(0x81);
            }
        }
    }

    /** A section of properties with one User Property. */
    private static byte[] pair(byte[] name, byte[] value) {
        Body property =
                new Body().variable(Property.USER_PROPERTY.id).binary(name).binary(value);
        return new Body().variable(property.size()).raw(property.bytes()).bytes();
    }

    /** When it fails: the identifier is only a key. */
    @Test
    void required_v5_3_1_3_4_clientIdIsAString() {
        open().send(connect("").clientId('a', 0xED, 0xA0, 0x80)).expectRefused(0x81, 0x85);
        open().send(connect("").clientId('a', 0xFF)).expectRefused(0x81, 0x85);
        open().send(connect("").clientId('a', 0)).expectRefused(0x81, 0x85);
    }

    /** When it fails: the name is only handed to whoever checks it. */
    @Test
    void required_v5_3_1_3_12_userNameIsAString() {
        for (byte[] bad : BadStrings.ALL) {
            open().send(connect(newClientId()).userName(bad)).expectRefused(0x81, 0x86);
        }
    }

    /** When it fails: the property is handed on without being looked at. */
    @Test
    void required_v5_3_3_2_13_responseTopicIsAString() {
        for (byte[] bad : BadStrings.ALL) {
            connected()
                    .send(publish(newTopic(), "").with(Property.RESPONSE_TOPIC, bad))
                    .expectClosed(0x81, 0x90);
        }
    }

    /** When it fails: the property is handed on without being looked at. */
    @Test
    void required_v5_3_3_2_19_contentTypeIsAString() {
        for (byte[] bad : BadStrings.ALL) {
            connected()
                    .send(publish(newTopic(), "").with(Property.CONTENT_TYPE, bad))
                    .expectClosed(0x81);
        }
    }

    // ---- Numbers ----

    /** When it fails: the reader has named a number in more bytes than it needs, or the boundary is off by one. */
    @Test
    void required_v5_1_5_5_1_lengthsTakeNoMoreBytesThanTheyNeed() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire publisher = connected();
        int overhead = 2 + topic.length() + 1;
        for (int remaining : new int[] {127, 128, 16_383, 16_384, 2_097_151, 2_097_152}) {
            String payload = "x".repeat(remaining - overhead);
            publisher.publish(topic, payload, 1);
            // The reader refuses what is not in its shortest form.
            subscriber.expectPublish(topic, payload);
        }
    }

    /** When it fails: the fifth byte of a length is read, or the fourth may say that there is one. */
    @Test
    void required_v5_section_1_5_5_lengthOfFiveBytesIsRefused() {
        connected().send(0x30, 0x80, 0x80, 0x80, 0x80, 0x01).expectClosed(0x81);
        connected()
                .send(publish(newTopic(), "").rawProperties(0xFF, 0xFF, 0xFF, 0xFF, 0x7F))
                .expectClosed(0x81);
    }

    // ---- Headers ----

    /** When it fails: a length that is not there is read from the field behind it, or taken for 0. */
    @Test
    void required_v5_2_2_2_1_propertyLengthIsNeverLeftOut() {
        // The reader refuses a packet of the broker without it.
        Wire wire = connected();
        wire.subscribe(newTopic(), 0).publish(newTopic(), "with Property Length 0", 1);
        wire.send(unsubscribe(100, newTopic())).expectAck(PacketType.UNSUBACK, 100);
        // SUBSCRIBE, its identifier, then at once the filter "t": its length would be a Property Length.
        connected().send(0x82, 6, 0, 1, 0, 1, 't', 0).expectClosed(0x81);
        // UNSUBSCRIBE and PUBLISH that end where it should be.
        connected().send(0xA2, 2, 0, 1).expectClosed(0x81);
        connected().send(0x30, 3, 0, 1, 't').expectClosed(0x81);
    }
}
