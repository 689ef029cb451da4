package dev.recado.core.client;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Runs tasks on as many threads as are needed, up to a bound; one that has nothing to do for a while ends. Who gives it tasks
 * bounds how many wait. Thread-safe.
 */
final class Workers implements Executor {

    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Supplier<String> name;
    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private int threads;
    private int idle;
    private boolean released;

    /**
     * Starts nothing yet.
     *
     * @param name of each thread, asked for when it starts
     * @param limit how many threads there may be
     */
    Workers(Supplier<String> name, int limit) {
        this.name = name;
        this.limit = limit;
    }

    @Override
    public void execute(Runnable task) {
        lock.lock();
        try {
            tasks.addLast(task);
            if (idle >= tasks.size()) {
                changed.signal();
            } else if (threads < limit) {
                threads++;
                Threads.start(name.get(), this::run);
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        for (Runnable task = next(); task != null; task = next()) {
            task.run();
        }
    }

    /** {@code null}: the thread is to end. */
    private Runnable next() {
        lock.lock();
        try {
            long left = IDLE_NANOS;
            while (tasks.isEmpty() && !released && left > 0) {
                left = awaitTask(left);
            }
            Runnable task = tasks.pollFirst();
            if (task == null) {
                threads--;
            }
            return task;
        } finally {
            lock.unlock();
        }
    }

    private long awaitTask(long nanos) {
        idle++;
        try {
            return changed.awaitNanos(nanos);
        } catch (InterruptedException e) {
            // Nobody but a task interrupts these threads, and that task is over.
            return nanos;
        } finally {
            idle--;
        }
    }

    /** How many threads wait for a task. */
    int idle() {
        lock.lock();
        try {
            return idle;
        } finally {
            lock.unlock();
        }
    }

    /** From now on each thread ends when there is nothing to do. */
    void release() {
        lock.lock();
        try {
            released = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
