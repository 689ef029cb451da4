package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransitionsTest {

    @ParameterizedTest
    @CsvSource({
        "AWAITING_CONNECT, ACCEPTED, CONNECTED",
        "AWAITING_CONNECT, ENDED, ENDING",
        "AWAITING_CONNECT, CLOSED, CLOSED",
        "CONNECTED, ACCEPTED, CONNECTED",
        "CONNECTED, ENDED, ENDING",
        "CONNECTED, CLOSED, CLOSED",
        "ENDING, ACCEPTED, ENDING",
        "ENDING, ENDED, ENDING",
        "ENDING, CLOSED, CLOSED",
        "CLOSED, ACCEPTED, CLOSED",
        "CLOSED, ENDED, CLOSED",
        "CLOSED, CLOSED, CLOSED",
    })
    void shouldKnowWhatFollowsForEveryPhaseOfAConnection(
            ConnectionPhase from, ConnectionPhase.Event event, ConnectionPhase to) {
        assertThat(from.after(event)).isEqualTo(to);
    }

    @ParameterizedTest
    @CsvSource({
        "FLOWING, OVERFLOWED, STALLING",
        "FLOWING, STALL_ENDED, FLOWING",
        "FLOWING, DRAINED, FLOWING",
        "STALLING, OVERFLOWED, STALLING",
        "STALLING, STALL_ENDED, SLOW",
        "STALLING, DRAINED, FLOWING",
        "SLOW, OVERFLOWED, SLOW",
        "SLOW, STALL_ENDED, SLOW",
        "SLOW, DRAINED, FLOWING",
    })
    void shouldEarnAStallOnlyByDraining(OutboundFlow from, OutboundFlow.Event event, OutboundFlow to) {
        assertThat(from.after(event)).isEqualTo(to);
    }

    @Test
    void shouldAllowEachSecondItsOwnStalls() {
        StallBudget budget = new StallBudget(Duration.ofMillis(100), 0);
        budget.use(Duration.ofMillis(60).toNanos());
        assertThat(budget.remaining(Duration.ofMillis(500).toNanos()))
                .isEqualTo(Duration.ofMillis(40).toNanos());
        budget.use(Duration.ofMillis(90).toNanos());
        assertThat(budget.remaining(Duration.ofMillis(999).toNanos())).isZero();
        assertThat(budget.remaining(Duration.ofMillis(1000).toNanos()))
                .isEqualTo(Duration.ofMillis(100).toNanos());
    }
}
