package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;
import static dev.recado.testkit.mqtt.Packets.pingreq;
import static dev.recado.testkit.mqtt.Packets.publish;
import static dev.recado.testkit.mqtt.Packets.subscribe;

import org.junit.jupiter.api.Test;

/** CONNECT and CONNACK in MQTT 3.1.1: what is taken, what is refused, and what is said of it. */
abstract class V311Connect extends Chapter {

    private static final int UNACCEPTABLE_VERSION = 1;
    private static final int IDENTIFIER_REJECTED = 2;

    V311Connect(BrokerUnderTest broker) {
        super(broker, Version.V311);
    }

    // ---- Who is taken ----

    /** When it fails: CONNACK is not sent at once, or a client that says everything it can is refused. */
    @Test
    void required_v311_3_1_4_4_validConnectIsAccepted() {
        accepted(connect(newClientId()));
        accepted(connect(newClientId()).keepAlive(600).will(newTopic(), "will").userName("user"));
    }

    /** When it fails: the broker checks Client Identifiers by rules of its own. */
    @Test
    void required_v311_3_1_3_5_everyAlphanumericClientIdOfUpTo23BytesIsTaken() {
        accepted(connect("3"));
        accepted(connect("3012456789abcdefghijklm"));
        accepted(connect("3nopqrstuvwxyzABCDEFGHI"));
        accepted(connect("3JKLMNOPQRSTUVWXYZ"));
    }

    /** When it fails: clients without an identifier share one and oust each other. */
    @Test
    void required_v311_3_1_3_6_emptyClientIdsAreGivenUniqueOnes() {
        if (!broker.has(MqttFeature.ASSIGNED_CLIENT_IDENTIFIERS)) {
            refuses(connect(""), IDENTIFIER_REJECTED);
            return;
        }
        String topic = newTopic();
        Wire first = connected(connect("")).subscribe(topic, 0);
        Wire second = connected(connect(""));
        second.publish(topic, "from the second to the first", 1).expectSilence();
        first.expectPublish(topic, "from the second to the first");
        first.expectSilence();
    }

    /** When it fails: the client is given an identifier that it cannot know when it comes back. */
    @Test
    void required_v311_3_1_3_7_emptyClientIdNeedsCleanSession() {
        refuses(connect("").keepSession(), IDENTIFIER_REJECTED);
    }

    /** When it fails: it is refused with another code, or without any. */
    @Test
    void required_v311_3_1_3_8_emptyClientIdWithoutCleanSessionIsRejected() {
        refuses(connect("").keepSession(), IDENTIFIER_REJECTED);
    }

    /** When it fails: a Client Identifier is refused with another code, or without any. */
    @Test
    void required_v311_3_1_3_9_rejectedClientIdIsTold() {
        refuses(connect("").keepSession(), IDENTIFIER_REJECTED);
        if (broker.refusedClientId() != null) {
            refuses(connect(broker.refusedClientId()), IDENTIFIER_REJECTED);
        }
    }

    private void refuses(Connect connect, int code) {
        Wire wire = open().send(connect);
        wire.expect(PacketType.CONNACK, code);
        wire.expectEndOfStream();
    }

    // ---- Who is refused ----

    /** When it fails: only the length of the protocol name is looked at. */
    @Test
    void required_v311_3_1_2_1_otherProtocolNameIsNotTakenForMqtt() {
        for (String name : new String[] {"MQTX", "mqtt", "MQTTS", ""}) {
            open().send(connect(newClientId()).protocol(name)).expectRefusedInAnyForm();
        }
    }

    /** When it fails: versions are compared with "at least", or refused without the code, or in the form of MQTT 5. */
    @Test
    void required_v311_3_1_2_2_earlierProtocolLevelIsRefused() {
        refuses(connect(newClientId()).level(3), UNACCEPTABLE_VERSION);
        refuses(connect(newClientId()).level(0), UNACCEPTABLE_VERSION);
    }

    /** When it fails: as above. Who speaks MQTT 5, too, may answer a client of a version to come as MQTT 5 has it. */
    @Test
    void required_v311_3_1_2_2_laterProtocolLevelIsRefused() {
        if (broker.has(MqttFeature.MQTT_5)) {
            open().send(connect(newClientId()).level(9)).expectRefusedInAnyForm();
        } else {
            refuses(connect(newClientId()).level(9), UNACCEPTABLE_VERSION);
        }
    }

