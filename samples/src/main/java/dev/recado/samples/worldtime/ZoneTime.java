package dev.recado.samples.worldtime;

import java.time.Duration;
import java.time.OffsetDateTime;

/** What clocks show somewhere: with the offset from UTC that is in force there, and whether that is daylight saving time. */
record ZoneTime(String zone, OffsetDateTime dateTime, boolean daylightSaving) {

    /** The same clock a moment later. */
    ZoneTime after(Duration moment) {
        return new ZoneTime(zone, dateTime.plus(moment), daylightSaving);
    }
}
