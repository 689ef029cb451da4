package dev.recado.core.broker;

import dev.recado.QoS;
import java.util.Iterator;
import java.util.function.LongFunction;

/**
 * Last values on their way to a new subscription, as fast as the subscriber takes them. Each is read when its turn comes, so
 * what waits here is a list of topics and not of messages. Guarded by the session's lock.
 */
final class Replay {

    private final Iterator<LongFunction<StoredMessage>> sources;
    private final QoS maxQoS;
    private StoredMessage current;

    /**
     * Nothing is read yet.
     *
     * @param sources each gives its message at a time on the broker's clock, or null when there is none any more
     * @param maxQoS of the subscription
     */
    Replay(Iterator<LongFunction<StoredMessage>> sources, QoS maxQoS) {
        this.sources = sources;
        this.maxQoS = maxQoS;
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
}
