package dev.recado.spi;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes a transport's threads (T27), and waits for their end when it closes (T22). Thread-safe.
 *
 * @since 0.1.0
 */
public final class DaemonThreads {

    private static final int FIRST_CLEANING = 64;

    private final String prefix;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock:
    private final List<Thread> made = new ArrayList<>();
    private int cleanAt = FIRST_CLEANING;

    /**
     * Makes no thread yet (T1).
     *
     * @param prefix of all names: {@code recado-}, the transport's name and a hyphen
     */
    public DaemonThreads(String prefix) {
        this.prefix = prefix;
    }

    /**
     * Makes a platform thread.
     *
     * @param name what follows the prefix
     * @param task what it does
     * @return a daemon, not started
     */
    public Thread make(String name, Runnable task) {
        return make(Thread::new, name, task);
    }

    /**
     * Makes a thread, perhaps a virtual one.
     *
     * @param maker whence the thread; its name is replaced
     * @param name what follows the prefix
     * @param task what it does
     * @return a daemon, not started
     */
    public Thread make(ThreadFactory maker, String name, Runnable task) {
        Thread thread = maker.newThread(task);
        thread.setName(prefix + name);
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

    /**
     * Whether the calling thread was made here.
     *
     * @return {@code true} when waiting for all threads would be waiting for oneself
     */
    public boolean includeCaller() {
        lock.lock();
        try {
            return made.contains(Thread.currentThread());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until every thread has ended, those included that others make meanwhile; not at all when the caller is one of
     * them. An interrupt ends the waiting and stays set.
     *
     * @param limit the longest wait
     */
    public void awaitEnd(Duration limit) {
        if (includeCaller()) {
            return;
        }
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            for (Thread thread; (thread = anyAlive()) != null; ) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return;
                }
                TimeUnit.NANOSECONDS.timedJoin(thread, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Thread anyAlive() {
        lock.lock();
        try {
            made.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
            return made.stream().filter(Thread::isAlive).findAny().orElse(null);
        } finally {
            lock.unlock();
        }
    }
}
