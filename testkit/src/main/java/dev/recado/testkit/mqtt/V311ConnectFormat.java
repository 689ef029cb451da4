package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;

import org.junit.jupiter.api.Test;

/** The bytes of CONNECT in MQTT 3.1.1: whatever is wrong with them ends the connection, without a CONNACK. */
abstract class V311ConnectFormat extends Chapter {

    V311ConnectFormat(BrokerUnderTest broker) {
        super(broker, Version.V311);
    }

    /** When it fails: bytes behind the last field are not looked for. */
    @Test
    void required_v311_3_1_2_18_userNameWithoutItsFlagIsRefused() {
        open().send(connect(newClientId()).userName("user").flip(Connect.USER_NAME))
                .expectRefused();
    }

    /** When it fails: a field that is not there is taken for empty. */
    @Test
    void required_v311_3_1_2_19_userNameFlagWithoutUserNameIsRefused() {
        open().send(connect(newClientId()).flip(Connect.USER_NAME)).expectRefused();
    }

    /** When it fails: bytes behind the last field are not looked for. */
    @Test
    void required_v311_3_1_2_20_passwordWithoutItsFlagIsRefused() {
        open().send(connect(newClientId()).userName("user").password("word").flip(Connect.PASSWORD))
                .expectRefused();
    }

    /** When it fails: a field that is not there is taken for empty. */
    @Test
    void required_v311_3_1_2_21_passwordFlagWithoutPasswordIsRefused() {
        open().send(connect(newClientId()).userName("user").flip(Connect.PASSWORD))
                .expectRefused();
    }

    /** When it fails: the rule of MQTT 5, which permits it, is applied to both versions. */
    @Test
    void required_v311_3_1_2_22_passwordNeedsUserName() {
        open().send(connect(newClientId()).password("word")).expectRefused();
    }

    /** When it fails: the payload is read in another order. */
    @Test
    void required_v311_3_1_3_1_payloadFieldsComeInOrder() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId())
                        .will(topic, "the will")
                        .userName("user")
                        .password("word"))
                .close();
        subscriber.expectPublish(topic, "the will");
    }

    /** When it fails: fields are told apart by something else than their order. */
    @Test
    void required_v311_3_1_3_1_clientIdBehindTheWillIsRefused() {
        // In the order of the standard: a Client Identifier, an empty topic for the will, and a payload beyond the end.
        int[] willThenClientId = {0, 1, 't', 0, 0, 0, 7, 'i', 'd'};
        open().send(connect("").noClientId().flip(Connect.WILL).then(willThenClientId))
                .expectRefused();
    }

    /** When it fails: a payload that is not there is taken for an empty Client Identifier. */
    @Test
    void required_v311_3_1_3_3_clientIdIsNeverLeftOut() {
        open().send(connect("").noClientId()).expectRefused();
    }

    /** When it fails: the end of the packet is not compared with the end of the last field. */
    @Test
    void required_v311_3_1_4_1_connectWithBytesBehindItsEndIsRefused() {
        open().send(connect(newClientId()).then(0)).expectRefused();
        open().send(connect(newClientId()).userName("user").then(0, 1, 'x')).expectRefused();
    }

    /** When it fails: a length inside the packet is believed beyond the packet's end. */
    @Test
    void required_v311_3_1_4_1_connectThatIsTooShortIsRefused() {
        open().send(0x10, 0).expectRefused();
        open().send(0x10, 6, 0, 4, 'M', 'Q', 'T', 'T').expectRefused();
        open().send(0x10, 9, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0).expectRefused();
        open().send(connect("").noClientId().then(0, 5, 'x')).expectRefused();
    }
}
