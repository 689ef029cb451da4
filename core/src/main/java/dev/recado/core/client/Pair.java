package dev.recado.core.client;

import dev.recado.ClosedException;
import dev.recado.ConnectionFailedException;
import dev.recado.ConnectionState;
import dev.recado.RecadoException;
import dev.recado.StateListener;
import dev.recado.WaitInterruptedException;
import dev.recado.core.time.Timers;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The publisher and the subscriber that make a requester or responder: their states as one, and their common end. When one of
 * them ends for good, so does the other. Thread-safe.
 */
final class Pair {

    private static final long MOST_TO_END_NANOS = 5_000_000_000L;

    private final String name;
    private final String clientId;
    private final Timers timers;
    private final boolean ownTimers;
    private final StateListener listener;
    private final SerialThread notifier;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ReentrantLock lock = new ReentrantLock();

    private volatile PublisherClient out;
    private volatile SubscriberClient in;

    /** What comes before the two are closed; set by {@link #open}. */
    private volatile Runnable finish;

    // What the two have told so far, a moment after it happened. Guarded by the lock.
    private ConnectionState outTold = ConnectionState.CONNECTING;
    private ConnectionState inTold = ConnectionState.CONNECTING;
    private ConnectionState told = ConnectionState.CONNECTING;

    /**
     * Does nothing yet.
     *
     * @param name {@code requester} or {@code responder}
     * @param timersOrNull {@code null}: timers of its own, closed with it
     */
    Pair(String name, String clientId, Timers timersOrNull, StateListener listener) {
        this.name = name;
        this.clientId = clientId;
        this.ownTimers = timersOrNull == null;
        this.timers = ownTimers ? Timers.system("recado-timer-" + name) : timersOrNull;
        this.listener = listener;
        this.notifier = new SerialThread(() -> "recado-listener-" + clientId, false);
    }

    String clientId() {
        return clientId;
    }

    Timers timers() {
        return timers;
    }

    ConnectionState state() {
        PublisherClient sends = out;
        SubscriberClient receives = in;
        return sends == null || receives == null ? ConnectionState.CONNECTING : merged(sends.state(), receives.state());
    }

    PublisherClient out() {
        return out;
    }

    SubscriberClient in() {
        return in;
    }

    // ---- opening

    /**
     * Opens both, first the one that sends, so that what comes in can be answered. When it throws, nothing is left behind.
     *
     * @param beforeTheEnd what is to be done, once, before the two are closed
     */
    void open(Supplier<PublisherClient> opensOut, Supplier<SubscriberClient> opensIn, Runnable beforeTheEnd) {
        finish = beforeTheEnd;
        try {
            out = opensOut.get();
            in = opensIn.get();
        } catch (RuntimeException | Error e) {
            closing.set(true);
            closeBoth();
            throw e;
        }
        bothConnected();
    }

    /** Known here before the two have told, each on a thread of its own: the listener hears of it before what comes afterwards. */
    private void bothConnected() {
        lock.lock();
        try {
            changed(
                    outTold == ConnectionState.CONNECTING ? ConnectionState.CONNECTED : outTold,
                    inTold == ConnectionState.CONNECTING ? ConnectionState.CONNECTED : inTold,
                    null);
        } finally {
            lock.unlock();
        }
    }

    // ---- the state

    StateListener outListener() {
        return (from, to, cause) -> changed(to, null, cause);
    }

    StateListener inListener() {
        return (from, to, cause) -> changed(null, to, cause);
    }

    /** {@code null} stands for no change. */
    private void changed(ConnectionState outNow, ConnectionState inNow, RecadoException cause) {
        lock.lock();
        try {
            outTold = outNow == null ? outTold : outNow;
            inTold = inNow == null ? inTold : inNow;
            ConnectionState before = told;
            ConnectionState after = merged(outTold, inTold);
            if (before != ConnectionState.CLOSED && before != after) {
                told = after;
                // Under the lock, so that the listener hears of changes in their order.
                notifier.execute(() -> listener.changed(before, after, cause));
            }
        } finally {
            lock.unlock();
        }
        if (state() == ConnectionState.CLOSED) {
            lost();
        }
    }

    /** Two states as one: the one that is further from being connected. */
    static ConnectionState merged(ConnectionState one, ConnectionState other) {
        for (ConnectionState worst :
                List.of(ConnectionState.CLOSED, ConnectionState.CONNECTING, ConnectionState.RECONNECTING)) {
            if (one == worst || other == worst) {
                return worst;
            }
        }
        return ConnectionState.CONNECTED;
    }

    // ---- the end

    boolean isClosing() {
        return closing.get() || state() == ConnectionState.CLOSED;
    }

    /** What a call gets that comes too late, or is in the way of the end. */
    RecadoException closed() {
        RecadoException cause = out.endCause() == null ? in.endCause() : out.endCause();
        String who = "this " + name + " is closed";
        if (cause == null) {
            return new ClosedException(who, null);
        }
        return cause instanceof ConnectionFailedException
                ? new ConnectionFailedException(
                        who + ": " + cause.getMessage(), cause.reasonCode().orElse(null), cause)
                : new ClosedException(who + ": " + cause.getMessage(), cause);
    }

    private void lost() {
        if (closing.compareAndSet(false, true)) {
            Threads.start("recado-closer-" + clientId, this::end);
        }
    }

    /**
     * Closes both, and waits for it.
     *
     * @param mustNotWait the calling thread is one that the end waits for: it goes on, and the end comes on another
     */
    void close(boolean mustNotWait) {
        boolean first = closing.compareAndSet(false, true);
        if (mustNotWait || in.inCallback() || out.inCallback() || notifier.isCurrent()) {
            if (first) {
                Threads.start("recado-closer-" + clientId, this::end);
            }
        } else if (first) {
            end();
        } else {
            awaitClosed();
        }
    }

    private void awaitClosed() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WaitInterruptedException("interrupted while closing; it is closed nevertheless", e);
        }
    }

    private void end() {
        RuntimeException failure = attempt(null, finish);
        failure = attempt(failure, this::closeBoth);
        closed.countDown();
        if (failure != null) {
            throw failure;
        }
    }

    private void closeBoth() {
        RuntimeException failure = in == null ? null : attempt(null, in::closeNow);
        failure = out == null ? failure : attempt(failure, out::closeNow);
        failure = ownTimers ? attempt(failure, timers::close) : failure;
        failure = attempt(failure, this::awaitNotifier);
        if (failure != null) {
            throw failure;
        }
    }

    private void awaitNotifier() {
        try {
            notifier.awaitEnd(MOST_TO_END_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WaitInterruptedException("interrupted while closing; it is closed nevertheless", e);
        }
    }

    /** Runs a step of the end, whatever those before it did; returns what is to be thrown after the last. */
    private static RuntimeException attempt(RuntimeException before, Runnable step) {
        try {
            step.run();
            return before;
        } catch (RuntimeException e) {
            if (before == null) {
                return e;
            }
            before.addSuppressed(e);
            return before;
        }
    }
}
