package dev.recado.samples.worldtime;

import java.time.Clock;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** This machine's clock, and the tz database that comes with the JVM. */
final class JvmTimeSource implements TimeSource {

    private final Clock clock;

    JvmTimeSource(Clock clock) {
        this.clock = clock;
    }

    @Override
    public List<String> zones() {
        return ZoneId.getAvailableZoneIds().stream().sorted().toList();
    }

    @Override
    public CompletionStage<ZoneTime> now(String zone) {
        ZonedDateTime now = clock.instant().atZone(ZoneId.of(zone));
        boolean daylightSaving = now.getZone().getRules().isDaylightSavings(now.toInstant());
        return CompletableFuture.completedFuture(new ZoneTime(zone, now.toOffsetDateTime(), daylightSaving));
    }
}
