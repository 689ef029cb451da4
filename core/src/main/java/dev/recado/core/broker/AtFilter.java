package dev.recado.core.broker;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is subscribed to one topic filter. Changed under the lock of {@link Subscriptions}, read without one.
 */
final class AtFilter {

    private static final Matches.Target[] NOBODY = {};

    private final ConcurrentHashMap<Session, Subscription> bySession = new ConcurrentHashMap<>(2);

    /** By share name; null until there is one, as with most filters. */
    private volatile ConcurrentHashMap<String, ShareGroup> groups;

    /** Counted after each change of what is not shared: a snapshot made before it cannot carry the new number. */
    private volatile long changes;

    private volatile Snapshot snapshot = new Snapshot(NOBODY, 0);

    /** See {@link #alone}; it carries the routing version that it is true for. */
    private volatile Matches alone;

    private record Snapshot(Matches.Target[] targets, long changes) {}

    /** Returns whether the session had none here. */
    boolean put(Subscription subscription) {
        if (!subscription.isShared()) {
            boolean isNew = bySession.put(subscription.session(), subscription) == null;
            changes = changes + 1;
            return isNew;
        }
        if (groups == null) {
            groups = new ConcurrentHashMap<>(2);
        }
        return groups.computeIfAbsent(subscription.shareName(), name -> new ShareGroup())
                .put(subscription);
    }

    /** Returns whether the session had one here. */
    boolean remove(Subscription subscription) {
        if (!subscription.isShared()) {
            boolean was = bySession.remove(subscription.session()) != null;
            changes = changes + 1;
            return was;
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

    /** Those that are not shared, by session. */
    Iterable<Subscription> subscriptions() {
        return bySession.values();
    }

    /** Of shared subscriptions; all members of a group have one filter. */
    Iterable<ShareGroup> groups() {
        ConcurrentHashMap<String, ShareGroup> known = groups;
        return known == null ? List.of() : known.values();
    }

    /** The same as an array that is shared by all topics that only this filter matches; never changed. */
    Matches.Target[] targets() {
        long before = changes;
        Snapshot known = snapshot;
        if (known.changes() != before) {
            known = new Snapshot(
                    bySession.values().stream().map(Matches.Target::of).toArray(Matches.Target[]::new), before);
            snapshot = known;
        }
        return known.targets();
    }

    /** What a topic finds that only this filter matches, for all of them one object; null when there are shared subscriptions. */
    Matches alone(long version) {
        if (groups != null) {
            return null;
        }
        Matches known = alone;
        if (known == null || known.version() != version) {
            known = Matches.of(targets(), Matches.NO_GROUPS, 0, version);
            alone = known;
        }
        return known;
    }

    /** Whether a session has a subscription here and another one there. */
    boolean overlaps(AtFilter other) {
        AtFilter smaller = bySession.size() <= other.bySession.size() ? this : other;
        AtFilter larger = smaller == this ? other : this;
        for (Session session : smaller.bySession.keySet()) {
            if (larger.bySession.containsKey(session)) {
                return true;
            }
        }
        return false;
    }
}
