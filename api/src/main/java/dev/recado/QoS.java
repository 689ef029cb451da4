package dev.recado;

/**
 * How hard the two ends of a connection try to deliver a message (MQTT 5, section 4.3).
 *
 * @since 0.1.0
 */
public enum QoS {
    /** Sent once and forgotten; lost with the connection, or when the receiver cannot keep up. */
    AT_MOST_ONCE,
    /** Acknowledged; sent again when in doubt, so it may arrive twice. */
    AT_LEAST_ONCE,
    /** Acknowledged twice; arrives once, as long as both ends keep their session. */
    EXACTLY_ONCE;

    private static final QoS[] BY_VALUE = values();

    /**
     * The number on the wire.
     *
     * @return 0, 1 or 2
     */
    public int value() {
        return ordinal();
    }

    /**
     * The level with this number.
     *
     * @param value 0, 1 or 2
     * @return the level
     * @throws IllegalArgumentException when it is none of these
     */
    public static QoS of(int value) {
        if (value < 0 || value > 2) {
            throw new IllegalArgumentException("QoS must be 0, 1 or 2, but is " + value);
        }
        return BY_VALUE[value];
    }

    /**
     * The lower of two levels: what a message is delivered with (MQTT-3.8.4-8).
     *
     * @param other the other level
     * @return this or {@code other}
     */
    public QoS min(QoS other) {
        return ordinal() <= other.ordinal() ? this : other;
    }
}
