package dev.recado.samples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The steps of {@code docs/getting-started.md}, run as its reader would. */
final class TourIT {

    @Test
    void shouldPrintWhatTheDocumentSays() throws Exception {
        try (RecadoProcess tour = RecadoProcess.startClass(Tour.class)) {
            assertThat(tour.success())
                    .containsExactly("boa tarde", "news 3", "news 4", "news 5", "news 6", "12:00 in Lisbon");
        }
    }
}
