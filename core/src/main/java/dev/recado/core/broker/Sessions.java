package dev.recado.core.broker;

import dev.recado.DuplicateClientIds;
import dev.recado.Limits;
import dev.recado.ReasonCode;
import dev.recado.core.codec.Property;
import dev.recado.core.time.Timers;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Every session, by client identifier: who owns it, how long it waits for its client, and when its will is published.
 *
 * <p>Thread-safe. What concerns one client identifier happens under one of a few locks, picked by the identifier, so that of
 * two connections with the same one the later finds the earlier gone. Under it a session's lock may be taken, and never the
 * other way round.
 */
final class Sessions {

    private static final int LOCKS = 64;

    private final Limits limits;
    private final DuplicateClientIds duplicates;
    private final Timers timers;
    private final Router router;
    private final Batches batches;
    private final Counters counters;
    private final Wills wills;

    private final ConcurrentHashMap<String, Session> byClientId = new ConcurrentHashMap<>();

    /** By client identifier, the last of each. */
    private final ConcurrentHashMap<String, DueWill> dueWills = new ConcurrentHashMap<>();

    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger connected = new AtomicInteger();
    private final Object[] locks = new Object[LOCKS];

    Sessions(
            Limits limits,
            DuplicateClientIds duplicates,
            Timers timers,
            Router router,
            Batches batches,
            Counters counters,
            Wills wills) {
        this.limits = limits;
        this.duplicates = duplicates;
        this.timers = timers;
        this.router = router;
        this.batches = batches;
        this.counters = counters;
        this.wills = wills;
        for (int i = 0; i < LOCKS; i++) {
            locks[i] = new Object();
        }
    }

    private Object lockOf(String clientId) {
        return locks[Math.floorMod(clientId.hashCode(), LOCKS)];
    }

    /**
     * The answer to a client that wants to come in.
     *
     * @param session its own from now on; null when it is refused
     * @param present whether the session was there before
     * @param reason of the refusal
     * @param refusal why not; null when it may
     * @param will what it left before and is to be published before anything that it sends now; null for none
     */
    record Entry(Session session, boolean present, ReasonCode reason, String refusal, DueWill will) {

        static Entry refused(ReasonCode reason, String why) {
            return new Entry(null, false, reason, why, null);
        }

        static Entry overLimit(String why) {
            return refused(ReasonCode.QUOTA_EXCEEDED, why);
        }
    }

    /**
     * Gives a client its session, after whoever has it now has been disconnected (MQTT-3.1.4-3), or unless somebody has it,
     * whichever rule holds.
     */
    Entry enter(BrokerConnection connection, Handshake.Accepted client) {
        synchronized (lockOf(client.clientId())) {
            Session known = byClientId.get(client.clientId());
            if (known != null && known.owner != null) {
                if (duplicates == DuplicateClientIds.REFUSE
                        && !known.owner.phase().isOver()) {
                    return Entry.refused(
                            ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                            "client identifier '" + client.clientId() + "' is in use");
                }
                takeOver(known);
                known = byClientId.get(client.clientId());
            }
            if (!addIfBelow(connected, limits.maxConnections())) {
                return Entry.overLimit("the limit of " + limits.maxConnections() + " connections is reached");
            }
            if (known != null && (client.cleanStart() || !belongsTo(connection, known))) {
                end(known);
                known = null;
            }
            Session session = known == null ? create(client.clientId()) : known;
            if (session == null) {
                connected.decrementAndGet();
                return Entry.overLimit("the limit of " + limits.maxSessions() + " sessions is reached");
            }
            cancel(session.expiryTimer);
            // The client has come back before its will was due (MQTT-3.1.3-9).
            cancel(session.willTimer);
            session.pendingWill = null;
            session.owner = connection;
            session.identity(connection.identity());
            session.expiryNanos(TimeUnit.SECONDS.toNanos(client.sessionExpiry()));
            return new Entry(session, known != null, ReasonCode.SUCCESS, null, dueWills.remove(client.clientId()));
        }
    }

    private static boolean belongsTo(BrokerConnection connection, Session session) {
        return session.identity().principal().equals(connection.identity().principal());
    }

    private void takeOver(Session session) {
        BrokerConnection taken = session.owner;
        taken.end(ReasonCode.SESSION_TAKEN_OVER, true);
        // Ends nothing when another thread was ending it already: that one now waits for our lock.
        leave(taken, session, null);
    }

    private Session create(String clientId) {
        if (!addIfBelow(count, limits.maxSessions())) {
            return null;
        }
        Session session = new Session(clientId, router.subscriptions, batches, counters, limits, timers);
        byClientId.put(clientId, session);
        return session;
    }

