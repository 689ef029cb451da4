package dev.recado.core.client;

/**
 * Decides when to send PINGREQ and when a connection counts as lost (MQTT 5, section 3.1.2.10). A client that was silent
 * for the keep-alive interval pings; when then nothing at all comes back for half an interval, the peer is gone. While this
 * side does not read, because its buffer is full, nothing can come back, so that time does not count; the pings go on,
 * since the broker listens for them. Thread-safe.
 */
final class KeepAlive {

    /** {@link #check}: send a PINGREQ now. */
    static final long PING = 0;

    /** {@link #check}: the peer is gone. */
    static final long LOST = -1;

    private final long intervalNanos;
    private volatile long lastSent;
    private volatile long lastSign;

    /**
     * Starts counting.
     *
     * @param intervalNanos positive
     * @param now of the clock that all times here are from
     */
    KeepAlive(long intervalNanos, long now) {
        this.intervalNanos = intervalNanos;
        lastSent = now;
        lastSign = now;
    }

    /** A packet went out. */
    void sent(long now) {
        lastSent = now;
    }

    /** From now on the peer owes a sign of life: it gave one, or is asked for one, or can be heard again. */
    void waiting(long now) {
        lastSign = now;
    }

    /**
     * What to do now. After {@link #PING} the caller sends one.
     *
     * @param awaitingAnswer whether a PINGREQ is unanswered
     * @param deaf whether this side does not read
     * @return {@link #PING}, {@link #LOST}, or after how many nanoseconds to ask again
     */
    long check(long now, boolean awaitingAnswer, boolean deaf) {
        long patience = intervalNanos;
        if (awaitingAnswer && !deaf) {
            patience = intervalNanos / 2 - (now - lastSign);
            if (patience <= 0) {
                return LOST;
            }
        }
        long quiet = intervalNanos - (now - lastSent);
        return quiet <= 0 ? PING : Math.min(quiet, patience);
    }
}
