package dev.recado.core.broker;

import dev.recado.BrokerListener;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls the {@link BrokerListener}s, in order, on a thread that starts with the first event. Thread-safe. */
final class Events implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Events.class);
    private static final int MOST_WAITING = 10_000;

    private final List<BrokerListener> listeners;
    private final ThreadPoolExecutor executor;

    Events(List<BrokerListener> listeners, String threadName, Counters counters) {
        this.listeners = List.copyOf(listeners);
        executor = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MOST_WAITING),
                task -> {
                    Thread thread = new Thread(task, threadName);
                    thread.setDaemon(true);
                    return thread;
                },
                (task, pool) -> counters.eventsDropped.increment());
    }

    void fire(Consumer<BrokerListener> call) {
        if (listeners.isEmpty()) {
            return;
        }
        executor.execute(() -> {
            for (BrokerListener listener : listeners) {
                try {
                    call.accept(listener);
                } catch (RuntimeException | Error e) {
                    LOG.warn("a broker listener failed", e);
                }
            }
        });
    }

    /** Lets what has happened be told, for at most so long, and ends the thread. */
    void close(long timeoutNanos) {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(timeoutNanos, TimeUnit.NANOSECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        close(0);
    }
}
