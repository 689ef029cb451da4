package dev.recado.samples.worldtime;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * Asks another source once for all who want to know the same within a few seconds, also while that question is on its way: a
 * thousand clients are one request. A clock that was read is put forward by the time since. Failures are not kept: whoever comes
 * afterwards asks anew.
 */
final class CachedTimeSource implements TimeSource {

    /** A clock, and when it was read, on the nano clock. */
    private record Reading(ZoneTime time, long at) {}

    private final TimeSource source;
    private final long keepNanos;
    private final LongSupplier nanoTime;

    /** By zone, the one that was used longest ago first. Guarded by itself. */
    private final Map<String, CompletableFuture<Reading>> readings;

    CachedTimeSource(TimeSource source, Duration keep, int mostZones, LongSupplier nanoTime) {
        this.source = source;
        this.keepNanos = keep.toNanos();
        this.nanoTime = nanoTime;
        this.readings = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, CompletableFuture<Reading>> eldest) {
                return size() > mostZones;
            }
        };
    }

    @Override
    public List<String> zones() {
        return source.zones();
    }

    @Override
    public CompletionStage<ZoneTime> now(String zone) {
        CompletableFuture<Reading> reading;
        boolean mine = false;
        synchronized (readings) {
            reading = readings.get(zone);
            if (reading == null || isOver(reading)) {
                reading = new CompletableFuture<>();
                readings.put(zone, reading);
                mine = true;
            }
        }
        if (mine) {
            // Outside the lock: who wants another zone does not wait.
            read(zone, reading);
        }
        return reading.thenApply(read -> read.time().after(Duration.ofNanos(nanoTime.getAsLong() - read.at())));
    }

    private boolean isOver(CompletableFuture<Reading> reading) {
        if (!reading.isDone()) {
            return false;
        }
        return reading.isCompletedExceptionally()
                || nanoTime.getAsLong() - reading.join().at() >= keepNanos;
    }

    private void read(String zone, CompletableFuture<Reading> reading) {
        source.now(zone).whenComplete((time, failure) -> {
            if (failure == null) {
                reading.complete(new Reading(time, nanoTime.getAsLong()));
            } else {
                reading.completeExceptionally(failure);
            }
        });
    }
}
