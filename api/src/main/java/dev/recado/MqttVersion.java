package dev.recado;

/**
 * The version of MQTT that a client speaks. A broker speaks all of them at once.
 *
 * @since 0.1.0
 */
public enum MqttVersion {
    /**
     * The version of 2014, for brokers that know no other. Roles and topics are then kept by the client alone, the broker
     * hears nothing of them; a message has no properties, and one with some is refused; the broker says why it refuses in
     * few cases only; a session that outlives its connection does so for as long as the broker likes.
     */
    V3_1_1,
    /** The version of 2019. */
    V5
}
