package dev.recado.testkit.mqtt;

/**
 * What a broker under test may lack and still keep the standard. It is declared, never found out: see {@link
 * BrokerUnderTest#without}. Nothing else skips a test.
 *
 * @since 0.1.0
 */
public enum MqttFeature {

    /** It speaks MQTT 5. Without it, no {@code v5} test runs. */
    MQTT_5,

    /** It speaks MQTT 3.1.1. Without it, no {@code v311} test runs. */
    MQTT_311,

    /**
     * It tells an MQTT 5 client why it is refused or disconnected, wherever the standard recommends or permits that: the
     * <em>strict</em> level of {@link MqttContract}.
     *
     * <p>Without it, a connection that has to be closed may be closed without a word, or with any error code: the
     * <em>standard</em> level.
     */
    REASON_CODES,

    /** It takes an empty Client Identifier and assigns one. Without it, such clients must be refused. */
    ASSIGNED_CLIENT_IDENTIFIERS,

    /** It takes QoS 2. Without it, Maximum QoS in CONNACK must say so, and {@code qos2} tests do not run. */
    QOS_2,

    /** It keeps retained messages. Without it, Retain Available in CONNACK must say so. */
    RETAIN,

    /** It keeps sessions when their connections have gone. Without it, MQTT 5 Session Expiry Interval in CONNACK is 0. */
    SESSIONS,

    /** It takes filters with wildcards. Without it, CONNACK must say so. */
    WILDCARDS,

    /** It takes Subscription Identifiers. Without it, CONNACK must say so. */
    SUBSCRIPTION_IDENTIFIERS,

    /** It takes shared subscriptions. Without it, CONNACK must say so. */
    SHARED_SUBSCRIPTIONS,

    /** It takes Topic Aliases from clients. Without it, Topic Alias Maximum in CONNACK is absent or 0. */
    TOPIC_ALIASES
}
