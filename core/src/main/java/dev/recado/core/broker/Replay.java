package dev.recado.core.broker;

import dev.recado.QoS;
import java.util.Collections;
import java.util.Iterator;
import java.util.function.LongFunction;

/**
 * Stored messages on their way to a new subscription, as fast as the subscriber takes them. A topic is read when its turn
 * comes, so what waits here is topics, and messages only of those that have been begun (see {@link HistoryMerge}). It takes
 * its place before the subscription begins to match, and {@linkplain #begin begins} when SUBACK has been sent: live messages
 * in between wait behind it. Guarded by the session's lock.
 */
final class Replay {

    private final String filter;
    private final QoS maxQoS;
    private final int[] identifiers;
    private final boolean isOrdered;
    private final long finishedBefore;

    private Iterator<LongFunction<StoredMessage>> sources = Collections.emptyIterator();
    private boolean begun;
    private StoredMessage current;

    /**
     * Holds a place.
     *
     * @param subscription whose
     * @param isOrdered whether it is oldest first over all topics
     * @param finishedBefore a batch up to which all had finished before the subscription matched anything
     */
    Replay(Subscription subscription, boolean isOrdered, long finishedBefore) {
        this.filter = subscription.filter();
        this.maxQoS = subscription.qos();
        this.identifiers = subscription.identifiers();
        this.isOrdered = isOrdered;
        this.finishedBefore = finishedBefore;
    }

    /**
     * Lets it go out.
     *
     * @param stored each gives its message at a time on the broker's clock, or null when there is none any more
     */
    void begin(Iterator<LongFunction<StoredMessage>> stored) {
        sources = stored;
        begun = true;
    }

    String filter() {
        return filter;
    }

    boolean isOrdered() {
        return isOrdered;
    }

    boolean hasBegun() {
        return begun;
    }

    /** The next message; null when there is none left. */
    StoredMessage current(long now) {
        while (current == null && sources.hasNext()) {
            current = sources.next().apply(now);
        }
        return current;
    }

    void advance() {
        current = null;
    }

    QoS maxQoS() {
        return maxQoS;
    }

    int[] identifiers() {
        return identifiers;
    }

    /** Whether the message may be on its way to this subscription live, too. */
    boolean mayComeLive(StoredMessage message) {
        return message.stored().batch() > finishedBefore;
    }
}
