package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.disconnect;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import org.junit.jupiter.api.Test;

/** DISCONNECT in MQTT 5, in both directions. That of wills is {@link V5Will}'s. */
abstract class V5Disconnect extends Chapter {

    /** Those of table 3-10 that a client may send, except the normal one. */
    private static final int[] CLIENT_CODES = {
        0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99
    };

    V5Disconnect(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- From the broker ----

    /** When it fails: whoever ends connections does not ask whether CONNACK has been sent. */
    @Test
    void required_v5_3_14_0_1_connectIsRefusedWithoutDisconnect() {
        // None of these accepts a DISCONNECT.
        open().send(connect(newClientId()).flip(Connect.RESERVED_BIT)).expectRefused(0x81);
        open().send(connect(newClientId()).with(Property.RECEIVE_MAXIMUM, 0)).expectRefused(0x82);
        open().send(publish(newTopic(), "early")).expectEndOfStream();
        open().send(disconnect()).expectEndOfStream();
    }

    /** When it fails: the reader has named what a server must not say. */
    @Test
    void required_v5_3_14_2_1_brokerSendsCodesOfDisconnect() {
        // The reader refuses a code that is not a server's.
        String id = newClientId();
        Wire ousted = connected(connect(id));
        connected(connect(id));
        ousted.expectClosed(0x8E);
        connected().send(subscribe(1)).expectClosed(0x82);
        connected().send(publish(newTopic(), "QoS 3").qos(3, 1)).expectClosed(0x81);
    }

    /** When it fails: the reader has found a Session Expiry Interval, which only clients may send. */
    @Test
    void required_v5_3_14_2_2_brokersDisconnectHasNoSessionExpiryInterval() {
        String id = newClientId();
        Wire ousted = connected(session(id));
        connected(session(id));
        assertNoExpiry(ousted.next("DISCONNECT, or the end"));
        assertNoExpiry(connected(session(newClientId())).send(subscribe(1)).next("DISCONNECT, or the end"));
        forget(id);
    }

    private static void assertNoExpiry(Received farewell) {
        assertFalse(
                farewell != null && farewell.has(Property.SESSION_EXPIRY_INTERVAL),
                () -> farewell + " has a Session Expiry Interval");
    }

    /** When it fails: the message has sizes; DISCONNECT has a Reason String though it does not fit. */
    @Test
    void required_v5_3_14_2_3_reasonStringGivesWayToMaximumPacketSize() {
        disconnectKeepsToMaximumPacketSize();
    }

    /** When it fails: the message has sizes; DISCONNECT has User Properties though they do not fit. */
    @Test
    void required_v5_3_14_2_4_userPropertiesGiveWayToMaximumPacketSize() {
        disconnectKeepsToMaximumPacketSize();
    }

    private void disconnectKeepsToMaximumPacketSize() {
        Received unbounded = connected().send(subscribe(1)).next("DISCONNECT, or the end");
        if (unbounded == null) {
            return;
        }
        // The CONNACK must fit as well.
        int smallest = Math.max(
                unbounded.sizeWithout(Property.REASON_STRING, Property.USER_PROPERTY),
                accepted(connect(newClientId())).size());
        for (int size = smallest; size <= Math.max(smallest, unbounded.size()); size++) {
            // The reader refuses what is larger than the client permits.
            connected(connect(newClientId()).with(Property.MAXIMUM_PACKET_SIZE, size))
                    .send(subscribe(1))
                    .expectClosed(unbounded.code());
        }
    }

    /** When it fails: messages that were waiting to be sent follow DISCONNECT. */
    @Test
    void required_v5_3_14_4_1_nothingFollowsTheBrokersDisconnect() {
        String id = newClientId();
        String topic = newTopic();
        Wire ousted = connected(connect(id)).subscribe(topic, 0);
        Wire publisher = connected();
        for (int i = 0; i < 50; i++) {
            publisher.send(publish(topic, "before"));
        }
        connected(connect(id));
        for (int i = 0; i < 50; i++) {
            publisher.send(publish(topic, "after"));
        }
        publisher.expectSilence();
        Received packet = ousted.next("messages, then the end");
        while (packet != null && packet.type() == PacketType.PUBLISH) {
            packet = ousted.next("messages, then the end");
        }
        if (broker.has(MqttFeature.REASON_CODES)) {
            assertNotNull(packet, "the connection was closed without DISCONNECT");
        }
        if (packet != null) {
            assertEquals(PacketType.DISCONNECT, packet.type());
            ousted.expectEndOfStream();
        }
    }

    /** When it fails: the broker says DISCONNECT and waits for the client to close. */
    @Test
    void required_v5_3_14_4_2_brokerClosesBehindItsDisconnect() {
        connected().send(subscribe(1)).expectClosed(0x82);
        connected().send(connect(newClientId())).expectClosed(0x82);
    }

    // ---- From the client ----

    /** When it fails: flags are masked away, and the packet is taken for a normal DISCONNECT. */
    @Test
    void required_v5_3_14_1_1_reservedFlagsAreRefused() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        for (int flags : new int[] {1, 2, 8}) {
            connected(connect(newClientId()).will(topic, "with flags " + flags))
                    .send(disconnect().firstByte(0xE0 | flags))
                    .expectClosed(0x81);
            subscriber.expectPublish(topic, "with flags " + flags);
        }
    }

