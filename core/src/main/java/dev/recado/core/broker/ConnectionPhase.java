package dev.recado.core.broker;

/** Where a client's connection stands, seen from the broker. */
enum ConnectionPhase {
    /** The first packet must be a CONNECT. To any other. */
    AWAITING_CONNECT,
    /** It is being found out who the client is. To {@code CONNECTED}, {@code ENDING} or {@code CLOSED}. */
    AUTHENTICATING,
    /** CONNACK has said yes. To {@code ENDING} or {@code CLOSED}. */
    CONNECTED,
    /** Nothing more is read or sent; the transport sends what is pending and closes. To {@code CLOSED}. */
    ENDING,
    /** The transport has said so. Nothing follows. */
    CLOSED;

    enum Event {
        DOUBTED,
        ACCEPTED,
        ENDED,
        CLOSED
    }

    ConnectionPhase after(Event event) {
        return switch (event) {
            case DOUBTED -> this == AWAITING_CONNECT ? AUTHENTICATING : this;
            case ACCEPTED -> this == AWAITING_CONNECT || this == AUTHENTICATING ? CONNECTED : this;
            case ENDED -> isOver() ? this : ENDING;
            case CLOSED -> CLOSED;
        };
    }

    boolean isOver() {
        return this == ENDING || this == CLOSED;
    }
}
