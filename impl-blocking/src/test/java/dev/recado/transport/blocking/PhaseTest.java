package dev.recado.transport.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PhaseTest {

    @Test
    void shouldOnlyMoveForward() {
        assertThat(Phase.CONNECTING.advancedTo(Phase.OPEN)).isEqualTo(Phase.OPEN);
        assertThat(Phase.CONNECTING.advancedTo(Phase.ENDED)).isEqualTo(Phase.ENDED);
        for (Phase from : Phase.values()) {
            for (Phase to : Phase.values()) {
                Phase later = from.ordinal() > to.ordinal() ? from : to;
                assertThat(from.advancedTo(to)).as("%s to %s", from, to).isEqualTo(later);
            }
        }
    }
}
