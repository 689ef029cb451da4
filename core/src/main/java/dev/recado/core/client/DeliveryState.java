package dev.recado.core.client;

/**
 * How far a message of QoS 1 or 2 has come in its session (MQTT 5, section 4.3). At its end it leaves the {@link Outbox}.
 *
 * <pre>
 * UNSENT   --PUBLISHED--> SENT
 * SENT     --RECEIVED--> RELEASED (QoS 2)
 * SENT     --SESSION_LOST--> UNSENT (QoS 1: it is published again, as a new message)
 * </pre>
 *
 * What has no arrow changes nothing: an acknowledgement may come twice.
 */
enum DeliveryState {
    /** Not published in this session. */
    UNSENT,
    /** Published; waits for PUBACK or PUBREC. */
    SENT,
    /** PUBREC came and PUBREL was sent, so it must not be published again (MQTT-4.3.3-6); waits for PUBCOMP. */
    RELEASED;

    /** What happens to a message. */
    enum Event {
        /** PUBLISH was written. */
        PUBLISHED,
        /** PUBREC came. */
        RECEIVED,
        /** The broker has forgotten the session. */
        SESSION_LOST
    }

    /** The transition function. */
    DeliveryState after(Event event) {
        return switch (event) {
            case PUBLISHED -> this == UNSENT ? SENT : this;
            case RECEIVED -> this == SENT ? RELEASED : this;
            case SESSION_LOST -> this == SENT ? UNSENT : this;
        };
    }
}
