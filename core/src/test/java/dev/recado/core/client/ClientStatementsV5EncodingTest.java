package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.MqttVersion;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import org.junit.jupiter.api.Test;

/** MQTT 5, chapters 1 and 2, as far as they bind a client. */
class ClientStatementsV5EncodingTest extends ClientStatements {

    ClientStatementsV5EncodingTest() {
        super(MqttVersion.V5);
    }

    @Test
    void required_v5_1_5_4_1_invalidUtf8ShouldBeRefused() {
        subscriberRefuses(ReasonCode.MALFORMED_PACKET, publishTo(SURROGATE));
    }

    @Test
    void required_v5_1_5_4_2_zeroInATextShouldBeRefused() {
        subscriberRefuses(ReasonCode.MALFORMED_PACKET, publishTo('a', 0));
    }

    @Test
    void required_v5_1_5_4_3_byteOrderMarksShouldBeKept() {
        keepsByteOrderMarks();
    }

    @Test
    void required_v5_1_5_5_1_lengthsShouldBeInTheirShortestForm() {
        assertThat(rawPublish(message(QoS.AT_MOST_ONCE, "x".repeat(123)))).startsWith("30 7F 00 01 74 00 78");
        assertThat(rawPublish(message(QoS.AT_MOST_ONCE, "x".repeat(124)))).startsWith("30 80 01 00 01 74 00 78");
    }

    @Test
    void required_v5_1_5_7_1_invalidUtf8InAUserPropertyShouldBeRefused() {
        subscriberRefuses(
                ReasonCode.MALFORMED_PACKET,
                publish(0, utf8("t"), 9, 0x26, 0, 1, 'a', 0, 3, SURROGATE[0], SURROGATE[1], SURROGATE[2]));
    }

    @Test
    void required_v5_2_1_3_1_wrongFlagsShouldBeRefused() {
        publisherRefuses(ReasonCode.MALFORMED_PACKET, 0x41, 2, 0, 1);
    }

    @Test
    void required_v5_2_2_1_2_publishAtQos0ShouldHaveNoIdentifier() {
        assertThat(rawPublish(message(QoS.AT_MOST_ONCE, "x"))).isEqualTo("30 05 00 01 74 00 78");
    }

    @Test
    void required_v5_2_2_1_3_identifiersShouldNotBeInUseNorZero() {
        picksIdentifiersNotInUse();
    }

    @Test
    void required_v5_2_2_1_5_acknowledgementsShouldRepeatTheIdentifier() {
        repeatsIdentifiersInAcknowledgements();
    }

    @Test
    void required_v5_2_2_2_1_propertyLengthShouldBeZeroWithoutProperties() {
        assertThat(rawPublish(message(QoS.AT_LEAST_ONCE, "x"))).isEqualTo("32 07 00 01 74 00 01 00 78");
    }
}
