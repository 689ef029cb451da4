package dev.recado.transport.nio;

/**
 * Where a connection stands. Its loop alone moves it:
 *
 * <pre>
 * CONNECTING -CONNECTED-&gt; OPEN -CLOSE-&gt; FLUSHING -FLUSHED-&gt; DISCARDING -PEER_ENDED-&gt; CLOSED
 *                         OPEN -PEER_ENDED-&gt; FINISHING -FLUSHED-&gt; CLOSED
 *                                           FLUSHING -PEER_ENDED-&gt; FINISHING
 * any -ENDED-&gt; CLOSED
 * </pre>
 */
enum State {

    /** Looking the host up, or waiting for its answer. */
    CONNECTING,

    /** Bytes go both ways. */
    OPEN,

    /** This side closes (T15): the rest goes out, input is discarded. */
    FLUSHING,

    /** This side has ended its output and discards input until the peer's end. */
    DISCARDING,

    /** The peer has ended its output (T17); what was written before goes out. */
    FINISHING,

    /** Nothing follows. */
    CLOSED;

    enum Event {
        CONNECTED,
        /** {@code close} was called. */
        CLOSE,
        /** The operating system has taken everything. */
        FLUSHED,
        PEER_ENDED,
        /** Broken, aborted or out of time. */
        ENDED
    }

    /**
     * The transition function; an event that means nothing in this state leaves it.
     *
     * @param event what has happened
     * @return the next state
     */
    State after(Event event) {
        return switch (event) {
            case CONNECTED -> this == CONNECTING ? OPEN : this;
            case CLOSE -> this == OPEN ? FLUSHING : this;
            case FLUSHED ->
                switch (this) {
                    case FLUSHING -> DISCARDING;
                    case FINISHING -> CLOSED;
                    default -> this;
                };
            case PEER_ENDED ->
                switch (this) {
                    case OPEN, FLUSHING -> FINISHING;
                    case DISCARDING -> CLOSED;
                    default -> this;
                };
            case ENDED -> CLOSED;
        };
    }

    /**
     * Whether this side has begun to close and only what was written before is of interest.
     *
     * @return {@code true} while output is being finished
     */
    boolean flushing() {
        return this == FLUSHING || this == FINISHING;
    }

    /**
     * Whether input is read only to be thrown away.
     *
     * @return {@code true} while this side waits for the peer's end
     */
    boolean discarding() {
        return this == FLUSHING || this == DISCARDING;
    }
}
