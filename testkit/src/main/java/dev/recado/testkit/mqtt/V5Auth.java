package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.auth;
import static dev.recado.testkit.mqtt.Packets.connect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.recado.auth.ClientAuthentication;
import org.junit.jupiter.api.Test;

/** Enhanced authentication in MQTT 5: what a broker does without it, and what it does that has a method. */
abstract class V5Auth extends Chapter {

    private static final String UNKNOWN_METHOD = "no-such-method-of-the-kit";
    private static final int SUCCESS = 0x00;
    private static final int CONTINUE = 0x18;
    private static final int RE_AUTHENTICATE = 0x19;
    private static final byte[] NOTHING = {};

    /** More than any method takes. */
    private static final int MOST_CHALLENGES = 10;

    /** How a DISCONNECT may call it that authentication has failed. */
    private static final int[] FAILED = {0x80, 0x82, 0x83, 0x87, 0x8C};

    V5Auth(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- Of any broker ----

    /** When it fails: a method that the broker does not have is ignored, and the client let in without it. */
    @Test
    void required_v5_4_12_0_1_unknownMethodIsRefused() {
        open().send(connect(newClientId()).with(Property.AUTHENTICATION_METHOD, UNKNOWN_METHOD))
                .expectRefused(0x8C, 0x87);
        open().send(connect(newClientId())
                        .with(Property.AUTHENTICATION_METHOD, UNKNOWN_METHOD)
                        .with(Property.AUTHENTICATION_DATA, new byte[] {1, 2, 3})
                        .userName("user")
                        .password("word"))
                .expectRefused(0x8C, 0x87);
    }

    /** When it fails: the broker begins an exchange that the client has not asked for. */
    @Test
    void required_v5_4_12_0_6_plainConnectIsNotAnsweredWithAMethod() {
        for (Connect plain : new Connect[] {
            connect(newClientId()), connect(newClientId()).userName("user").password("word")
        }) {
            Received answer = accepted(plain);
            assertFalse(answer.has(Property.AUTHENTICATION_METHOD), () -> answer + " has a method");
            assertFalse(answer.has(Property.AUTHENTICATION_DATA), () -> answer + " has Authentication Data");
        }
    }

    /** When it fails: flags are masked away. */
    @Test
    void required_v5_3_15_1_1_reservedFlagsAreRefused() {
        for (int flags : new int[] {1, 2, 8}) {
            connected().send(auth(RE_AUTHENTICATE).firstByte(0xF0 | flags)).expectClosed(0x81);
        }
    }

    /** When it fails: AUTH is ignored, or answered, where CONNECT named no method. */
    @Test
    void required_v5_section_4_12_authWithoutMethodInConnectIsRefused() {
        connected().send(auth(CONTINUE)).expectClosed(0x82);
        connected()
                .send(auth(RE_AUTHENTICATE).with(Property.AUTHENTICATION_METHOD, UNKNOWN_METHOD))
                .expectClosed(0x82, 0x8C);
    }

    /** When it fails: the code is only compared with those that mean something. */
    @Test
    void required_v5_3_15_2_1_otherCodesAreRefused() {
        for (int code : new int[] {0x01, 0x1A, 0x80, 0xFF}) {
            connected()
                    .send(auth(code).with(Property.AUTHENTICATION_METHOD, UNKNOWN_METHOD))
                    .expectClosed(0x81, 0x82);
        }
    }

    // ---- Of a broker with a method ----

    private ClientAuthentication method() {
        return declared(broker.authentication(), "authenticating");
    }

    /** A CONNECT that begins an exchange. */
    private Connect beginning(ClientAuthentication.Exchange client) {
        byte[] first = client.first();
        Connect connect = connect(newClientId()).with(Property.AUTHENTICATION_METHOD, method().method());
        return first == null ? connect : connect.with(Property.AUTHENTICATION_DATA, first);
    }

    private Simple answer(int code, byte[] data) {
        Simple auth = auth(code).with(Property.AUTHENTICATION_METHOD, method().method());
        return data == null ? auth : auth.with(Property.AUTHENTICATION_DATA, data);
    }

    /** The next packet must be a challenge, or else this one, which must name the method. */
    private Received challengeOr(Wire wire, PacketType last) {
        Received packet = wire.next("a challenge or " + last);
        assertTrue(
                packet != null && (packet.type() == PacketType.AUTH || packet.type() == last),
                () -> "expected a challenge or " + last + ", but " + packet + " came");
        assertEquals(
                method().method(),
                packet.properties().text(Property.AUTHENTICATION_METHOD),
                () -> "MQTT-4.12.0-5: Authentication Method of " + packet);
        return packet;
    }

    private static byte[] dataOf(Received challenge) {
        byte[] data = challenge.properties().bytes(Property.AUTHENTICATION_DATA);
        return data == null ? NOTHING : data;
    }

    private static byte[] wrong(byte[] right) {
        byte[] wrong = right.clone();
        wrong[wrong.length - 1] ^= 0xFF;
        return wrong;
    }

    /** A client that has been let in. */
    private Wire authenticated() {
        ClientAuthentication.Exchange client = method().begin();
        Wire wire = open().send(beginning(client));
        for (int i = 0; i < MOST_CHALLENGES; i++) {
            Received packet = challengeOr(wire, PacketType.CONNACK);
            if (packet.type() == PacketType.CONNACK) {
                assertEquals(0, packet.code(), () -> "the broker refused its own method: " + packet);
                assertTrue(i > 0, "a declared method has at least one challenge");
                client.finish(dataOf(packet));
                return wire;
            }
            assertEquals(CONTINUE, packet.code(), "MQTT-4.12.0-2: Reason Code of AUTH before CONNACK");
            wire.send(answer(CONTINUE, client.answer(dataOf(packet))));
        }
        throw new AssertionError("the broker has sent " + MOST_CHALLENGES + " challenges and no CONNACK");
    }

    /** When it fails: CONNACK is sent before the exchange has ended, or AUTH has another code. */
    @Test
    void required_v5_4_12_0_2_challengeIsAuthWithContinue() {
        authenticated().expectSilence();
    }

    /** When it fails: what the last answer says is not verified, or the connection waits for another one. */
    @Test
    void required_v5_4_12_0_4_rejectedClientIsDisconnected() {
        ClientAuthentication.Exchange client = method().begin();
        Wire wire = open().send(beginning(client));
        Received challenge = wire.expect(PacketType.AUTH, CONTINUE);
        wire.send(answer(CONTINUE, wrong(client.answer(dataOf(challenge)))))
                .expectRefused(0x80, 0x81, 0x82, 0x83, 0x86, 0x87, 0x8C);
    }

    /** When it fails: the broker leaves its method out of AUTH or CONNACK. */
    @Test
    void required_v5_4_12_0_5_methodIsRepeatedInEveryPacket() {
        authenticated();
    }

    /** When it fails: the method in the client's AUTH is not looked at. */
    @Test
    void required_v5_4_12_0_5_otherMethodThanThatOfConnectIsRefused() {
        ClientAuthentication.Exchange client = method().begin();
        Wire wire = open().send(beginning(client));
        byte[] right = client.answer(dataOf(wire.expect(PacketType.AUTH, CONTINUE)));
        wire.send(auth(CONTINUE)
                        .with(Property.AUTHENTICATION_METHOD, UNKNOWN_METHOD)
                        .with(Property.AUTHENTICATION_DATA, right))
                .expectRefused(0x82, 0x8C);
        authenticated()
                .send(auth(RE_AUTHENTICATE)
                        .with(Property.AUTHENTICATION_METHOD, UNKNOWN_METHOD)
                        .with(Property.AUTHENTICATION_DATA, right))
                .expectClosed(0x82, 0x8C);
    }

    /** When it fails: packets are dispatched by their type before the client has been let in. */
    @Test
    void required_v5_section_4_12_nothingButAuthIsTakenDuringTheExchange() {
        String topic = newTopic();
        Wire wire = open().send(beginning(method().begin()));
        wire.expect(PacketType.AUTH, CONTINUE);
        wire.send(Packets.publish(topic, "too early"));
        Received refusal = wire.next("a CONNACK with an error, or the end");
        if (refusal != null) {
            assertEquals(PacketType.CONNACK, refusal.type());
            assertTrue(refusal.code() >= 0x80, () -> refusal + " is no refusal");
            wire.expectEndOfStream();
        }
    }

    /** When it fails: see 4.12.0-4; the exchange on a live connection takes another way. */
    @Test
    void required_v5_4_12_1_2_failedReAuthenticationEndsTheConnection() {
        Wire wire = authenticated();
        ClientAuthentication.Exchange client = method().begin();
        wire.send(answer(RE_AUTHENTICATE, client.first()));
        Received challenge = wire.expect(PacketType.AUTH, CONTINUE);
        wire.send(answer(CONTINUE, wrong(client.answer(dataOf(challenge))))).expectClosed(FAILED);
    }

    /** When it fails: the second exchange is not allowed, ends without AUTH, or stops the connection's other business. */
    @Test
    void required_v5_section_4_12_1_reAuthenticationSucceeds() {
        Wire wire = authenticated();
        ClientAuthentication.Exchange client = method().begin();
        Simple next = answer(RE_AUTHENTICATE, client.first());
        for (int i = 0; i < MOST_CHALLENGES; i++) {
            wire.send(next);
            if (i == 0) {
                Received first = challengeOr(wire, PacketType.AUTH);
                wire.publish(newTopic(), "during the exchange", 1);
                next = answer(CONTINUE, client.answer(dataOf(first)));
                continue;
            }
            Received packet = challengeOr(wire, PacketType.AUTH);
            if (packet.code() == SUCCESS) {
                client.finish(dataOf(packet));
                wire.publish(newTopic(), "after the exchange", 1).expectSilence();
                return;
            }
            next = answer(CONTINUE, client.answer(dataOf(packet)));
        }
        throw new AssertionError("the broker has sent " + MOST_CHALLENGES + " challenges and no success");
    }

    /** When it fails: the message has sizes; AUTH has a Reason String though it does not fit. */
    @Test
    void required_v5_3_15_2_2_reasonStringGivesWayToMaximumPacketSize() {
        authKeepsToMaximumPacketSize();
    }

    /** When it fails: the message has sizes; AUTH has User Properties though they do not fit. */
    @Test
    void required_v5_3_15_2_3_userPropertiesGiveWayToMaximumPacketSize() {
        authKeepsToMaximumPacketSize();
    }

    private void authKeepsToMaximumPacketSize() {
        Received unbounded = open().send(beginning(method().begin())).expect(PacketType.AUTH, CONTINUE);
        int smallest = unbounded.sizeWithout(Property.REASON_STRING, Property.USER_PROPERTY);
        for (int size = smallest; size <= unbounded.size(); size++) {
            // The reader refuses what is larger than the client permits.
            open().send(beginning(method().begin()).with(Property.MAXIMUM_PACKET_SIZE, size))
                    .expect(PacketType.AUTH, CONTINUE);
        }
    }
}
