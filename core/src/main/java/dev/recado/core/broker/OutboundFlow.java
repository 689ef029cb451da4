package dev.recado.core.broker;

/**
 * How a session takes what is sent to it. A subscriber that lags behind first earns one stall: those who publish to it are
 * paused for a moment. When that does not help it is slow, until it has caught up.
 */
enum OutboundFlow {
    /** Keeps up. Goes to {@code STALLING} when it overflows. */
    FLOWING,
    /** Over its bound; publishers wait. Goes to {@code FLOWING} when it has drained, to {@code SLOW} when the wait is over. */
    STALLING,
    /** QoS 0 messages are dropped, others queued up to a bound; nobody waits. Goes to {@code FLOWING} when it has drained. */
    SLOW;

    /** What can happen to a session's output. */
    enum Event {
        /** More waits than the bound allows. */
        OVERFLOWED,
        /** A publisher cannot wait, or not longer. */
        STALL_ENDED,
        /** Little enough waits. */
        DRAINED
    }

    OutboundFlow after(Event event) {
        return switch (event) {
            case OVERFLOWED -> this == FLOWING ? STALLING : this;
            case STALL_ENDED -> this == STALLING ? SLOW : this;
            case DRAINED -> FLOWING;
        };
    }
}
