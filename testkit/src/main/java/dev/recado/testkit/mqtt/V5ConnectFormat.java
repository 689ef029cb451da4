package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;

import org.junit.jupiter.api.Test;

/** The bytes of CONNECT in MQTT 5: whatever is wrong with them ends the connection. */
abstract class V5ConnectFormat extends Chapter {

    V5ConnectFormat(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- Connect Flags and payload ----

    /** When it fails: bytes behind the last field are not looked for. */
    @Test
    void required_v5_3_1_2_16_userNameWithoutItsFlagIsRefused() {
        open().send(connect(newClientId()).userName("user").flip(Connect.USER_NAME))
                .expectRefused(0x81);
    }

    /** When it fails: a field that is not there is taken for empty. */
    @Test
    void required_v5_3_1_2_17_userNameFlagWithoutUserNameIsRefused() {
        open().send(connect(newClientId()).flip(Connect.USER_NAME)).expectRefused(0x81);
    }

    /** When it fails: bytes behind the last field are not looked for. */
    @Test
    void required_v5_3_1_2_18_passwordWithoutItsFlagIsRefused() {
        open().send(connect(newClientId()).userName("user").password("word").flip(Connect.PASSWORD))
                .expectRefused(0x81);
    }

    /** When it fails: a field that is not there is taken for empty. */
    @Test
    void required_v5_3_1_2_19_passwordFlagWithoutPasswordIsRefused() {
        open().send(connect(newClientId()).flip(Connect.PASSWORD)).expectRefused(0x81);
        open().send(connect(newClientId()).userName("user").flip(Connect.PASSWORD))
                .expectRefused(0x81);
    }

    /** When it fails: the payload is read in another order; look at where Will Properties come. */
    @Test
    void required_v5_3_1_3_1_payloadFieldsComeInOrder() {
        String topic = newTopic();
        Wire subscriber = connected().subscribe(topic, 0);
        connected(connect(newClientId())
                        .will(topic, "the will")
                        .withWill(Property.CONTENT_TYPE, "a type")
                        .userName("user")
                        .password("word"))
                .close();
        subscriber.expectPublish(topic, "the will");
    }

    /** When it fails: fields are told apart by something else than their order. */
    @Test
    void required_v5_3_1_3_1_userNameBeforeTheWillIsRefused() {
        int[] userNameThenWill = {0, 1, 'u', 0, 0, 1, 't', 0, 1, 'p'};
        open().send(connect(newClientId())
                        .flip(Connect.WILL | Connect.USER_NAME)
                        .then(userNameThenWill))
                .expectRefused(0x81);
    }

    /** When it fails: a payload that is not there is taken for an empty Client Identifier. */
    @Test
    void required_v5_3_1_3_3_clientIdIsNeverLeftOut() {
        open().send(connect("").noClientId()).expectRefused(0x81);
    }

    /** When it fails: the end of the packet is not compared with the end of the last field. */
    @Test
    void required_v5_3_1_4_1_connectWithBytesBehindItsEndIsRefused() {
        open().send(connect(newClientId()).then(0)).expectRefused(0x81);
        open().send(connect(newClientId()).password("word").then(0, 1, 'x')).expectRefused(0x81);
    }

    /** When it fails: a length inside the packet is believed beyond the packet's end. */
    @Test
    void required_v5_3_1_4_1_connectThatIsTooShortIsRefused() {
        open().send(0x10, 0).expectRefusedInAnyForm();
        open().send(0x10, 6, 0, 4, 'M', 'Q', 'T', 'T').expectRefusedInAnyForm();
        open().send(0x10, 10, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 0).expectRefused(0x81);
        open().send(connect("").noClientId().then(0, 5, 'x')).expectRefused(0x81);
        open().send(connect(newClientId()).rawProperties(100)).expectRefused(0x81);
    }

    // ---- Properties ----

    /** When it fails: Authentication Data is read only where there is a method. */
    @Test
    void required_v5_section_3_1_2_11_authenticationDataWithoutMethodIsRefused() {
        open().send(connect(newClientId()).with(Property.AUTHENTICATION_DATA, new byte[] {1}))
                .expectRefused(0x82);
    }
}
