package dev.recado.core.client;

import dev.recado.ConnectionState;

/**
 * Where a client stands, with the steps of reconnecting that {@link ConnectionState} does not show apart.
 *
 * <pre>
 * OPENING   --READY--> CONNECTED   --LOST--> CLOSED (opening does not try twice)
 * CONNECTED --LOST--> PAUSING
 * PAUSING   --PAUSE_OVER--> RETRYING
 * RETRYING  --READY--> CONNECTED   --LOST--> PAUSING
 * any       --ENDED--> CLOSED
 * </pre>
 *
 * What has no arrow changes nothing.
 */
enum LinkState {
    /** The first attempt. */
    OPENING(ConnectionState.CONNECTING),
    /** Accepted by the broker; a subscriber's subscriptions are granted. */
    CONNECTED(ConnectionState.CONNECTED),
    /** Before the next attempt. */
    PAUSING(ConnectionState.RECONNECTING),
    /** An attempt is under way. */
    RETRYING(ConnectionState.RECONNECTING),
    /** Over. */
    CLOSED(ConnectionState.CLOSED);

    /** What happens to a client. */
    enum Event {
        /** The broker has accepted all it was asked for. */
        READY,
        /** The connection, or the attempt to make one, failed. */
        LOST,
        /** It is time for the next attempt. */
        PAUSE_OVER,
        /** The program closed the client, the broker refused it for good, or the attempts are used up. */
        ENDED
    }

    private final ConnectionState shown;

    LinkState(ConnectionState shown) {
        this.shown = shown;
    }

    ConnectionState shown() {
        return shown;
    }

    /** The transition function. */
    LinkState after(Event event) {
        return switch (event) {
            case READY -> this == OPENING || this == RETRYING ? CONNECTED : this;
            case LOST -> this == OPENING ? CLOSED : this == CONNECTED || this == RETRYING ? PAUSING : this;
            case PAUSE_OVER -> this == PAUSING ? RETRYING : this;
            case ENDED -> CLOSED;
        };
    }
}
