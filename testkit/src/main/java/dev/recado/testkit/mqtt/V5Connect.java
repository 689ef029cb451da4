package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.pingreq;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.subscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** CONNECT and CONNACK in MQTT 5: what is taken, what is refused, and what is said of it. */
abstract class V5Connect extends Chapter {

    private static final String UNKNOWN_METHOD = "no-such-method-of-the-kit";

    V5Connect(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- Who is taken ----

    /** When it fails: CONNACK is not sent at once, or a client that says everything it can is refused. */
    @Test
    void required_v5_3_1_4_5_validConnectIsAccepted() {
        accepted(connect(newClientId()));
        accepted(connect(newClientId())
                .keepAlive(600)
                .with(Property.SESSION_EXPIRY_INTERVAL, 0)
                .with(Property.RECEIVE_MAXIMUM, 10)
                .with(Property.MAXIMUM_PACKET_SIZE, 100_000)
                .with(Property.TOPIC_ALIAS_MAXIMUM, 10)
                .with(Property.REQUEST_RESPONSE_INFORMATION, 1)
                .with(Property.REQUEST_PROBLEM_INFORMATION, 1)
                .user("name", "value")
                .user("name", "value")
                .will(newTopic(), "will")
                .withWill(Property.WILL_DELAY_INTERVAL, 0)
                .withWill(Property.PAYLOAD_FORMAT_INDICATOR, 1)
                .withWill(Property.MESSAGE_EXPIRY_INTERVAL, 60)
                .withWill(Property.CONTENT_TYPE, "text/plain")
                .withWill(Property.RESPONSE_TOPIC, newTopic())
                .withWill(Property.CORRELATION_DATA, new byte[] {1, 2, 3})
                .willUser("name", "value"));
    }

    /** When it fails: the broker checks Client Identifiers by rules of its own. */
    @Test
    void required_v5_3_1_3_5_everyAlphanumericClientIdOfUpTo23BytesIsTaken() {
        accepted(connect("5"));
        accepted(connect("5012346789abcdefghijklm"));
        accepted(connect("5nopqrstuvwxyzABCDEFGHI"));
        accepted(connect("5JKLMNOPQRSTUVWXYZ"));
    }

    /** When it fails: assigned identifiers are counted per thread or listener, or repeat. */
    @Test
    void required_v5_3_1_3_6_emptyClientIdsAreGivenUniqueOnes() {
        needs(MqttFeature.ASSIGNED_CLIENT_IDENTIFIERS);
        Set<String> assigned = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            String id = accepted(connect("")).properties().text(Property.ASSIGNED_CLIENT_IDENTIFIER);
            assertTrue(assigned.add(id), () -> "two clients are called '" + id + "'");
        }
    }

    /** When it fails: the session is not kept under the identifier that CONNACK tells. */
    @Test
    void required_v5_3_1_3_7_assignedClientIdIsToldAndIsTheClients() {
        needs(MqttFeature.ASSIGNED_CLIENT_IDENTIFIERS);
        Wire first = open().send(connect(""));
        String id = first.expect(PacketType.CONNACK, 0).properties().text(Property.ASSIGNED_CLIENT_IDENTIFIER);
        assertNotNull(id, "CONNACK must have an Assigned Client Identifier");
        accepted(connect(id));
        first.expectClosed(0x8E);
    }

    /** When it fails: see 3.1.3-6; or an assigned identifier can be that of a client which chose it itself. */
    @Test
    void required_v5_3_2_2_16_assignedClientIdIsNobodyElses() {
        needs(MqttFeature.ASSIGNED_CLIENT_IDENTIFIERS);
        Wire first = open().send(connect(""));
        String id = first.expect(PacketType.CONNACK, 0).properties().text(Property.ASSIGNED_CLIENT_IDENTIFIER);
        for (int i = 0; i < 10; i++) {
            Received second = accepted(connect(""));
            assertFalse(
                    second.properties()
                            .text(Property.ASSIGNED_CLIENT_IDENTIFIER)
                            .equals(id),
                    "a second client was given the identifier of the first");
        }
        first.expectSilence();
    }

    /** When it fails: the refusal is only logged. */
    @Test
    void required_v5_3_1_3_8_refusedClientIdEndsTheConnection() {
        String id = broker.has(MqttFeature.ASSIGNED_CLIENT_IDENTIFIERS)
                ? declared(broker.refusedClientId(), "refusingClientId")
                : "";
        open().send(connect(id)).expectRefused(0x85);
    }

    // ---- Who is refused ----

