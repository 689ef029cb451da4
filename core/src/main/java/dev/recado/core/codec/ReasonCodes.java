package dev.recado.core.codec;

import static dev.recado.core.codec.PacketType.AUTH;
import static dev.recado.core.codec.PacketType.CONNACK;
import static dev.recado.core.codec.PacketType.DISCONNECT;
import static dev.recado.core.codec.PacketType.PUBACK;
import static dev.recado.core.codec.PacketType.PUBCOMP;
import static dev.recado.core.codec.PacketType.PUBREC;
import static dev.recado.core.codec.PacketType.PUBREL;
import static dev.recado.core.codec.PacketType.SUBACK;
import static dev.recado.core.codec.PacketType.UNSUBACK;

import dev.recado.ReasonCode;

/**
 * Which reason codes each packet of MQTT 5 may carry, and what they are in MQTT 3.1.1.
 *
 * <p>The Connect Return codes of MQTT 3.1.1 (section 3.2.2.3) read as the first reason code of their row; every reason code
 * of the row is written as the return code:
 *
 * <table class="striped">
 * <caption>Connect Return codes</caption>
 * <thead><tr><th>Return code</th><th>Reason codes</th></tr></thead>
 * <tbody>
 * <tr><td>0</td><td>SUCCESS</td></tr>
 * <tr><td>1</td><td>UNSUPPORTED_PROTOCOL_VERSION</td></tr>
 * <tr><td>2</td><td>CLIENT_IDENTIFIER_NOT_VALID</td></tr>
 * <tr><td>3</td><td>SERVER_UNAVAILABLE; and all that are not in another row. A server had better close without a CONNACK
 *     where a code has no counterpart (MQTT 3.1.1: MQTT-3.1.4-1, MQTT-3.2.2-6)</td></tr>
 * <tr><td>4</td><td>BAD_USER_NAME_OR_PASSWORD</td></tr>
 * <tr><td>5</td><td>NOT_AUTHORIZED, BANNED, BAD_AUTHENTICATION_METHOD</td></tr>
 * </tbody>
 * </table>
 *
 * SUBACK of MQTT 3.1.1 has 0x00, 0x01, 0x02 and, for every error, 0x80 (MQTT-3.9.3-2 there).
 */
final class ReasonCodes {

    /** By packet type, then by value; {@code null} where the standard allows none. */
    private static final ReasonCode[][] ALLOWED = new ReasonCode[16][];

    private static final ReasonCode[] CONNECT_RETURN_CODES = {
        ReasonCode.SUCCESS,
        ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
        ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
        ReasonCode.SERVER_UNAVAILABLE,
        ReasonCode.BAD_USER_NAME_OR_PASSWORD,
        ReasonCode.NOT_AUTHORIZED
    };

    static {
        allow(
                CONNACK, 0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97,
                0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F);
        allow(PUBACK, 0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99);
        allow(PUBREC, 0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99);
        allow(PUBREL, 0x00, 0x92);
        allow(PUBCOMP, 0x00, 0x92);
        allow(SUBACK, 0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2);
        allow(UNSUBACK, 0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91);
        // 0x8C is missing in section 3.14.2.1, but section 2.4 lists it for DISCONNECT.
        allow(
                DISCONNECT,
                0x00,
                0x04,
                0x80,
                0x81,
                0x82,
                0x83,
                0x87,
                0x89,
                0x8B,
                0x8C,
                0x8D,
                0x8E,
                0x8F,
                0x90,
                0x93,
                0x94,
                0x95,
                0x96,
                0x97,
                0x98,
                0x99,
                0x9A,
                0x9B,
                0x9C,
                0x9D,
                0x9E,
                0x9F,
                0xA0,
                0xA1,
                0xA2);
        allow(AUTH, 0x00, 0x18, 0x19);
    }

    private ReasonCodes() {}

    private static void allow(PacketType type, int... values) {
        ReasonCode[] codes = new ReasonCode[0x100];
        for (int value : values) {
            codes[value] = ReasonCode.of(value).orElseThrow();
        }
        ALLOWED[type.value()] = codes;
    }

    /** The code with this value; 0x00 to 0xFF. */
    static ReasonCode decode(PacketType type, int value) throws CodecException {
        ReasonCode code = ALLOWED[type.value()][value];
        if (code == null) {
            throw CodecException.protocolError(notAllowed(type, String.format("0x%02X", value)));
        }
        return code;
    }

    /** Refuses a code that this packet may not carry. */
    static ReasonCode require(PacketType type, ReasonCode code) {
        if (ALLOWED[type.value()][code.value()] == null) {
            throw new IllegalArgumentException(notAllowed(type, code.toString()));
        }
        return code;
    }

    private static String notAllowed(PacketType type, String code) {
        return "reason code " + code + " is not allowed in " + type + " (MQTT 5, section 2.4)";
    }

    /** Reads a Connect Return code; 0x00 to 0xFF. */
    static ReasonCode ofConnectReturnCode(int value) throws CodecException {
        if (value >= CONNECT_RETURN_CODES.length) {
            throw CodecException.protocolError(
                    "Connect Return code is " + value + ", allowed are 0 to 5 (MQTT 3.1.1, section 3.2.2.3)");
        }
        return CONNECT_RETURN_CODES[value];
    }

    /** The Connect Return code nearest to a reason code. */
    static int connectReturnCode(ReasonCode code) {
        return switch (code) {
            case SUCCESS -> 0;
            case UNSUPPORTED_PROTOCOL_VERSION -> 1;
            case CLIENT_IDENTIFIER_NOT_VALID -> 2;
            case BAD_USER_NAME_OR_PASSWORD -> 4;
            case NOT_AUTHORIZED, BANNED, BAD_AUTHENTICATION_METHOD -> 5;
            default -> 3;
        };
    }

    /** Reads a return code of the SUBACK of MQTT 3.1.1; 0x00 to 0xFF. */
    static ReasonCode ofSubAckReturnCode(int value) throws CodecException {
        if (value > 2 && value != 0x80) {
            throw CodecException.protocolError(String.format(
                    "SUBACK return code is 0x%02X, allowed are 0x00, 0x01, 0x02 and 0x80 (MQTT 3.1.1, MQTT-3.9.3-2)",
                    value));
        }
        return decode(SUBACK, value);
    }

    /** The return code of the SUBACK of MQTT 3.1.1. */
    static int subAckReturnCode(ReasonCode code) {
        return code.isError() ? 0x80 : code.value();
    }
}
