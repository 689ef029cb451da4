package dev.recado.core.broker;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The sessions that share a subscription: those with the same share name and topic filter (MQTT 5, section 4.8.2). Members
 * take turns. Thread-safe; changed under the lock of {@link Subscriptions} only.
 */
final class ShareGroup {

    private static final Subscription[] NOBODY = {};

    private volatile Subscription[] members = NOBODY;
    private final AtomicInteger turn = new AtomicInteger();

    /** A snapshot, never changed. */
    Subscription[] members() {
        return members;
    }

    /** Where in a snapshot of this many to begin asking who takes the next message. */
    int nextTurn(int count) {
        return Math.floorMod(turn.getAndIncrement(), count);
    }

    /** Adds a member; returns whether its session was none. */
    boolean put(Subscription added) {
        int at = indexOf(added.session());
        Subscription[] changed = Arrays.copyOf(members, at < 0 ? members.length + 1 : members.length);
        changed[at < 0 ? members.length : at] = added;
        members = changed;
        return at < 0;
    }

    boolean remove(Session session) {
        int at = indexOf(session);
        if (at < 0) {
            return false;
        }
        Subscription[] changed = new Subscription[members.length - 1];
        System.arraycopy(members, 0, changed, 0, at);
        System.arraycopy(members, at + 1, changed, at, changed.length - at);
        members = changed;
        return true;
    }

    boolean isEmpty() {
        return members.length == 0;
    }

    private int indexOf(Session session) {
        for (int i = 0; i < members.length; i++) {
            if (members[i].session() == session) {
                return i;
            }
        }
        return -1;
    }
}