    /** When it fails: only the length of the protocol name is looked at. */
    @Test
    void required_v5_3_1_2_1_otherProtocolNameIsRefused() {
        open().send(connect(newClientId()).protocol("MQTX")).expectRefused(0x84);
        open().send(connect(newClientId()).protocol("mqtt")).expectRefused(0x84);
        open().send(connect(newClientId()).protocol("MQTTS")).expectRefused(0x84);
        open().send(connect(newClientId()).protocol("")).expectRefused(0x84);
    }

    /** When it fails: versions are compared with "at least". The answer's form is free: the client's is unknown. */
    @Test
    void required_v5_3_1_2_2_otherProtocolVersionIsRefused() {
        for (int level : new int[] {0, 6, 255}) {
            open().send(connect(newClientId()).level(level)).expectRefusedInAnyForm();
        }
    }

    /** When it fails: the bit is masked away. */
    @Test
    void required_v5_3_1_2_3_reservedConnectFlagIsRefused() {
        open().send(connect(newClientId()).flip(Connect.RESERVED_BIT)).expectRefused(0x81);
    }

    /** When it fails: credentials are not passed on to whoever checks them, or the answer does not end the connection. */
    @Test
    void required_v5_3_1_4_2_badCredentialsAreRefused() {
        BrokerUnderTest.Credentials bad = declared(broker.refusedCredentials(), "refusing");
        open().send(connect(newClientId()).userName(bad.userName()).password(bad.password()))
                .expectRefused(0x86, 0x87);
    }

