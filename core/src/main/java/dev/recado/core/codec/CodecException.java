package dev.recado.core.codec;

import dev.recado.ReasonCode;

/**
 * Bytes from the peer that break a rule of MQTT. The message names the value, the rule and, where there is one, the
 * number of the statement; the reason code is the one to put into DISCONNECT or CONNACK. Carries no stack trace: the
 * cause is at the other end, and a hostile peer must not make us collect one per packet.
 */
public final class CodecException extends Exception {

    private static final long serialVersionUID = 1;

    private final ReasonCode reasonCode;

    CodecException(ReasonCode reasonCode, String message) {
        super(message, null, false, false);
        this.reasonCode = reasonCode;
    }

    /** The bytes do not have the form that the standard gives them. */
    static CodecException malformed(String message) {
        return new CodecException(ReasonCode.MALFORMED_PACKET, message);
    }

    /** The form is right, the content is not allowed. */
    static CodecException protocolError(String message) {
        return new CodecException(ReasonCode.PROTOCOL_ERROR, message);
    }

    /**
     * What the peer is owed.
     *
     * @return an error code
     */
    public ReasonCode reasonCode() {
        return reasonCode;
    }
}
