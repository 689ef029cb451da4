package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InFlightTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 63, 64, 65, 1024, 65_535})
    void shouldNeverHandOutAnIdentifierThatIsInUse(int capacity) {
        InFlight inFlight = new InFlight(capacity);
        Random random = new Random(capacity);
        ArrayDeque<Integer> order = new ArrayDeque<>();
        Set<Integer> inUse = new HashSet<>();
        for (int i = 0; i < 300_000; i++) {
            if (!inFlight.isFull() && (order.isEmpty() || random.nextInt(3) > 0)) {
                int identifier = inFlight.take();
                assertThat(identifier).isBetween(1, 65_535);
                assertThat(inUse.add(identifier)).isTrue();
                order.add(identifier);
            } else {
                int identifier = order.remove();
                inUse.remove(identifier);
                assertThat(inFlight.acknowledge(identifier)).isTrue();
            }
            assertThat(inFlight.isEmpty()).isEqualTo(inUse.isEmpty());
        }
        assertThat(inUse.size()).isLessThanOrEqualTo(capacity);
    }

    @Test
    void shouldNoteAcknowledgementsOutOfTurn() {
        InFlight inFlight = new InFlight(3);
        int first = inFlight.take();
        int second = inFlight.take();
        int third = inFlight.take();

        assertThat(inFlight.acknowledge(third)).isTrue();
        assertThat(inFlight.isFull()).isTrue();
        assertThat(inFlight.acknowledge(third)).isFalse();
        assertThat(inFlight.acknowledge(first)).isTrue();
        assertThat(inFlight.isFull()).isFalse();
        assertThat(inFlight.acknowledge(second)).isTrue();
        assertThat(inFlight.isEmpty()).isTrue();
    }

    @Test
    void shouldNotKnowIdentifiersThatItNeverGave() {
        InFlight inFlight = new InFlight(10);
        int known = inFlight.take();

        assertThat(inFlight.acknowledge(known + 1)).isFalse();
        assertThat(inFlight.acknowledge(0)).isFalse();
        assertThat(inFlight.acknowledge(65_535)).isFalse();
        assertThat(inFlight.acknowledge(known)).isTrue();
        assertThat(inFlight.acknowledge(known)).isFalse();
    }
}
