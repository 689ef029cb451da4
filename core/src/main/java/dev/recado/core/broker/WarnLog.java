package dev.recado.core.broker;

import dev.recado.core.time.Timers;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * WARN lines that a flood of bad input cannot turn into a flood of lines: of each kind one a second at most, the next one
 * saying how many there were in between. Thread-safe, without a lock: a flood comes from all threads at once.
 */
final class WarnLog {

    enum Kind {
        REFUSED,
        DROPPED,
        HISTORY_DROPPED,
        FAILED
    }

    private static final class Recent {
        final AtomicLong nextAt;
        final LongAdder unsaid = new LongAdder();

        Recent(long now) {
            nextAt = new AtomicLong(now);
        }
    }

    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

    private final Consumer<String> log;
    private final Timers timers;
    private final Recent[] recent = new Recent[Kind.values().length];

    WarnLog(Consumer<String> log, Timers timers) {
        this.log = log;
        this.timers = timers;
        for (int i = 0; i < recent.length; i++) {
            recent[i] = new Recent(timers.nanoTime());
        }
    }

    void warn(Kind kind, Supplier<String> line) {
        warn(kind, 1, line);
    }

    /**
     * Says it, unless another one was said a short while ago.
     *
     * @param times how often it happened, 1 or more
     * @param line what happened last
     */
    void warn(Kind kind, long times, Supplier<String> line) {
        Recent last = recent[kind.ordinal()];
        long now = timers.nanoTime();
        long nextAt = last.nextAt.get();
        if (now - nextAt < 0 || !last.nextAt.compareAndSet(nextAt, now + INTERVAL)) {
            last.unsaid.add(times);
            return;
        }
        long more = last.unsaid.sumThenReset() + times - 1;
        log.accept(more == 0 ? line.get() : line.get() + " (and " + more + " more like this)");
    }
}
