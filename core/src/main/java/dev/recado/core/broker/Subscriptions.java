package dev.recado.core.broker;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Every subscription of the broker. Matching takes no lock. Each change bumps the routing version, so that whoever remembers a
 * result knows when it is out of date; the version is bumped after the change, so a result found before it cannot carry the
 * new number.
 */
final class Subscriptions {

    private final TopicTree<ConcurrentHashMap<Session, Subscription>> tree = new TopicTree<>();
    private final AtomicLong version = new AtomicLong();
    private final AtomicLong size = new AtomicLong();

    /** Adds a subscription, or replaces that of the same session to the same filter (MQTT-3.8.4-3). */
    void add(Subscription subscription) {
        synchronized (tree) {
            Subscription replaced = tree.computeIfAbsent(subscription.filter(), ConcurrentHashMap::new)
                    .put(subscription.session(), subscription);
            if (replaced == null) {
                size.incrementAndGet();
            }
        }
        version.incrementAndGet();
    }

    void remove(Session session, String filter) {
        synchronized (tree) {
            ConcurrentHashMap<Session, Subscription> atFilter = tree.get(filter);
            if (atFilter == null || atFilter.remove(session) == null) {
                return;
            }
            size.decrementAndGet();
            if (atFilter.isEmpty()) {
                tree.remove(filter);
            }
        }
        version.incrementAndGet();
    }

    /** Who gets the messages of this topic. */
    Matches matching(String topicName) {
        long before = version.get();
        Map<Session, Matches.Target> targets = new LinkedHashMap<>();
        tree.forEachFilterMatching(
                topicName,
                atFilter -> atFilter.forEach((session, subscription) ->
                        targets.merge(session, subscription.asTarget(), (known, other) -> known.and(subscription))));
        return new Matches(targets.values().toArray(new Matches.Target[0]), before);
    }

    long version() {
        return version.get();
    }

    long size() {
        return size.get();
    }
}
