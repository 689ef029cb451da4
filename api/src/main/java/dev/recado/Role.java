package dev.recado;

/**
 * What a client may do. A {@link Publisher} or {@link Subscriber} states it when it connects, for good.
 *
 * @since 0.1.0
 */
public enum Role {
    /** Sends messages and never subscribes. */
    PUBLISHER,
    /** Receives messages and never publishes. */
    SUBSCRIBER,
    /** Has stated nothing, as MQTT clients of others do: may do both unless {@link RolePolicy#EXCLUSIVE} rules. */
    UNSTATED
}
