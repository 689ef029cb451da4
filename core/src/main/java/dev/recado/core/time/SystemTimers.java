package dev.recado.core.time;

import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link Timers} on one daemon thread. */
final class SystemTimers implements Timers {

    private static final Logger LOG = LoggerFactory.getLogger(Timers.class);

    /** Tasks do not block, so the thread ends as soon as it gets to run. */
    private static final long PATIENCE_MILLIS = 5_000;

    private final ScheduledThreadPoolExecutor executor;
    private volatile Thread thread;

    SystemTimers(String threadName) {
        executor = new ScheduledThreadPoolExecutor(
                1,
                task -> {
                    Thread made = new Thread(task, threadName);
                    made.setDaemon(true);
                    thread = made;
                    return made;
                },
                (task, pool) -> {
                    // Only after close(): whoever schedules then is being closed as well.
                });
        executor.setRemoveOnCancelPolicy(true);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
        Scheduled scheduled = new Scheduled(task);
        scheduled.future = executor.schedule(scheduled, delayNanos, TimeUnit.NANOSECONDS);
        return scheduled;
    }

    @Override
    public void close() {
        executor.shutdownNow();
        Thread started = thread;
        if (started == null || started == Thread.currentThread()) {
            return;
        }
        try {
            // Not awaitTermination(), which returns a moment before the thread is gone.
            started.join(PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The task and its timer in one: each connection has one of these. */
    private static final class Scheduled implements Callable<Void>, Timer {
        private final Runnable task;
        private Future<?> future;

        Scheduled(Runnable task) {
            this.task = task;
        }

        @Override
        public Void call() {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                LOG.warn("a timer's task failed", e);
            }
            return null;
        }

        @Override
        public void cancel() {
            future.cancel(false);
        }
    }
}
