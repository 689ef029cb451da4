package dev.recado.core.memory;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs the connections' deliveries in the order in which they became due: on a few daemon threads that start when there is
 * work, or, with none, on the thread of whoever calls {@link #runUntilIdle}. Holds at most one task for each half of a
 * connection. Thread-safe.
 */
final class Deliveries implements Executor {

    private final int maxThreads;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
    private final Set<Thread> threads = new HashSet<>();
    private int idle;
    private int started;
    private boolean closed;

    Deliveries(int maxThreads) {
        this.maxThreads = maxThreads;
    }

    /** Tasks catch what they throw. One that comes after {@link #close} gets a thread that ends with it. */
    @Override
    public void execute(Runnable task) {
        lock.lock();
        try {
            queue.addLast(task);
            if (idle >= queue.size()) {
                changed.signal();
            } else if (threads.size() < maxThreads) {
                start();
            }
        } finally {
            lock.unlock();
        }
    }

    private void start() {
        Thread thread = new Thread(this::work, "recado-memory-" + ++started);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void work() {
        for (Runnable task = await(); task != null; task = await()) {
            task.run();
            // A handler may have set it; the next connection's handler must not find it.
            Thread.interrupted();
        }
    }

    private Runnable await() {
        lock.lock();
        try {
            while (queue.isEmpty()) {
                if (closed) {
                    threads.remove(Thread.currentThread());
                    changed.signalAll();
                    return null;
                }
                idle++;
                changed.awaitUninterruptibly();
                idle--;
            }
            return queue.pollFirst();
        } finally {
            lock.unlock();
        }
    }

    /** Runs what is due, and what that makes due, on the calling thread. */
    void runUntilIdle() {
        for (Runnable task = poll(); task != null; task = poll()) {
            task.run();
        }
    }

    private Runnable poll() {
        lock.lock();
        try {
            return queue.pollFirst();
        } finally {
            lock.unlock();
        }
    }

    /** Lets the threads finish the queue and end; waits for them unless one of them calls. An interrupt ends the waiting. */
    void close(Duration patience) {
        if (maxThreads == 0) {
            runUntilIdle();
        }
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            long left = patience.toNanos();
            while (!threads.isEmpty() && !threads.contains(Thread.currentThread()) && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
