package dev.recado;

/**
 * What a broker does with a client whose client identifier another connection has.
 *
 * @since 0.1.0
 */
public enum DuplicateClientIds {
    /** The later one gets the session; the earlier one is disconnected with 0x8E, as MQTT has it (MQTT-3.1.4-3). */
    TAKE_OVER,
    /**
     * The later one is refused with 0x85, which is stricter than MQTT. A session whose client is away can be taken up again. A
     * client whose connection broke without the broker noticing is refused until one and a half times its keep-alive is over;
     * one of this library that reconnects keeps trying a little longer than that.
     */
    REFUSE
}
