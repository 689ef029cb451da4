package dev.recado.samples.worldtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JvmTimeSourceTest {

    @ParameterizedTest
    @CsvSource({
        "2026-07-01T12:00:00Z, Europe/London,     2026-07-01T13:00+01:00, true",
        "2026-12-01T12:00:00Z, Europe/London,     2026-12-01T12:00Z,      false",
        "2026-07-01T12:00:00Z, America/Sao_Paulo, 2026-07-01T09:00-03:00, false",
        "2026-12-31T23:00:00Z, Asia/Tokyo,        2027-01-01T08:00+09:00, false",
        "2026-12-31T23:00:00Z, Asia/Kathmandu,    2027-01-01T04:45+05:45, false"
    })
    void shouldKnowTheOffsetAndWhetherItIsDaylightSavingTime(
            Instant now, String zone, String dateTime, boolean daylightSaving) {
        ZoneTime time = new JvmTimeSource(Clock.fixed(now, ZoneOffset.UTC))
                .now(zone)
                .toCompletableFuture()
                .join();

        assertThat(time.zone()).isEqualTo(zone);
        assertThat(time.dateTime()).hasToString(dateTime);
        assertThat(time.daylightSaving()).isEqualTo(daylightSaving);
    }

    @Test
    void shouldListItsZonesInOrderAsTheProtocolAllowsThem() {
        assertThat(new JvmTimeSource(Clock.systemUTC()).zones())
                .contains("America/Sao_Paulo", "UTC", "Etc/GMT+10")
                .isSorted()
                .isEqualTo(Protocol.readZones(Protocol.zones(new JvmTimeSource(Clock.systemUTC()).zones())));
    }
}
