package dev.recado;

import java.util.Optional;

/**
 * Why a request succeeded or failed: every reason code of MQTT 5 (section 2.4).
 *
 * @since 0.1.0
 */
public enum ReasonCode {
    /** 0x00: Success; of a DISCONNECT: normal disconnection; of a SUBACK: granted QoS 0. */
    SUCCESS(0x00),
    /** 0x01: Granted QoS 1. */
    GRANTED_QOS_1(0x01),
    /** 0x02: Granted QoS 2. */
    GRANTED_QOS_2(0x02),
    /** 0x04: Disconnect, but publish the will message. */
    DISCONNECT_WITH_WILL_MESSAGE(0x04),
    /** 0x10: Accepted, but nobody subscribes to the topic. */
    NO_MATCHING_SUBSCRIBERS(0x10),
    /** 0x11: Nothing to unsubscribe from. */
    NO_SUBSCRIPTION_EXISTED(0x11),
    /** 0x18: Authentication goes on. */
    CONTINUE_AUTHENTICATION(0x18),
    /** 0x19: Authenticate again. */
    REAUTHENTICATE(0x19),
    /** 0x80: Refused without saying why. */
    UNSPECIFIED_ERROR(0x80),
    /** 0x81: The packet does not have the form that the standard gives it. */
    MALFORMED_PACKET(0x81),
    /** 0x82: The packet is well formed and not allowed here. */
    PROTOCOL_ERROR(0x82),
    /** 0x83: Valid, but not accepted by this receiver. */
    IMPLEMENTATION_SPECIFIC_ERROR(0x83),
    /** 0x84: The server does not speak this version. */
    UNSUPPORTED_PROTOCOL_VERSION(0x84),
    /** 0x85: The client identifier is not allowed. */
    CLIENT_IDENTIFIER_NOT_VALID(0x85),
    /** 0x86: User name or password are wrong. */
    BAD_USER_NAME_OR_PASSWORD(0x86),
    /** 0x87: The client may not do this. */
    NOT_AUTHORIZED(0x87),
    /** 0x88: The server is not available. */
    SERVER_UNAVAILABLE(0x88),
    /** 0x89: The server is busy; try again later. */
    SERVER_BUSY(0x89),
    /** 0x8A: The client was banned by an operator. */
    BANNED(0x8A),
    /** 0x8B: The server is stopping. */
    SERVER_SHUTTING_DOWN(0x8B),
    /** 0x8C: The authentication method is not supported or not the current one. */
    BAD_AUTHENTICATION_METHOD(0x8C),
    /** 0x8D: Nothing came from the client for one and a half times its keep-alive interval. */
    KEEP_ALIVE_TIMEOUT(0x8D),
    /** 0x8E: Another connection uses the same client identifier. */
    SESSION_TAKEN_OVER(0x8E),
    /** 0x8F: The topic filter is not accepted here. */
    TOPIC_FILTER_INVALID(0x8F),
    /** 0x90: The topic name is not accepted here. */
    TOPIC_NAME_INVALID(0x90),
    /** 0x91: The packet identifier is in use. */
    PACKET_IDENTIFIER_IN_USE(0x91),
    /** 0x92: The packet identifier is not known. */
    PACKET_IDENTIFIER_NOT_FOUND(0x92),
    /** 0x93: More unacknowledged messages than the receiver takes. */
    RECEIVE_MAXIMUM_EXCEEDED(0x93),
    /** 0x94: The topic alias is 0, over the maximum, or unknown. */
    TOPIC_ALIAS_INVALID(0x94),
    /** 0x95: The packet is larger than the receiver takes. */
    PACKET_TOO_LARGE(0x95),
    /** 0x96: Messages come too fast. */
    MESSAGE_RATE_TOO_HIGH(0x96),
    /** 0x97: A bound of the implementation or an operator's limit is reached. */
    QUOTA_EXCEEDED(0x97),
    /** 0x98: Ended by an operator. */
    ADMINISTRATIVE_ACTION(0x98),
    /** 0x99: The payload does not have the format it claims. */
    PAYLOAD_FORMAT_INVALID(0x99),
    /** 0x9A: The server does not retain messages. */
    RETAIN_NOT_SUPPORTED(0x9A),
    /** 0x9B: The server does not support this QoS. */
    QOS_NOT_SUPPORTED(0x9B),
    /** 0x9C: Use another server for now. */
    USE_ANOTHER_SERVER(0x9C),
    /** 0x9D: Use another server for good. */
    SERVER_MOVED(0x9D),
    /** 0x9E: The server has no shared subscriptions. */
    SHARED_SUBSCRIPTIONS_NOT_SUPPORTED(0x9E),
    /** 0x9F: Too many connections in a short time. */
    CONNECTION_RATE_EXCEEDED(0x9F),
    /** 0xA0: The time allowed for this connection is over. */
    MAXIMUM_CONNECT_TIME(0xA0),
    /** 0xA1: The server has no subscription identifiers. */
    SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED(0xA1),
    /** 0xA2: The server has no wildcard subscriptions. */
    WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED(0xA2);

    private static final ReasonCode[] BY_VALUE = new ReasonCode[0x100];

    static {
        for (ReasonCode code : values()) {
            BY_VALUE[code.value] = code;
        }
    }

    private final int value;

    ReasonCode(int value) {
        this.value = value;
    }

    /**
     * The byte on the wire.
     *
     * @return 0x00 to 0xFF
     */
    public int value() {
        return value;
    }

    /**
     * Whether this says no.
     *
     * @return {@code true} from 0x80 on
     */
    public boolean isError() {
        return value >= 0x80;
    }

    /**
     * The code with this value.
     *
     * @param value 0x00 to 0xFF
     * @return nothing when the standard defines no such code
     */
    public static Optional<ReasonCode> of(int value) {
        return value < 0 || value > 0xFF ? Optional.empty() : Optional.ofNullable(BY_VALUE[value]);
    }

    /**
     * Name and value, as log lines and exceptions show them.
     *
     * @return such as {@code NOT_AUTHORIZED (0x87)}
     */
    @Override
    public String toString() {
        return String.format("%s (0x%02X)", name(), value);
    }
}
