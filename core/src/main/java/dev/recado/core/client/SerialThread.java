package dev.recado.core.client;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks in order, one at a time, on a thread of its own that starts with the first one. Kept, the thread waits for
 * further tasks until it is {@linkplain #release released}; else it ends when there are none, so that nothing is left
 * behind, and a later task starts another. Thread-safe.
 */
final class SerialThread implements Executor {

    private static final Logger LOG = LoggerFactory.getLogger(SerialThread.class);

    /** Only a task that never returns makes that many wait. */
    private static final int MAX_WAITING = 10_000;

    private final Supplier<String> name;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private Thread thread;
    private boolean kept;

    /**
     * Starts nothing yet.
     *
     * @param name of the thread, asked for when it starts
     * @param kept whether the thread waits for further tasks
     */
    SerialThread(Supplier<String> name, boolean kept) {
        this.name = name;
        this.kept = kept;
    }

    @Override
    public void execute(Runnable task) {
        lock.lock();
        try {
            if (tasks.size() == MAX_WAITING) {
                LOG.warn("{} tasks wait for '{}', which is stuck: one is dropped", MAX_WAITING, name.get());
                return;
            }
            tasks.addLast(task);
            if (thread == null) {
                thread = Threads.start(name.get(), this::run);
            } else {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        for (Runnable task = next(); task != null; task = next()) {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                LOG.warn("a task of '{}' failed", name.get(), e);
            }
        }
    }

    private Runnable next() {
        lock.lock();
        try {
            while (tasks.isEmpty() && kept) {
                changed.awaitUninterruptibly();
            }
            Runnable task = tasks.pollFirst();
            if (task == null) {
                thread = null;
            }
            return task;
        } finally {
            lock.unlock();
        }
    }

    /** Whether one of its tasks is asking. */
    boolean isCurrent() {
        lock.lock();
        try {
            return Thread.currentThread() == thread;
        } finally {
            lock.unlock();
        }
    }

    /** From now on the thread ends when there is nothing to do. */
    void release() {
        lock.lock();
        try {
            kept = false;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the thread has ended, unless one of its tasks is asking. */
    void awaitEnd(long nanos) throws InterruptedException {
        Thread running;
        lock.lock();
        try {
            running = thread;
        } finally {
            lock.unlock();
        }
        if (running != null && running != Thread.currentThread()) {
            TimeUnit.NANOSECONDS.timedJoin(running, nanos);
        }
    }
}
