package dev.recado.core.client;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Messages that have arrived and wait to be consumed, at most as many as the program allows: who fills it asks
 * {@link #isFull} first. Thread-safe.
 *
 * <p>Who fills it and who consumes have a queue each, and exchange them when the consumer's is empty: with one for both, their
 * threads would meet at its lock for each message, and one would sleep.
 */
final class Inbox {

    private final int capacity;

    /** Guards what arrives. The second to be taken, where both are. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition arrived = lock.newCondition();
    private final Condition handled = lock.newCondition();
    private ArrayDeque<Received> arriving = new ArrayDeque<>();

    /** How many threads wait until all is handled; written under the lock. */
    private volatile int waiting;

    /** Guards what is taken next. */
    private final ReentrantLock taking = new ReentrantLock();

    private ArrayDeque<Received> next = new ArrayDeque<>();

    /** In both queues. */
    private final AtomicInteger size = new AtomicInteger();

    /** Taken and not yet {@link #handled}. Raised before the size is lowered, so that a message is always in one of them. */
    private final AtomicInteger inHand = new AtomicInteger();

    private volatile boolean ended;

    Inbox(int capacity) {
        this.capacity = capacity;
    }

    boolean isFull() {
        return size.get() >= capacity;
    }

    boolean isEmpty() {
        return size.get() == 0;
    }

    /** Whether so few are left that it is worth to go on reading: a park and its end for each message would cost more. */
    boolean isHalfEmpty() {
        return size.get() <= capacity / 2;
    }

    /** Whether nothing will ever come out again. */
    boolean isExhausted() {
        return ended && isEmpty();
    }

    void add(Received received) {
        lock.lock();
        try {
            arriving.addLast(received);
            size.incrementAndGet();
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The next message, which is in the caller's hand until {@link #handled}; {@code null} when there is none now. */
    Received poll() {
        taking.lock();
        try {
            if (next.isEmpty()) {
                exchange();
            }
            Received received = next.pollFirst();
            if (received != null) {
                inHand.incrementAndGet();
                size.decrementAndGet();
            }
            return received;
        } finally {
            taking.unlock();
        }
    }

    private void exchange() {
        lock.lock();
        try {
            ArrayDeque<Received> empty = next;
            next = arriving;
            arriving = empty;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a message; {@code null} when none came in time, or none will come. */
    Received poll(long nanos) throws InterruptedException {
        long left = nanos;
        while (true) {
            Received received = poll();
            if (received != null) {
                return received;
            }
            left = awaitArrival(left);
            if (isEmpty() && (ended || left <= 0)) {
                return null;
            }
        }
    }

    private long awaitArrival(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (isEmpty() && !ended && left > 0) {
                left = arrived.awaitNanos(left);
            }
            return left;
        } finally {
            lock.unlock();
        }
    }

    /** A message that was taken has been dealt with. */
    void handled() {
        inHand.decrementAndGet();
        if (waiting > 0) {
            tellThoseWhoWait();
        }
    }

    private void tellThoseWhoWait() {
        lock.lock();
        try {
            handled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until nothing waits and nothing is in hand, or until nothing is in hand and nobody takes what waits.
     *
     * @param taken whether somebody takes it; asked after each message that was handled
     * @return {@code false} when that took too long
     */
    boolean awaitHandled(long nanos, BooleanSupplier taken) throws InterruptedException {
        lock.lock();
        // Before the numbers are looked at: whoever changes them later sees that somebody waits.
        waiting++;
        try {
            long left = nanos;
            while ((!isEmpty() && taken.getAsBoolean()) || inHand.get() > 0) {
                if (left <= 0) {
                    return false;
                }
                left = handled.awaitNanos(left);
            }
            return true;
        } finally {
            waiting--;
            lock.unlock();
        }
    }

    /** Nothing more comes. */
    void end() {
        lock.lock();
        try {
            ended = true;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets some of what waits. */
    void removeIf(Predicate<Received> unwanted) {
        taking.lock();
        lock.lock();
        try {
            next.removeIf(unwanted);
            arriving.removeIf(unwanted);
            size.set(next.size() + arriving.size());
            handled.signalAll();
        } finally {
            lock.unlock();
            taking.unlock();
        }
    }

    /** Forgets all that waits. */
    void clear() {
        removeIf(received -> true);
    }
}
