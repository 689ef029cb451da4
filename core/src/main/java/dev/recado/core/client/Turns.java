package dev.recado.core.client;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Runs the same task again and again on an executor, never twice at a time: once for any number of wake-ups, and again
 * when one came in the meantime. Each turn sees what the one before did. Thread-safe.
 */
final class Turns implements Runnable {

    private final Executor executor;
    private final BooleanSupplier turn;
    private final Consumer<RejectedExecutionException> onRejected;
    private final AtomicInteger wakeUps = new AtomicInteger();
    private volatile Thread runner;

    /**
     * Runs nothing yet.
     *
     * @param turn returns {@code true} when it stopped only to let others have the executor
     * @param onRejected told when the executor takes no more
     */
    Turns(Executor executor, BooleanSupplier turn, Consumer<RejectedExecutionException> onRejected) {
        this.executor = executor;
        this.turn = turn;
        this.onRejected = onRejected;
    }

    /** There may be something to do. */
    void wake() {
        if (wakeUps.getAndIncrement() == 0) {
            submit();
        }
    }

    private void submit() {
        try {
            executor.execute(this);
        } catch (RejectedExecutionException e) {
            wakeUps.set(0);
            onRejected.accept(e);
        }
    }

    @Override
    public void run() {
        int seen = wakeUps.get();
        boolean more;
        runner = Thread.currentThread();
        try {
            more = turn.getAsBoolean();
        } finally {
            runner = null;
        }
        if (more || wakeUps.addAndGet(-seen) != 0) {
            submit();
        }
    }

    /** Whether this is asked inside a turn. */
    boolean isCurrent() {
        return runner == Thread.currentThread();
    }
}
