package dev.recado.core.client;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Messages that have arrived and wait to be consumed, at most as many as the program allows: who fills it asks
 * {@link #isFull} first. Thread-safe.
 */
final class Inbox {

    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Condition handled = lock.newCondition();
    private final ArrayDeque<Received> messages = new ArrayDeque<>();

    /** Taken and not yet {@link #handled}. */
    private int inHand;

    private volatile int size;
    private volatile boolean ended;

    Inbox(int capacity) {
        this.capacity = capacity;
    }

    boolean isFull() {
        return size >= capacity;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Whether so few are left that it is worth to go on reading: a park and its end for each message would cost more. */
    boolean isHalfEmpty() {
        return size <= capacity / 2;
    }

    /** Whether nothing will ever come out again. */
    boolean isExhausted() {
        return ended && size == 0;
    }

    void add(Received received) {
        lock.lock();
        try {
            messages.addLast(received);
            size = messages.size();
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The next message, which is in the caller's hand until {@link #handled}; {@code null} when there is none now. */
    Received poll() {
        lock.lock();
        try {
            return take();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a message; {@code null} when none came in time, or none will come. */
    Received poll(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (messages.isEmpty() && !ended && left > 0) {
                left = arrived.awaitNanos(left);
            }
            return take();
        } finally {
            lock.unlock();
        }
    }

    private Received take() {
        Received received = messages.pollFirst();
        if (received != null) {
            size = messages.size();
            inHand++;
        }
        return received;
    }

    /** A message that was taken has been dealt with. */
    void handled() {
        lock.lock();
        try {
            inHand--;
            handled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until nothing waits and nothing is in hand, or until nothing is in hand and nobody takes what waits.
     *
     * @param taking whether somebody does; asked after each message that was handled
     * @return {@code false} when that took too long
     */
    boolean awaitHandled(long nanos, BooleanSupplier taking) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (inHand > 0 || (!messages.isEmpty() && taking.getAsBoolean())) {
                if (left <= 0) {
                    return false;
                }
                left = handled.awaitNanos(left);
            }
            return true;
        } finally {
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
        lock.lock();
        try {
            messages.removeIf(unwanted);
            size = messages.size();
            handled.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets what waits; returns how many that were. */
    int clear() {
        lock.lock();
        try {
            int forgotten = messages.size();
            messages.clear();
            size = 0;
            handled.signalAll();
            return forgotten;
        } finally {
            lock.unlock();
        }
    }
}
