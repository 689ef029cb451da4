package dev.recado.core.broker;

import dev.recado.core.time.Timers;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * WARN lines that a flood of bad input cannot turn into a flood of lines: of each kind one a second at most, the next one
 * saying how many there were in between. Thread-safe.
 */
final class WarnLog {

    enum Kind {
        REFUSED,
        DROPPED,
        FAILED
    }

    private static final class Recent {
        long lastAt;
        long unsaid;
    }

    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

    private final Logger log;
    private final Timers timers;
    private final Map<Kind, Recent> recent = new EnumMap<>(Kind.class);

    WarnLog(Logger log, Timers timers) {
        this.log = log;
        this.timers = timers;
    }

    void warn(Kind kind, Supplier<String> line) {
        long unsaid;
        synchronized (recent) {
            long now = timers.nanoTime();
            Recent last = recent.get(kind);
            if (last == null) {
                last = new Recent();
                recent.put(kind, last);
            } else if (now - last.lastAt < INTERVAL) {
                last.unsaid++;
                return;
            }
            unsaid = last.unsaid;
            last.unsaid = 0;
            last.lastAt = now;
        }
        log.warn(unsaid == 0 ? line.get() : line.get() + " (and " + unsaid + " more like this)");
    }
}
