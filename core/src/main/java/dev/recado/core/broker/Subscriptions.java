package dev.recado.core.broker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Every subscription of the broker. Matching takes no lock. Each change bumps the routing version, so that whoever remembers a
 * result knows when it is out of date; the version is bumped after the change, so a result found before it cannot carry the
 * new number.
 */
final class Subscriptions {

    private static final ShareGroup[] NO_GROUPS = {};
    private static final Predicate<Subscription> ALL = subscription -> true;

    /** What is subscribed to one topic filter. */
    private static final class AtFilter {
        final ConcurrentHashMap<Session, Subscription> bySession = new ConcurrentHashMap<>(2);

        /** By share name; null until there is one, as with most filters. */
        volatile ConcurrentHashMap<String, ShareGroup> groups;

        boolean put(Subscription subscription) {
            if (!subscription.isShared()) {
                return bySession.put(subscription.session(), subscription) == null;
            }
            if (groups == null) {
                groups = new ConcurrentHashMap<>(2);
            }
            return groups.computeIfAbsent(subscription.shareName(), name -> new ShareGroup())
                    .put(subscription);
        }

        boolean remove(Subscription subscription) {
            if (!subscription.isShared()) {
                return bySession.remove(subscription.session()) != null;
            }
            ShareGroup group = groups == null ? null : groups.get(subscription.shareName());
            if (group == null || !group.remove(subscription.session())) {
                return false;
            }
            if (group.isEmpty()) {
                groups.remove(subscription.shareName());
            }
            return true;
        }

        boolean isEmpty() {
            return bySession.isEmpty() && (groups == null || groups.isEmpty());
        }
    }

    private final TopicTree<AtFilter> tree = new TopicTree<>();
    private final AtomicLong version = new AtomicLong();
    private final AtomicLong size = new AtomicLong();

    /** Adds a subscription, or replaces that of the same session to the same filter (MQTT-3.8.4-3). */
    void add(Subscription subscription) {
        synchronized (tree) {
            if (tree.computeIfAbsent(subscription.topicFilter(), AtFilter::new).put(subscription)) {
                size.incrementAndGet();
            }
        }
        version.incrementAndGet();
    }

    void remove(Subscription subscription) {
        String filter = subscription.topicFilter();
        synchronized (tree) {
            AtFilter atFilter = tree.get(filter);
            if (atFilter == null || !atFilter.remove(subscription)) {
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
        return matching(topicName, ALL);
    }

    /** Those of them that count. */
    Matches matching(String topicName, Predicate<Subscription> counts) {
        return gather(visitor -> tree.forEachFilterMatching(topicName, visitor), counts);
    }

    /** Who gets the messages of a topic that no wildcard matches. */
    Matches to(String topicName) {
        return gather(
                visitor -> {
                    AtFilter exactly = tree.get(topicName);
                    if (exactly != null) {
                        visitor.accept(exactly);
                    }
                },
                ALL);
    }

    private Matches gather(Consumer<Consumer<AtFilter>> found, Predicate<Subscription> counts) {
        long before = version.get();
        Map<Session, Matches.Target> targets = new LinkedHashMap<>();
        List<ShareGroup> groups = new ArrayList<>(0);
        found.accept(atFilter -> {
            atFilter.bySession.forEach((session, subscription) -> {
                if (counts.test(subscription)) {
                    targets.merge(session, Matches.Target.of(subscription), (known, other) -> known.and(subscription));
                }
            });
            if (atFilter.groups != null) {
                // All members of a group have one filter.
                atFilter.groups.values().stream()
                        .filter(group -> Stream.of(group.members()).allMatch(counts))
                        .forEach(groups::add);
            }
        });
        return new Matches(
                targets.values().toArray(new Matches.Target[0]),
                groups.isEmpty() ? NO_GROUPS : groups.toArray(NO_GROUPS),
                before);
    }

    long version() {
        return version.get();
    }

    long size() {
        return size.get();
    }
}
