package dev.recado;

/**
 * When a subscriber gets the last values of its topics (MQTT 5, section 3.8.3.1).
 *
 * @since 0.1.0
 */
public enum RetainHandling {
    /** Each time that it subscribes: when it opens, and when it comes back to a broker that has lost its session. */
    SEND,
    /** Only for subscriptions that its session did not have. */
    SEND_IF_NEW,
    /** Never. */
    DO_NOT_SEND;

    /**
     * The number on the wire.
     *
     * @return 0, 1 or 2
     */
    public int value() {
        return ordinal();
    }
}
