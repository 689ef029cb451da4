package dev.recado.core.time;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Timers whose time passes when a test says so; due tasks run on the test's thread. Thread-safe. */
public final class ManualTimers implements Timers {

    private record Task(long dueAt, long number, Runnable action) {}

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::dueAt).thenComparingLong(Task::number));
    private long now = 1_000_000_000L;
    private long scheduled;
    private boolean closed;

    @Override
    public synchronized long nanoTime() {
        return now;
    }

    @Override
    public synchronized Timer schedule(long delayNanos, Runnable task) {
        Task entry = new Task(now + Math.max(0, delayNanos), scheduled++, task);
        if (!closed) {
            tasks.add(entry);
        }
        return () -> {
            synchronized (this) {
                tasks.remove(entry);
            }
        };
    }

    /** Lets time pass, and runs what falls due on the way, each task at its own time. */
    public void advance(Duration duration) {
        long end;
        synchronized (this) {
            end = now + duration.toNanos();
        }
        while (true) {
            Task next;
            synchronized (this) {
                next = tasks.peek();
                if (next == null || next.dueAt() > end) {
                    now = end;
                    return;
                }
                tasks.remove(next);
                now = Math.max(now, next.dueAt());
            }
            next.action().run();
        }
    }

    /** Runs what is due now; {@code false} when there was nothing. */
    public boolean runDue() {
        Task next;
        synchronized (this) {
            next = tasks.peek();
            if (next == null || next.dueAt() > now) {
                return false;
            }
            tasks.remove(next);
        }
        next.action().run();
        return true;
    }

    public synchronized int waiting() {
        return tasks.size();
    }

    /** How many tasks were ever scheduled. */
    public synchronized long scheduled() {
        return scheduled;
    }

    public synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void close() {
        closed = true;
        tasks.clear();
    }
}
