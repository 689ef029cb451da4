package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.core.codec.PacketType;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransitionsTest {

    @ParameterizedTest
    @CsvSource({
        "AWAITING_CONNECT, ACCEPTED, CONNECTED",
        "AWAITING_CONNECT, DOUBTED, AUTHENTICATING",
        "AWAITING_CONNECT, ENDED, ENDING",
        "AWAITING_CONNECT, CLOSED, CLOSED",
        "AUTHENTICATING, DOUBTED, AUTHENTICATING",
        "AUTHENTICATING, ACCEPTED, CONNECTED",
        "AUTHENTICATING, ENDED, ENDING",
        "AUTHENTICATING, CLOSED, CLOSED",
        "CONNECTED, DOUBTED, CONNECTED",
        "CONNECTED, ACCEPTED, CONNECTED",
        "CONNECTED, ENDED, ENDING",
        "CONNECTED, CLOSED, CLOSED",
        "ENDING, DOUBTED, ENDING",
        "ENDING, ACCEPTED, ENDING",
        "ENDING, ENDED, ENDING",
        "ENDING, CLOSED, CLOSED",
        "CLOSED, DOUBTED, CLOSED",
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

    @ParameterizedTest
    @CsvSource({
        "AWAITING_PUBACK, PUBACK, false, DONE",
        "AWAITING_PUBACK, PUBACK, true, DONE",
        "AWAITING_PUBACK, PUBREC, false,",
        "AWAITING_PUBACK, PUBCOMP, false,",
        "AWAITING_PUBREC, PUBACK, false,",
        "AWAITING_PUBREC, PUBREC, false, AWAITING_PUBCOMP",
        "AWAITING_PUBREC, PUBREC, true, DONE",
        "AWAITING_PUBREC, PUBCOMP, false,",
        "AWAITING_PUBCOMP, PUBACK, false,",
        "AWAITING_PUBCOMP, PUBREC, false, AWAITING_PUBCOMP",
        "AWAITING_PUBCOMP, PUBREC, true, AWAITING_PUBCOMP",
        "AWAITING_PUBCOMP, PUBCOMP, false, DONE",
        "AWAITING_PUBCOMP, PUBCOMP, true, DONE",
        "DONE, PUBACK, false,",
        "DONE, PUBREC, false,",
        "DONE, PUBCOMP, false,",
    })
    void shouldKnowWhatEachAnswerMeansForADelivery(
            DeliveryStage from, PacketType answer, boolean error, DeliveryStage to) {
        assertThat(from.after(answer, error)).isEqualTo(to);
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
