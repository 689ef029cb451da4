package dev.recado.samples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The program that the README begins with, run as its reader would. */
final class QuickstartIT {

    @Test
    void shouldPrintTheMessage() throws Exception {
        try (RecadoProcess quickstart = RecadoProcess.startClass(Quickstart.class)) {
            assertThat(quickstart.success()).containsExactly("bom dia");
        }
    }
}
