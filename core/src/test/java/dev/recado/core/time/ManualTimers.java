package dev.recado.core.time;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantLock;

/** {@link Timers} whose clock a test moves: tasks run inside {@link #advance}, on the test's thread. Thread-safe. */
public final class ManualTimers implements Timers {

    private record Task(long due, long number, Runnable action) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::due).thenComparingLong(Task::number));
    private long now;
    private long scheduled;
    private boolean closed;

    @Override
    public long nanoTime() {
        lock.lock();
        try {
            return now;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Timer schedule(long delayNanos, Runnable action) {
        lock.lock();
        try {
            Task task = new Task(now + Math.max(0, delayNanos), scheduled++, action);
            if (!closed) {
                tasks.add(task);
            }
            return () -> remove(task);
        } finally {
            lock.unlock();
        }
    }

    private void remove(Task task) {
        lock.lock();
        try {
            tasks.remove(task);
        } finally {
            lock.unlock();
        }
    }

    /** Moves the clock and runs what becomes due, at its time and in its order. */
    public void advance(Duration by) {
        long end = nanoTime() + by.toNanos();
        for (Task task = next(end); task != null; task = next(end)) {
            task.action().run();
        }
    }

    private Task next(long end) {
        lock.lock();
        try {
            Task task = tasks.peek();
            if (task == null || task.due() > end) {
                now = end;
                return null;
            }
            now = Math.max(now, task.due());
            return tasks.poll();
        } finally {
            lock.unlock();
        }
    }

    /** How many tasks wait. */
    public int waiting() {
        lock.lock();
        try {
            return tasks.size();
        } finally {
            lock.unlock();
        }
    }

    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            tasks.clear();
        } finally {
            lock.unlock();
        }
    }
}
