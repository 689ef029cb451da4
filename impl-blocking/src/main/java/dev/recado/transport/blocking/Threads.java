package dev.recado.transport.blocking;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Starts a transport's threads and waits for their end (T22, T27). Thread-safe. */
final class Threads {

    private static final int FIRST_CLEANING = 64;

    /** The user's; {@code null} when the transport makes its threads itself. */
    private final Executor executor;

    private final ThreadFactory factory;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition taskEnded = lock.newCondition();

    // Guarded by lock:
    private final List<Thread> made = new ArrayList<>();
    private int cleanAt = FIRST_CLEANING;
    private final Set<Thread> borrowed = new HashSet<>();
    private int executorTasks;

    Threads(Executor executor, ThreadFactory factory) {
        this.executor = executor;
        this.factory = factory;
    }

    /**
     * Runs a task that may last as long as a connection.
     *
     * @param name of the thread, after {@code recado-blocking-}; the user's threads keep their own
     * @throws RejectedExecutionException when the user's executor does, or the system has no thread left
     */
    void start(String name, Runnable task) {
        if (executor == null) {
            try {
                make(factory, name, task).start();
            } catch (OutOfMemoryError e) {
                throw new RejectedExecutionException("the system has no thread left for " + name, e);
            }
        } else {
            borrow(task);
        }
    }

    /** A platform thread of the transport's own, whatever the executor; not started. */
    Thread platform(String name, Runnable task) {
        return make(Thread::new, name, task);
    }

    private Thread make(ThreadFactory maker, String name, Runnable task) {
        Thread thread = maker.newThread(task);
        thread.setName("recado-blocking-" + name);
        thread.setDaemon(true);
        lock.lock();
        try {
            // A thread cannot take itself off this list: it would still be running while nobody waits for it any more.
            if (made.size() >= cleanAt) {
                made.removeIf(other -> other.getState() == Thread.State.TERMINATED);
                cleanAt = Math.max(FIRST_CLEANING, 2 * made.size());
            }
            made.add(thread);
        } finally {
            lock.unlock();
        }
        return thread;
    }

    private void borrow(Runnable task) {
        changeTasks(1);
        try {
            executor.execute(() -> runBorrowed(task));
        } catch (Throwable e) {
            changeTasks(-1);
            throw e;
        }
    }

    private void runBorrowed(Runnable task) {
        Thread thread = Thread.currentThread();
        lock.lock();
        try {
            borrowed.add(thread);
        } finally {
            lock.unlock();
        }
        try {
            task.run();
        } finally {
            lock.lock();
            try {
                borrowed.remove(thread);
            } finally {
                lock.unlock();
            }
            changeTasks(-1);
        }
    }

    private void changeTasks(int difference) {
        lock.lock();
        try {
            executorTasks += difference;
            taskEnded.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until every thread has ended and every borrowed one is given back, unless the caller is one of them. An
     * interrupt ends the waiting and stays set.
     *
     * @param limitNanos the longest wait
     */
    void awaitEnd(long limitNanos) {
        long deadline = System.nanoTime() + limitNanos;
        try {
            List<Thread> ending;
            lock.lock();
            try {
                ending = List.copyOf(made);
                Thread current = Thread.currentThread();
                if (ending.contains(current) || borrowed.contains(current)) {
                    return;
                }
                for (long left; executorTasks > 0 && (left = deadline - System.nanoTime()) > 0; ) {
                    taskEnded.awaitNanos(left);
                }
            } finally {
                lock.unlock();
            }
            for (Thread thread : ending) {
                TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadline - System.nanoTime()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