    /** When it fails: a client's code is taken for an error of its packet, or for a normal end. */
    @Test
    void required_v5_3_14_2_1_everyCodeOfAClientIsTaken() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        for (int code : CLIENT_CODES) {
            connected(connect(newClientId()).will(topic, "code " + code))
                    .send(disconnect().code(code))
                    .expectEndOfStream();
            subscriber.expectPublish(topic, "code " + code);
        }
    }

    /** When it fails: a code that no client may send makes a normal end. */
    @Test
    void required_v5_3_14_2_1_otherCodesAreNoNormalEnd() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        for (int code : new int[] {0x01, 0x03, 0x8E, 0xFF}) {
            Wire client = connected(connect(newClientId()).will(topic, "code " + code));
            Received farewell = client.send(disconnect().code(code)).next("DISCONNECT, or the end");
            if (farewell != null) {
                assertEquals(PacketType.DISCONNECT, farewell.type());
                client.expectEndOfStream();
            }
            subscriber.expectPublish(topic, "code " + code);
        }
    }

    /** When it fails: one of the three lengths that a normal DISCONNECT may have is not understood. */
    @Test
    void required_v5_section_3_14_2_2_shortFormsAreTaken() {
        connected().send(0xE0, 0).expectEndOfStream();
        connected().send(0xE0, 1, 0).expectEndOfStream();
        connected().send(0xE0, 2, 0, 0).expectEndOfStream();
        connected()
                .send(disconnect()
                        .code(0)
                        .with(Property.REASON_STRING, "good night")
                        .user("name", "value"))
                .expectEndOfStream();
    }

    /** When it fails: the broker waits for the client, which has said that it has nothing to say, to close. */
    @Test
    void required_v5_section_3_14_4_brokerClosesWhenTheClientDoesNot() {
        connected().send(disconnect()).expectEndOfStream();
    }

    /** When it fails: only the interval in CONNECT counts. */
    @Test
    void required_v5_section_3_14_2_2_2_intervalInDisconnectReplacesThatOfConnect() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        connected(session(id), false)
                .send(disconnect().with(Property.SESSION_EXPIRY_INTERVAL, 0))
                .expectEndOfStream();
        connected(connect(id).keepSession().with(Property.SESSION_EXPIRY_INTERVAL, 1), false)
                .send(disconnect().with(Property.SESSION_EXPIRY_INTERVAL, 60))
                .expectEndOfStream();
        connected(session(id), true).disconnect();
        forget(id);
    }

    /** When it fails: a session that was to end with its connection is kept because DISCONNECT says so. */
    @Test
    void required_v5_section_3_14_2_2_2_intervalInDisconnectNeedsOneInConnect() {
        connected()
                .send(disconnect().with(Property.SESSION_EXPIRY_INTERVAL, 60))
                .expectClosed(0x82);
        connected(connect(newClientId()).with(Property.SESSION_EXPIRY_INTERVAL, 0))
                .send(disconnect().with(Property.SESSION_EXPIRY_INTERVAL, 60))
                .expectClosed(0x82);
    }

    /** When it fails: DISCONNECT is not parsed, since it ends the connection anyhow; the will tells. */
    @Test
    void required_v5_section_2_2_2_2_malformedDisconnectIsNoNormalEnd() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId()).will(topic, "property of another packet"))
                .send(disconnect().code(0).with(Property.TOPIC_ALIAS, 1))
                .expectClosed(0x81, 0x82);
        subscriber.expectPublish(topic, "property of another packet");
        connected(connect(newClientId()).will(topic, "repeated property"))
                .send(disconnect().code(0).with(Property.REASON_STRING, "one").with(Property.REASON_STRING, "two"))
                .expectClosed(0x82);
        subscriber.expectPublish(topic, "repeated property");
        connected(connect(newClientId()).will(topic, "bytes behind the end"))
                .send(0xE0, 4, 0, 0, 0, 0)
                .expectClosed(0x81);
        subscriber.expectPublish(topic, "bytes behind the end");
    }
}
