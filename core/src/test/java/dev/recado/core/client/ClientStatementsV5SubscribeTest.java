package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.ConnectionFailedException;
import dev.recado.MqttVersion;
import dev.recado.ReasonCode;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketType;
import org.junit.jupiter.api.Test;

/** MQTT 5, sections 3.8 to 3.15, as far as they bind a client. */
class ClientStatementsV5SubscribeTest extends ClientStatements {

    ClientStatementsV5SubscribeTest() {
        super(MqttVersion.V5);
    }

    @Test
    void required_v5_3_8_1_1_subscribeFlagsShouldBeTwo() {
        assertThat(rawSubscribe()).startsWith("82 ");
    }

    @Test
    void required_v5_3_8_3_1_filtersShouldBeUtf8() {
        refusesFilters("\uD800", "a/\uDC00/b");
    }

    @Test
    void required_v5_3_8_3_2_everyFilterShouldHaveItsOptions() {
        assertThat(rawSubscribe()).isEqualTo("82 16 00 01 00 00 03 74 2F 23 02 00 0A 24 73 68 61 72 65 2F 67 2F 75 02");
    }

    @Test
    void required_v5_3_8_3_4_noLocalShouldBeZeroForSharedSubscriptions() {
        assertThat(rawSubscribe()).endsWith("24 73 68 61 72 65 2F 67 2F 75 02");
    }

    @Test
    void required_v5_3_10_1_1_unsubscribeFlagsShouldBeTwo() {
        assertThat(rawUnsubscribe()).startsWith("A2 ");
    }

    @Test
    void required_v5_3_10_3_1_filtersShouldBeThoseSubscribedTo() {
        assertThat(rawUnsubscribe()).endsWith("00 03 74 2F 23 00 01 75");
    }

    @Test
    void required_v5_3_10_3_2_unsubscribeShouldHaveEveryFilter() {
        assertThat(rawUnsubscribe()).isEqualTo("A2 0B 00 02 00 00 03 74 2F 23 00 01 75");
    }

    @Test
    void required_v5_3_14_1_1_disconnectFlagsShouldBeChecked() {
        publisherRefuses(ReasonCode.MALFORMED_PACKET, 0xE1, 0);
    }

    @Test
    void required_v5_3_14_2_1_disconnectCodesShouldBeOfTheList() {
        publisherRefuses(ReasonCode.PROTOCOL_ERROR, 0xE0, 1, 0x01);
    }

    @Test
    void required_v5_3_14_2_3_disconnectShouldHaveNoReasonString() {
        closesBehindItsDisconnect();
    }

    @Test
    void required_v5_3_14_2_4_disconnectShouldHaveNoUserProperty() {
        closesBehindItsDisconnect();
    }

    @Test
    void required_v5_3_14_4_1_disconnectShouldBeTheLastPacket() {
        sendsNothingBehindItsDisconnect();
    }

    @Test
    void required_v5_3_14_4_2_connectionShouldBeClosedBehindDisconnect() {
        closesBehindItsDisconnect();
    }

    @Test
    void required_v5_3_15_1_1_authFlagsShouldBeChecked() {
        publisherRefuses(ReasonCode.MALFORMED_PACKET, 0xF1, 0);
    }

    @Test
    void required_v5_3_15_2_1_authCodesShouldBeOfTheList() {
        broker.on(PacketType.CONNECT, (session, packet) -> session.sendRaw(0xF0, 2, 0x17, 0));
        assertThatThrownBy(() -> publisher().authentication(new Riddle()).open())
                .isInstanceOf(ConnectionFailedException.class)
                .hasMessageContaining("0x17");
        Session session = broker.session();
        session.awaitClosed();
        assertThat(session.next(Packet.Disconnect.class).reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void required_v5_3_15_2_2_authShouldHaveNoReasonString() {
        assertThat(rawAnswerToAChallenge()).isEqualTo(RIDDLE_ANSWERED);
    }

    @Test
    void required_v5_3_15_2_3_authShouldHaveNoUserProperty() {
        assertThat(rawAnswerToAChallenge()).isEqualTo(RIDDLE_ANSWERED);
    }
}
