package dev.recado.transport.blocking;

import dev.recado.spi.DaemonThreads;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Starts a transport's threads and waits for their end (T22, T27). Thread-safe. */
final class Threads {

    /** The user's; {@code null} when the transport makes its threads itself. */
    private final Executor executor;

    private final ThreadFactory factory;
    private final DaemonThreads own = new DaemonThreads("recado-blocking-");
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition taskEnded = lock.newCondition();

    // Guarded by lock:
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
                own.make(factory, name, task).start();
            } catch (OutOfMemoryError e) {
                throw new RejectedExecutionException("the system has no thread left for " + name, e);
            }
        } else {
            borrow(task);
        }
    }

    /** Threads of the transport's own, whatever the executor. */
    DaemonThreads own() {
        return own;
    }

    /**
     * Called after a callback: a handler may leave its thread interrupted, and the next read or write would close the socket
     * under it. Borrowed threads keep it: their executor may have meant it.
     */
    void forgetInterrupt() {
        if (executor == null) {
            Thread.interrupted();
        }
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
     * @param limit the longest wait
     */
    void awaitEnd(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        lock.lock();
        try {
            if (own.includeCaller() || borrowed.contains(Thread.currentThread())) {
                return;
            }
            for (long left; executorTasks > 0 && (left = deadline - System.nanoTime()) > 0; ) {
                taskEnded.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } finally {
            lock.unlock();
        }
        own.awaitEnd(Duration.ofNanos(deadline - System.nanoTime()));
    }
}
