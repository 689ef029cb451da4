package dev.recado.core.broker;

/** Where a client's connection stands, seen from the broker. */
enum ConnectionPhase {
    /** The first packet must be a CONNECT. To {@code CONNECTED}, {@code ENDING} or {@code CLOSED}. */
    AWAITING_CONNECT,
    /** CONNACK has said yes. To {@code ENDING} or {@code CLOSED}. */
    CONNECTED,
    /** Nothing more is read or sent; the transport sends what is pending and closes. To {@code CLOSED}. */
    ENDING,
    /** The transport has said so. Nothing follows. */
    CLOSED;

    enum Event {
        ACCEPTED,
        ENDED,
        CLOSED
    }

    ConnectionPhase after(Event event) {
        return switch (event) {
            case ACCEPTED -> this == AWAITING_CONNECT ? CONNECTED : this;
            case ENDED -> isOver() ? this : ENDING;
            case CLOSED -> CLOSED;
        };
    }

    boolean isOver() {
        return this == ENDING || this == CLOSED;
    }
}
