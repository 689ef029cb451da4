package dev.recado;

/**
 * Where a client stands with its broker. {@code CONNECTED} and {@code RECONNECTING} alternate until {@code CLOSED}.
 *
 * @since 0.1.0
 */
public enum ConnectionState {
    /** Opening; has not been connected yet. */
    CONNECTING,
    /** Connected; a subscriber's subscriptions are in place. */
    CONNECTED,
    /** The connection was lost; the client tries again, with growing pauses. */
    RECONNECTING,
    /** Over, by {@code close()} or for good reason: nothing more is sent or received. */
    CLOSED
}
