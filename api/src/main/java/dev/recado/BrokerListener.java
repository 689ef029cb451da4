package dev.recado;

/**
 * Told what happens at a broker's door. Calls come in order, one at a time, on a thread of the broker's own; a listener that
 * throws is logged. A slow listener delays no client: at most 10,000 calls wait, and those beyond are counted in
 * {@link BrokerStats#eventsDropped}.
 *
 * @since 0.1.0
 */
public interface BrokerListener {

    /**
     * A client was accepted.
     *
     * @param client who
     */
    default void connected(ClientInfo client) {}

    /**
     * A client that had been accepted has gone.
     *
     * @param client who
     * @param reason what it or the broker said; {@link ReasonCode#UNSPECIFIED_ERROR} when the connection just ended
     */
    default void disconnected(ClientInfo client, ReasonCode reason) {}

    /**
     * Something was refused: a connection, a subscription, a message.
     *
     * @param refusal what, to whom and why
     */
    default void refused(Refusal refusal) {}
}
