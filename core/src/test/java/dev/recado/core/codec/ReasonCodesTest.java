package dev.recado.core.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.ReasonCode;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ReasonCodesTest {

    /** From the tables of each packet's section, not from the code. */
    @ParameterizedTest
    @CsvSource({
        "CONNACK, 00 80 81 82 83 84 85 86 87 88 89 8A 8C 90 95 97 99 9A 9B 9C 9D 9F",
        "PUBACK, 00 10 80 83 87 90 91 97 99",
        "PUBREC, 00 10 80 83 87 90 91 97 99",
        "PUBREL, 00 92",
        "PUBCOMP, 00 92",
        "SUBACK, 00 01 02 80 83 87 8F 91 97 9E A1 A2",
        "UNSUBACK, 00 11 80 83 87 8F 91",
        "DISCONNECT, 00 04 80 81 82 83 87 89 8B 8C 8D 8E 8F 90 93 94 95 96 97 98 99 9A 9B 9C 9D 9E 9F A0 A1 A2",
        "AUTH, 00 18 19"
    })
    void shouldAllowExactlyTheListedCodesInEachPacket(PacketType type, String listed) throws CodecException {
        byte[] allowed = HexFormat.ofDelimiter(" ").parseHex(listed);
        for (int value = 0; value <= 0xFF; value++) {
            int wanted = value;
            boolean expected = false;
            for (byte code : allowed) {
                expected |= (code & 0xFF) == wanted;
            }
            if (expected) {
                assertThat(ReasonCodes.decode(type, value).value()).isEqualTo(value);
            } else {
                assertThatThrownBy(() -> ReasonCodes.decode(type, wanted))
                        .isInstanceOfSatisfying(
                                CodecException.class,
                                e -> assertThat(e.reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR))
                        .hasMessageContaining(String.format("0x%02X", wanted))
                        .hasMessageContaining(type.name());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, SUCCESS",
        "1, UNSUPPORTED_PROTOCOL_VERSION",
        "2, CLIENT_IDENTIFIER_NOT_VALID",
        "3, SERVER_UNAVAILABLE",
        "4, BAD_USER_NAME_OR_PASSWORD",
        "5, NOT_AUTHORIZED"
    })
    void shouldMapConnectReturnCodesBothWays(int returnCode, ReasonCode reasonCode) throws CodecException {
        assertThat(ReasonCodes.ofConnectReturnCode(returnCode)).isEqualTo(reasonCode);
        assertThat(ReasonCodes.connectReturnCode(reasonCode)).isEqualTo(returnCode);
    }

    @ParameterizedTest
    @CsvSource({
        "BANNED, 5",
        "BAD_AUTHENTICATION_METHOD, 5",
        "SERVER_BUSY, 3",
        "QUOTA_EXCEEDED, 3",
        "SERVER_SHUTTING_DOWN, 3",
        "CONNECTION_RATE_EXCEEDED, 3",
        "UNSPECIFIED_ERROR, 3"
    })
    void shouldWriteTheNearestConnectReturnCode(ReasonCode reasonCode, int returnCode) {
        assertThat(ReasonCodes.connectReturnCode(reasonCode)).isEqualTo(returnCode);
    }

    @ParameterizedTest
    @EnumSource(ReasonCode.class)
    void shouldNeverWriteAnErrorAsAcceptedInMqtt311(ReasonCode code) {
        assertThat(ReasonCodes.connectReturnCode(code) == 0).isEqualTo(code == ReasonCode.SUCCESS);
        assertThat(ReasonCodes.subAckReturnCode(code) == 0x80).isEqualTo(code.isError());
    }

    @Test
    void shouldRefuseReservedReturnCodesOfMqtt311() {
        for (int value = 6; value <= 0xFF; value++) {
            int returnCode = value;
            assertThatThrownBy(() -> ReasonCodes.ofConnectReturnCode(returnCode))
                    .isInstanceOf(CodecException.class);
        }
        for (int value = 3; value <= 0xFF; value++) {
            int returnCode = value;
            if (returnCode != 0x80) {
                assertThatThrownBy(() -> ReasonCodes.ofSubAckReturnCode(returnCode))
                        .isInstanceOf(CodecException.class);
            }
        }
    }

    static boolean isAllowed(PacketType type, ReasonCode code) {
        try {
            ReasonCodes.require(type, code);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