    /** When it fails: the bit is masked away. */
    @Test
    void required_v311_3_1_2_3_reservedConnectFlagIsRefused() {
        open().send(connect(newClientId()).flip(Connect.RESERVED_BIT)).expectRefused();
    }

    /** When it fails: what came with the refused CONNECT in one read is still dispatched. */
    @Test
    void required_v311_3_1_4_5_nothingBehindRefusedConnectIsHandled() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        open().send(connect(newClientId()).flip(Connect.RESERVED_BIT), publish(topic, "after a malformed CONNECT"))
                .expectRefused();
        Wire rejected = open().send(connect("").keepSession(), publish(topic, "after a rejected CONNECT"));
        rejected.expect(PacketType.CONNACK, IDENTIFIER_REJECTED);
        rejected.expectEndOfStream();
        connected().publish(topic, "last", 1);
        subscriber.expectPublish(topic, "last");
        subscriber.expectSilence();
    }

    // ---- What CONNACK says ----

    /** When it fails: answers are sent by another thread than CONNACK. */
    @Test
    void required_v311_3_2_0_1_connackPrecedesAnswersToPipelinedPackets() {
        String topic = newTopic();
        Wire wire = open().send(connect(newClientId()), subscribe(1, topic, 0), publish(topic, "at once"), pingreq());
        wire.expect(PacketType.CONNACK, 0);
        wire.expectAck(PacketType.SUBACK, 1);
    }

    /** When it fails: the session is opened for deliveries before CONNACK has been queued. */
    @Test
    void required_v311_3_2_0_1_connackPrecedesWaitingMessages() {
        needs(MqttFeature.SESSIONS);
        String id = newClientId();
        String topic = newTopic();
        connected(connect(id).keepSession()).subscribe(topic, 1).disconnect();
        connected().publish(topic, "waiting", 1);
        Wire back = open().send(connect(id).keepSession());
        back.expect(PacketType.CONNACK, 0);
        back.acknowledge(back.expectPublish(topic, "waiting"));
        back.disconnect();
        accepted(connect(id));
    }

    /** When it fails: Session Present is computed before the CONNECT has been accepted. */
    @Test
    void required_v311_3_2_2_4_refusalHasNoSessionPresent() {
        String id = newClientId();
        connected(connect(id).keepSession()).disconnect();
        // The reader refuses a CONNACK with an error and Session Present 1.
        refuses(connect(id).keepSession().level(3), UNACCEPTABLE_VERSION);
        accepted(connect(id));
    }

    /** When it fails: the connection waits for the client to close it. */
    @Test
    void required_v311_3_2_2_5_refusalEndsTheConnection() {
        refuses(connect("").keepSession(), IDENTIFIER_REJECTED);
    }

    /** When it fails: an error that has no return code is given one. */
    @Test
    void required_v311_3_2_2_6_errorWithoutReturnCodeIsNotAnswered() {
        open().send(connect(newClientId()).flip(Connect.RESERVED_BIT)).expectRefused();
        open().send(connect(newClientId()).then(0)).expectRefused();
        open().send(connect(newClientId()).will(newTopic(), "will").willQos(3)).expectRefused();
    }

    // ---- Not to be seen ----

    /** Always skipped. */
    @Test
    void untested_v311_7_0_0_1_serverThatConnectsToServersConforms() {
        notObservable("it is about servers that connect to others, which is not asked of them here");
    }

    /** Always skipped. */
    @Test
    void untested_v311_7_0_0_2_noExtensionIsNeeded() {
        notObservable("that all other tests pass with nothing but the standard is all there is to see");
    }

    /** Always skipped. */
    @Test
    void untested_v311_7_1_1_1_serverTransportIsAnOrderedLosslessStream() {
        notObservable("it says what transports exist; that this one carries the other tests is all there is to see");
    }

    /** Always skipped. */
    @Test
    void untested_v311_7_1_2_1_clientTransportIsAnOrderedLosslessStream() {
        notObservable("it says what transports a client has");
    }
}