    private static boolean addIfBelow(AtomicInteger counter, int limit) {
        if (counter.incrementAndGet() <= limit) {
            return true;
        }
        counter.decrementAndGet();
        return false;
    }

    /**
     * A connection gives its session up; the second time nothing happens.
     *
     * @param goodbye the last packet; null for none
     */
    void leave(BrokerConnection connection, Session session, ByteBuffer goodbye) {
        synchronized (lockOf(session.clientId)) {
            if (session.owner != connection) {
                return;
            }
            long expiry = session.expiryNanos();
            session.detach(connection.link(), goodbye, expiry == 0);
            session.owner = null;
            session.role = connection.roleFor(session);
            connected.decrementAndGet();
            keepWill(session, connection.willIfDue(), expiry);
            if (expiry == 0) {
                end(session);
            } else {
                long absence = ++session.absences;
                session.expiryTimer = timers.schedule(expiry, () -> expire(session, absence));
            }
        }
    }

    /** A client that says goodbye sets anew how long its session outlives it, unless another connection has it by now. */
    void changeExpiry(BrokerConnection connection, Session session, long expiryNanos) {
        synchronized (lockOf(session.clientId)) {
            if (session.owner == connection) {
                session.expiryNanos(expiryNanos);
            }
        }
    }

    /**
     * A will goes out after its delay, and at the end of the session at the latest (MQTT-3.1.2-8). Without a delay it goes out
     * though the client may come back at once, as it does in a takeover (MQTT 5, section 3.1.3.2.2).
     */
    private void keepWill(Session session, GrantedWill will, long expiry) {
        if (will == null) {
            return;
        }
        long delay = TimeUnit.SECONDS.toNanos(will.will().properties().number(Property.WILL_DELAY_INTERVAL, 0));
        if (delay == 0) {
            publishSoon(session, will);
            return;
        }
        session.pendingWill = will;
        if (delay < expiry) {
            session.willTimer = timers.schedule(delay, () -> publishWill(session, will));
        }
    }

    /** On another thread, because this one may hold locks of other connections. */
    private void publishSoon(Session session, GrantedWill will) {
        DueWill due = due(session, will);
        timers.schedule(0, () -> publish(session, due));
    }

    private DueWill due(Session session, GrantedWill will) {
        return dueWills.compute(session.clientId, (id, before) -> new DueWill(wills, session, will, before));
    }

    private void publish(Session session, DueWill due) {
        due.publish();
        dueWills.remove(session.clientId, due);
    }

    private void publishWill(Session session, GrantedWill will) {
        DueWill due;
        synchronized (lockOf(session.clientId)) {
            if (session.pendingWill != will) {
                return;
            }
            session.pendingWill = null;
            due = due(session, will);
        }
        publish(session, due);
    }

    /** A timer that has fired cannot be cancelled any more: while it waits for the lock the client may come and go again. */
    private void expire(Session session, long absence) {
        synchronized (lockOf(session.clientId)) {
            boolean isAway = session.owner == null && session.absences == absence;
            if (isAway && byClientId.get(session.clientId) == session) {
                end(session);
            }
        }
    }

    /** Ends a session that nobody owns. */
    private void end(Session session) {
        cancel(session.expiryTimer);
        cancel(session.willTimer);
        byClientId.remove(session.clientId);
        count.decrementAndGet();
        Collection<Waiting> orphans = session.end();
        GrantedWill will = session.pendingWill;
        session.pendingWill = null;
        if (will != null) {
            publishSoon(session, will);
        }
        if (!orphans.isEmpty()) {
            timers.schedule(0, () -> router.reassign(orphans));
        }
    }

    private static void cancel(Timers.Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }

    /** The connection that has this client's session; null when it is away. */
    BrokerConnection ownerOf(String clientId) {
        synchronized (lockOf(clientId)) {
            Session session = byClientId.get(clientId);
            return session == null ? null : session.owner;
        }
    }

    /** The connection that has this session; null when its client is away. */
    BrokerConnection ownerOf(Session session) {
        synchronized (lockOf(session.clientId)) {
            return session.owner;
        }
    }

    /** Every session, as they are at some moment. */
    List<Session> all() {
        return List.copyOf(byClientId.values());
    }

    /** The connections that have a session. */
    List<BrokerConnection> owners() {
        return byClientId.keySet().stream()
                .map(this::ownerOf)
                .filter(Objects::nonNull)
                .toList();
    }

    int size() {
        return count.get();
    }

    int connected() {
        return connected.get();
    }
}
