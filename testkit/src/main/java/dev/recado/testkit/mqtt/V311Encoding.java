package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static dev.recado.testkit.mqtt.Packets.unsubscribe;

import org.junit.jupiter.api.Test;

/** How MQTT 3.1.1 writes strings, numbers and headers. */
abstract class V311Encoding extends Chapter {

    V311Encoding(BrokerUnderTest broker) {
        super(broker, Version.V311);
    }

    // ---- Strings ----

    /** When it fails: the decoder replaces what it cannot decode, or knows UTF-8 as it was before RFC 3629. */
    @Test
    void required_v311_1_5_3_1_stringsAreUtf8() {
        for (byte[] bad : BadStrings.NOT_UTF8) {
            connected().send(subscribe(1).filter(bad, 0)).expectClosed();
            connected().send(unsubscribe(1).filter(bad)).expectClosed();
            connected().send(publish("", "").topic(bad)).expectClosed();
        }
    }

    /** When it fails: the check is for UTF-8 as such, which has U+0000. */
    @Test
    void required_v311_1_5_3_2_stringsHaveNoNull() {
        for (byte[] bad : BadStrings.WITH_NULL) {
            connected().send(subscribe(1).filter(bad, 0)).expectClosed();
            connected().send(unsubscribe(1).filter(bad)).expectClosed();
            connected().send(publish("", "").topic(bad)).expectClosed();
        }
    }

    /** When it fails: the decoder takes U+FEFF for a byte-order mark and drops it. */
    @Test
    void required_v311_1_5_3_3_byteOrderMarkIsACharacter() {
        String plain = newTopic();
        String marked = "\uFEFF" + plain;
        Wire subscriber = connected().subscribe(plain, 0).subscribe(marked, 0).subscribe(plain + "/\uFEFF", 0);
        connected()
                .publish(marked, "in front", 1)
                .publish(plain + "/\uFEFF", "alone", 1)
                .publish(plain, "without", 1);
        subscriber.expectPublish(marked, "in front");
        subscriber.expectPublish(plain + "/\uFEFF", "alone");
        subscriber.expectPublish(plain, "without");
        subscriber.expectSilence();
    }

    /** When it fails: strings are cut, normalised or compared by something else than their characters. */
    @Test
    void required_v311_section_1_5_3_stringsOfAllPlanesAreKept() {
        String topic = newTopic() + "/\u00E9/e\u0301/\u4E2D\u6587/\uD83D\uDE00/\uDBFF\uDFFD/ ";
        Wire subscriber = connected().subscribe(topic, 0);
        connected().publish(topic, "\uD83D\uDE00", 1);
        subscriber.expectPublish(topic, "\uD83D\uDE00");
    }

    /** When it fails: the identifier is only a key. */
    @Test
    void required_v311_3_1_3_4_clientIdIsAString() {
        open().send(connect("").clientId('a', 0xED, 0xA0, 0x80)).expectRefused();
        open().send(connect("").clientId('a', 0xFF)).expectRefused();
        open().send(connect("").clientId('a', 0)).expectRefused();
    }

    /** When it fails: the name is only handed to whoever checks it. */
    @Test
    void required_v311_3_1_3_11_userNameIsAString() {
        for (byte[] bad : BadStrings.ALL) {
            open().send(connect(newClientId()).userName(bad)).expectRefused();
        }
    }

    // ---- Numbers ----

    /** When it fails: the reader has named a length in more bytes than it needs, or the boundary is off by one. */
    @Test
    void required_v311_section_2_2_3_remainingLengthHasOneToFourBytes() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        Wire publisher = connected();
        int overhead = 2 + topic.length();
        for (int remaining : new int[] {127, 128, 16_383, 16_384, 2_097_151, 2_097_152}) {
            String payload = "x".repeat(remaining - overhead);
            publisher.publish(topic, payload, 1);
            subscriber.expectPublish(topic, payload);
        }
        connected().send(0x30, 0x80, 0x80, 0x80, 0x80, 0x01).expectClosed();
    }

    // ---- Headers ----
}