    /** When it fails: what came with the refused CONNECT in one read is still dispatched. */
    @Test
    void required_v5_3_1_4_6_nothingBehindRefusedConnectIsHandled() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        open().send(connect(newClientId()).flip(Connect.RESERVED_BIT), publish(topic, "after a malformed CONNECT"))
                .expectRefused(0x81);
        open().send(
                        connect(newClientId()).with(Property.AUTHENTICATION_METHOD, UNKNOWN_METHOD),
                        publish(topic, "after a refused CONNECT"))
                .expectRefused(0x8C, 0x87);
        connected().publish(topic, "last", 1);
        subscriber.expectPublish(topic, "last");
        subscriber.expectSilence();
    }

    /** When it fails: the connection waits for the client to close it. */
    @Test
    void required_v5_3_2_2_7_refusalEndsTheConnection() {
        open().send(connect(newClientId()).with(Property.AUTHENTICATION_METHOD, UNKNOWN_METHOD))
                .expectRefused(0x8C, 0x87);
    }

    /** When it fails: Session Present is computed before the CONNECT has been accepted. */
    @Test
    void required_v5_3_2_2_6_refusalHasNoSessionPresent() {
        String id = newClientId();
        connected(connect(id).with(Property.SESSION_EXPIRY_INTERVAL, 60)).disconnect();
        // The reader refuses a CONNACK with an error and Session Present 1.
        open().send(connect(id).keepSession().with(Property.AUTHENTICATION_METHOD, UNKNOWN_METHOD))
                .expectRefused(0x8C, 0x87);
        open().send(connect(id).keepSession().flip(Connect.RESERVED_BIT)).expectRefused(0x81);
        accepted(connect(id));
    }

    /** When it fails: the message has the code; an internal error's code, or one of another packet, got into CONNACK. */
    @Test
    void required_v5_3_2_2_8_refusalHasConnectReasonCode() {
        // The reader refuses a CONNACK with a code outside of table 3-1.
        open().send(connect(newClientId()).protocol("MQTX")).expectRefused(0x84);
        open().send(connect(newClientId()).flip(Connect.RESERVED_BIT)).expectRefused(0x81);
        open().send(connect(newClientId()).with(Property.RECEIVE_MAXIMUM, 0)).expectRefused(0x82);
        open().send(connect(newClientId()).with(Property.AUTHENTICATION_METHOD, UNKNOWN_METHOD))
                .expectRefused(0x8C, 0x87);
        open().send(connect(newClientId()).will("a/#", "will")).expectRefused(0x90, 0x81, 0x82);
    }

    // ---- What CONNACK says ----

    /** When it fails: answers are sent by another thread than CONNACK. */
    @Test
    void required_v5_3_2_0_1_connackPrecedesAnswersToPipelinedPackets() {
        String topic = newTopic();
        Wire wire = open().send(connect(newClientId()), subscribe(1, topic, 0), publish(topic, "at once"), pingreq());
        wire.expect(PacketType.CONNACK, 0);
        wire.expectAck(PacketType.SUBACK, 1);
    }

    /** When it fails: the session is opened for deliveries before CONNACK has been queued. */
    @Test
    void required_v5_3_2_0_1_connackPrecedesWaitingMessages() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        Wire away = connected(connect(id).with(Property.SESSION_EXPIRY_INTERVAL, 60));
        away.subscribe(topic, 1).disconnect();
        connected().publish(topic, "waiting", 1);
        Wire back = open().send(connect(id).keepSession());
        back.expect(PacketType.CONNACK, 0);
        back.acknowledge(back.expectPublish(topic, "waiting"));
        back.disconnect();
    }

    /** When it fails: something that follows the connect sends CONNACK again. */
    @Test
    void required_v5_3_2_0_2_connackComesOnce() {
        String id = newClientId();
        Wire wire = connected(connect(id)).expectSilence();
        wire.subscribe(newTopic(), 0).expectSilence();
        wire.send(connect(id)).expectClosed(0x82);
    }

    /** When it fails: the byte of flags has more in it than Session Present. */
    @Test
    void required_v5_3_2_2_1_reservedAcknowledgeFlagsAreZero() {
        byte[] taken = open().send(connect(newClientId())).nextBytes("CONNACK");
        assertEquals(0, taken[2] & 0xFE, "reserved bits of the Connect Acknowledge Flags");
        byte[] refused =
                open().send(connect(newClientId()).flip(Connect.RESERVED_BIT)).nextBytes("CONNACK or the end");
        if (refused != null) {
            assertEquals(0, refused[2] & 0xFE, "reserved bits of the Connect Acknowledge Flags");
        }
    }

    /** When it fails: the broker takes less than it says, or says nothing. */
    @Test
    void required_v5_3_2_2_9_lackOfQosIsAnnounced() {
        Wire wire = open().send(connect(newClientId()));
        Properties announced = wire.expect(PacketType.CONNACK, 0).properties();
        long maximum = announced.number(Property.MAXIMUM_QOS, 2);
        assertTrue(maximum <= 2, () -> "Maximum QoS is " + maximum);
        assertTrue(
                !announced.has(Property.MAXIMUM_QOS) || maximum < 2,
                "Maximum QoS in CONNACK is 0 or 1, and absent for 2 (section 3.2.2.3.4)");
        for (int qos = 0; qos <= maximum; qos++) {
            wire.publish(newTopic(), "up to the maximum", qos);
        }
        assertEquals(broker.has(MqttFeature.QOS_2), maximum == 2, "whether QoS 2 is announced, as it is declared");
    }

    /** When it fails: Response Information is sent to everybody. */
    @Test
    void required_v5_3_1_2_28_responseInformationIsForThoseWhoAsk() {
        assertFalse(accepted(connect(newClientId())).has(Property.RESPONSE_INFORMATION), "not asked for");
        assertFalse(
                accepted(connect(newClientId()).with(Property.REQUEST_RESPONSE_INFORMATION, 0))
                        .has(Property.RESPONSE_INFORMATION),
                "asked not to");
    }

    /** When it fails: the message has sizes; CONNACK has a Reason String though it does not fit. */
    @Test
    void required_v5_3_2_2_19_reasonStringGivesWayToMaximumPacketSize() {
        Connect refused = connect(newClientId()).with(Property.AUTHENTICATION_METHOD, UNKNOWN_METHOD);
        Received unbounded = open().send(refused).next("a CONNACK, or the end");
        if (unbounded == null) {
            return;
        }
        for (int size = unbounded.sizeWithout(Property.REASON_STRING); size <= unbounded.size(); size++) {
            // The reader refuses what is larger than the client permits.
            open().send(connect(newClientId())
                            .with(Property.MAXIMUM_PACKET_SIZE, size)
                            .with(Property.AUTHENTICATION_METHOD, UNKNOWN_METHOD))
                    .expectRefused(unbounded.code());
        }
    }

    /** When it fails: the message has sizes; CONNACK has User Properties though they do not fit. */
    @Test
    void required_v5_3_2_2_20_userPropertiesGiveWayToMaximumPacketSize() {
        Received unbounded = accepted(connect(newClientId()));
        for (int size = unbounded.sizeWithout(Property.USER_PROPERTY); size <= unbounded.size(); size++) {
            accepted(connect(newClientId()).with(Property.MAXIMUM_PACKET_SIZE, size));
        }
    }

    /** Always skipped. */
    @Test
    void untested_v5_4_2_0_1_transportIsAnOrderedLosslessStream() {
        notObservable("it says what transports exist; that this one carries the other tests is all there is to see");
    }
}
