package dev.recado.core.broker;

import dev.recado.Limits;
import dev.recado.core.time.Timers;
import java.util.ArrayList;
import java.util.List;

/**
 * The pause of a publishing connection for subscribers that lag behind. Begun and ended by the thread that handles the
 * connection's input; told by any thread that a subscriber has caught up.
 */
final class Pause implements Session.Stalled {

    private final Timers timers;
    private final Counters counters;
    private final Runnable whenOver;
    private final StallBudget budget;

    // Guarded by itself.
    private final List<Session> waitingFor = new ArrayList<>(0);

    private long since;
    private volatile boolean on;
    private volatile Timers.Timer limit;

    /**
     * Does not pause yet.
     *
     * @param whenOver called on any thread when there is nothing left to wait for; may hold locks of other connections
     */
    Pause(Limits limits, Timers timers, Counters counters, Runnable whenOver) {
        this.timers = timers;
        this.counters = counters;
        this.whenOver = whenOver;
        this.budget = new StallBudget(limits.stallLimit(), timers.nanoTime());
    }

    boolean isOn() {
        return on;
    }

    /**
     * Some of those who got the last message lag behind: waits for them, if their publisher can be made to wait.
     *
     * @param overflowing who; emptied
     * @param publisher for whom others may wait in turn
     * @return whether the pause has begun
     */
    boolean begin(List<Session> overflowing, Session publisher) {
        long now = timers.nanoTime();
        long allowed = budget.remaining(now);
        boolean canWait = allowed > 0 && !publisher.hasBacklog();
        for (Session slow : overflowing) {
            // What waits may be nothing but this batch, which would be flushed at its end.
            slow.flush();
            if (slow.hasCaughtUp()) {
                continue;
            }
            if (!canWait || slow == publisher) {
                slow.endStall();
                continue;
            }
            synchronized (waitingFor) {
                waitingFor.add(slow);
            }
            if (!slow.stall(this)) {
                synchronized (waitingFor) {
                    waitingFor.remove(slow);
                }
            }
        }
        overflowing.clear();
        synchronized (waitingFor) {
            on = !waitingFor.isEmpty();
        }
        if (on) {
            counters.stalls.increment();
            since = now;
            limit = timers.schedule(allowed, this::timedOut);
        }
        return on;
    }

    @Override
    public void stallOver(Session session) {
        synchronized (waitingFor) {
            waitingFor.remove(session);
            if (!waitingFor.isEmpty() || !on) {
                return;
            }
        }
        whenOver.run();
    }

    private void timedOut() {
        List<Session> slow;
        synchronized (waitingFor) {
            slow = List.copyOf(waitingFor);
        }
        slow.forEach(Session::endStall);
    }

    /** Ends the pause when nobody is waited for; {@code false} when it has to go on. */
    boolean endIfOver() {
        if (!on) {
            return true;
        }
        synchronized (waitingFor) {
            if (!waitingFor.isEmpty()) {
                return false;
            }
            on = false;
        }
        budget.use(timers.nanoTime() - since);
        cancel();
        return true;
    }

    void cancel() {
        Timers.Timer waiting = limit;
        if (waiting != null) {
            waiting.cancel();
        }
    }
}
