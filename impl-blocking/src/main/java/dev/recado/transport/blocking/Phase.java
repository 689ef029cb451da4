package dev.recado.transport.blocking;

/** How far a connection has come. It moves down this list only, and may skip. */
enum Phase {

    /** Looking the host up, or waiting for its answer. */
    CONNECTING,

    /** Bytes go both ways. */
    OPEN,

    /** {@code close} was called, or the peer has ended its output: the rest is written, input is discarded. */
    CLOSING,

    /** The socket is closed or about to be; whatever it throws now is no news. */
    ENDED;

    /**
     * The transition function.
     *
     * @param wanted the phase that an event leads to
     * @return {@code wanted}, or this one when it is further down
     */
    Phase advancedTo(Phase wanted) {
        return compareTo(wanted) < 0 ? wanted : this;
    }
}
