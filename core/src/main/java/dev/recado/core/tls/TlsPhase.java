package dev.recado.core.tls;

/**
 * Where a connection stands.
 *
 * <pre>
 * CONNECTING  --CONNECTED--> NEGOTIATING
 * NEGOTIATING --TASK--> COMPUTING        --SECURED--> OPENING
 * COMPUTING   --TASK_DONE--> NEGOTIATING
 * OPENING     --OPENED--> OPEN
 * all these   --CLOSE--> CLOSING
 * any         --ENDED--> CLOSED
 * </pre>
 *
 * What has no arrow changes nothing.
 */
enum TlsPhase {
    /** The transport below has not opened the connection yet. */
    CONNECTING,
    /** The handshake waits for the peer, or is being worked on. */
    NEGOTIATING,
    /** A delegated task of the handshake runs on the executor; nothing is unwrapped meanwhile. */
    COMPUTING,
    /** The handshake is over and the handler is being told; what is written waits until it has been. */
    OPENING,
    /** Bytes flow both ways. */
    OPEN,
    /** This side has said {@code close_notify} or a fatal alert; the transport below is closing and input is discarded. */
    CLOSING,
    /** The transport below has ended. */
    CLOSED;

    /** What happens to a connection. */
    enum Event {
        /** The transport below has opened it. */
        CONNECTED,
        /** The handshake needs something computed that takes long. */
        TASK,
        /** That has been computed. */
        TASK_DONE,
        /** The handshake is over and the peer is who it has to be. */
        SECURED,
        /** The handler knows. */
        OPENED,
        /** This side closes, or the peer has, or something went wrong. */
        CLOSE,
        /** The transport below has ended it. */
        ENDED
    }

    /** The transition function. */
    TlsPhase after(Event event) {
        return switch (event) {
            case CONNECTED -> this == CONNECTING ? NEGOTIATING : this;
            case TASK -> this == NEGOTIATING ? COMPUTING : this;
            case TASK_DONE -> this == COMPUTING ? NEGOTIATING : this;
            case SECURED -> this == NEGOTIATING ? OPENING : this;
            case OPENED -> this == OPENING ? OPEN : this;
            case CLOSE -> isOver() ? this : CLOSING;
            case ENDED -> CLOSED;
        };
    }

    /** Whether nothing is sent or delivered any more. */
    boolean isOver() {
        return this == CLOSING || this == CLOSED;
    }

    /** Whether the handshake is over and bytes of the user can be encrypted. */
    boolean isSecure() {
        return this == OPENING || this == OPEN;
    }
}
