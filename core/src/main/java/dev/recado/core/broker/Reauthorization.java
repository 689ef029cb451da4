package dev.recado.core.broker;

import dev.recado.ReasonCode;
import dev.recado.auth.Access;
import dev.recado.auth.Permission;
import dev.recado.core.time.Timers;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks again about the subscriptions that sessions have, and takes away what is denied. Some sessions at a time: a slow authorizer
 * is neither flooded nor waited for in single file. Thread-safe.
 */
final class Reauthorization {

    private static final int LANES = 32;

    private final Authorization authorization;
    private final Sessions sessions;
    private final Timers timers;
    private final Iterator<Session> waiting;
    private final AtomicInteger lanes = new AtomicInteger(LANES);
    private final AtomicInteger removed = new AtomicInteger();
    private final CompletableFuture<Integer> result = new CompletableFuture<>();

    private Reauthorization(
            Authorization authorization, Sessions sessions, Timers timers, Iterator<Session> whoseSubscriptions) {
        this.authorization = authorization;
        this.sessions = sessions;
        this.timers = timers;
        this.waiting = whoseSubscriptions;
    }

    /** Begins; completed with the number of subscriptions that were taken away. */
    static CompletableFuture<Integer> of(
            List<Session> whose, Authorization authorization, Sessions sessions, Timers timers) {
        Reauthorization begun = new Reauthorization(authorization, sessions, timers, whose.iterator());
        for (int i = 0; i < LANES; i++) {
            begun.runLane();
        }
        return begun.result;
    }

    private void runLane() {
        for (Session session = next(); session != null; session = next()) {
            CompletableFuture<Void> answered = ask(session);
            if (!answered.isDone()) {
                // On a thread of ours: the authorizer's may hold anything.
                answered.thenRun(() -> timers.schedule(0, this::runLane));
                return;
            }
        }
        if (lanes.decrementAndGet() == 0) {
            result.complete(removed.get());
        }
    }

    private Session next() {
        synchronized (waiting) {
            return waiting.hasNext() ? waiting.next() : null;
        }
    }

    private CompletableFuture<Void> ask(Session session) {
        return CompletableFuture.allOf(session.subscriptions().stream()
                .map(subscription -> ask(session, subscription))
                .toArray(CompletableFuture<?>[]::new));
    }

    private CompletableFuture<Void> ask(Session session, Subscription subscription) {
        String needed = VirtualTopics.neededFor(subscription.filter());
        return authorization
                .askInTime(session.identity(), Access.SUBSCRIBE, needed)
                .thenAccept(answer -> {
                    if (!answer.isGranted() && session.revoke(subscription)) {
                        removed.incrementAndGet();
                        disconnect(session, subscription, answer);
                    }
                });
    }

    private void disconnect(Session session, Subscription subscription, Permission answer) {
        BrokerConnection owner = sessions.ownerOf(session);
        if (owner != null) {
            owner.fail(
                    ReasonCode.NOT_AUTHORIZED,
                    "subscription to '" + subscription.filter() + "' was taken away: " + answer.refusal());
        }
    }
}
