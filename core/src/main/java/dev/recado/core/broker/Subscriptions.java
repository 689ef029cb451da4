package dev.recado.core.broker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Every subscription of the broker. Matching takes no lock. Each change bumps the routing version, so that whoever remembers a
 * result knows when it is out of date; the version is bumped after the change, so a result found before it cannot carry the
 * new number.
 */
final class Subscriptions {

    private static final Predicate<Subscription> ALL = subscription -> true;

    /** Up to so many arrays of single filters are taken together as they are. */
    private static final int MOST_PARTS = 8;

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
        long before = version.get();
        return matches(filtersFor(topicName), before);
    }

    /** Those of them that count. */
    Matches matching(String topicName, Predicate<Subscription> counts) {
        long before = version.get();
        List<AtFilter> found = filtersFor(topicName);
        return inOne(merged(found, counts), groups(found, counts), before);
    }

    /** Who gets the messages of a topic that no wildcard matches. */
    Matches to(String topicName) {
        long before = version.get();
        AtFilter exactly = tree.get(topicName);
        return matches(exactly == null ? List.of() : List.of(exactly), before);
    }

    private List<AtFilter> filtersFor(String topicName) {
        List<AtFilter> found = new ArrayList<>();
        tree.forEachFilterMatching(topicName, found::add);
        return found;
    }

    private Matches matches(List<AtFilter> found, long before) {
        Matches alone = found.size() == 1 ? found.get(0).alone(before) : null;
        if (alone != null) {
            return alone;
        }
        Matches.Target[][] parts = found.stream()
                .map(AtFilter::targets)
                .filter(targets -> targets.length > 0)
                .toArray(Matches.Target[][]::new);
        ShareGroup[] groups = groups(found, ALL);
        return parts.length < 2 || canStayApart(found, parts, before)
                ? new Matches(parts, groups, groups.length, before)
                : inOne(merged(found, ALL), groups, before);
    }

    private static Matches inOne(Matches.Target[] targets, ShareGroup[] groups, long before) {
        return Matches.of(targets, groups, targets.length + groups.length, before);
    }

    /**
     * Whether the arrays of single filters will do, which all topics share. A few targets are better off in one array.
     */
    private boolean canStayApart(List<AtFilter> found, Matches.Target[][] parts, long before) {
        int targets = Stream.of(parts).mapToInt(part -> part.length).sum();
        if (targets <= Matches.MOST_OWN || parts.length > MOST_PARTS) {
            return false;
        }
        for (int i = 0; i < found.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (found.get(i).overlaps(found.get(j))) {
                    return false;
                }
            }
        }
        // A session that has moved from one to the other meanwhile may be in both arrays.
        return version.get() == before;
    }

    /** One array, each session once. */
    private static Matches.Target[] merged(List<AtFilter> found, Predicate<Subscription> counts) {
        Map<Session, Matches.Target> targets = new LinkedHashMap<>();
        for (AtFilter atFilter : found) {
            for (Subscription subscription : atFilter.subscriptions()) {
                if (counts.test(subscription)) {
                    targets.merge(
                            subscription.session(),
                            Matches.Target.of(subscription),
                            (known, other) -> known.and(subscription));
                }
            }
        }
        return targets.values().toArray(new Matches.Target[0]);
    }

    private static ShareGroup[] groups(List<AtFilter> found, Predicate<Subscription> counts) {
        List<ShareGroup> groups = new ArrayList<>(0);
        for (AtFilter atFilter : found) {
            for (ShareGroup group : atFilter.groups()) {
                if (Stream.of(group.members()).allMatch(counts)) {
                    groups.add(group);
                }
            }
        }
        return groups.isEmpty() ? Matches.NO_GROUPS : groups.toArray(Matches.NO_GROUPS);
    }

    long version() {
        return version.get();
    }

    long size() {
        return size.get();
    }
}
