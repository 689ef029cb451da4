package dev.recado.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InFlightTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 16, 17, 1000, 65_535})
    void shouldGiveOutAsManyDistinctIdentifiersAsAllowed(int limit) {
        InFlight<Integer> inFlight = new InFlight<>(limit);
        Map<Integer, Integer> given = new HashMap<>();
        for (int i = 0; i < limit; i++) {
            assertThat(inFlight.isFull()).isFalse();
            int id = inFlight.add(i);
            assertThat(id).isBetween(1, 65_535);
            assertThat(given.put(id, i)).isNull();
        }
        assertThat(inFlight.isFull()).isTrue();
        assertThat(inFlight.size()).isEqualTo(limit);
        assertThatThrownBy(() -> inFlight.add(-1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(String.valueOf(limit));
        given.forEach((id, item) -> assertThat(inFlight.remove(id)).isEqualTo(item));
        assertThat(inFlight.size()).isZero();
    }

    @Test
    void shouldKnowOnlyWhatIsInFlight() {
        InFlight<String> inFlight = new InFlight<>(3);
        int id = inFlight.add("a");
        assertThat(inFlight.get(id)).isEqualTo("a");
        assertThat(inFlight.remove(id)).isEqualTo("a");
        assertThat(inFlight.remove(id)).isNull();
        assertThat(inFlight.get(id)).isNull();
        for (int unknown : new int[] {-1, 0, 2, 17, 65_535, 65_536}) {
            assertThat(inFlight.remove(unknown)).as("identifier %d", unknown).isNull();
        }
        assertThat(inFlight.size()).isZero();
    }

    @Test
    void shouldPutSomethingElseInThePlaceOfWhatIsInFlightOnly() {
        InFlight<String> inFlight = new InFlight<>(3);
        int first = inFlight.add("a");
        int second = inFlight.add("b");

        inFlight.replace(second, "c");

        assertThat(inFlight.get(first)).isEqualTo("a");
        assertThat(inFlight.get(second)).isEqualTo("c");
        assertThat(inFlight.size()).isEqualTo(2);
        inFlight.remove(second);
        for (int unknown : new int[] {-1, 0, second, 65_536}) {
            assertThatThrownBy(() -> inFlight.replace(unknown, "d"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(String.valueOf(unknown));
        }
        assertThat(inFlight.get(second)).isNull();
    }

    @Test
    void shouldShowAllThatIsInFlight() {
        InFlight<String> inFlight = new InFlight<>(3);
        inFlight.add("a");
        int gone = inFlight.add("b");
        inFlight.add("c");
        inFlight.remove(gone);

        List<String> seen = new ArrayList<>();
        inFlight.forEach(seen::add);

        assertThat(seen).containsExactlyInAnyOrder("a", "c");
    }

    @Test
    void shouldGiveAFreedIdentifierOutLast() {
        InFlight<String> inFlight = new InFlight<>(1);
        int freed = inFlight.add("a");
        inFlight.remove(freed);
        for (int i = 0; i < 15; i++) {
            int id = inFlight.add("b");
            assertThat(id).isNotEqualTo(freed);
            inFlight.remove(id);
        }
    }

    @Test
    void shouldAgreeWithAMap() {
        long seed = Long.getLong("recado.test.seed", System.nanoTime());
        Random random = new Random(seed);
        InFlight<Integer> inFlight = new InFlight<>(100);
        Map<Integer, Integer> model = new HashMap<>();
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            if (!inFlight.isFull() && random.nextBoolean()) {
                int id = inFlight.add(i);
                assertThat(model.put(id, i)).as("seed %d, step %d", seed, i).isNull();
                ids.add(id);
            } else if (!ids.isEmpty()) {
                int id = ids.remove(random.nextInt(ids.size()));
                assertThat(inFlight.remove(id)).as("seed %d, step %d", seed, i).isEqualTo(model.remove(id));
            }
            assertThat(inFlight.size()).as("seed %d, step %d", seed, i).isEqualTo(model.size());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65_536})
    void shouldRefuseReceiveMaximumsThatAreNone(int limit) {
        assertThatThrownBy(() -> new InFlight<>(limit))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 65535")
                .hasMessageContaining(String.valueOf(limit));
    }
}
