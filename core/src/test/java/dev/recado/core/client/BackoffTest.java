package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Reconnect;
import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {

    private static final Reconnect POLICY = new Reconnect(Duration.ofMillis(100), Duration.ofSeconds(30), 1000);

    /** Shortens by nothing. */
    private static final RandomGenerator NONE = () -> 0;

    @ParameterizedTest
    @CsvSource({"1, 100", "2, 200", "3, 400", "9, 25600", "10, 30000", "11, 30000", "64, 30000", "2147483647, 30000"})
    void shouldDoubleUpToTheMaximum(int attempt, long millis) {
        assertThat(Backoff.pauseNanos(POLICY, attempt, NONE)).isEqualTo(millis * 1_000_000);
    }

    @Test
    void shouldShortenByUpToHalf() {
        RandomGenerator random = new Random(1);
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < 10_000; i++) {
            long pause = Backoff.pauseNanos(POLICY, 1, random);
            least = Math.min(least, pause);
            most = Math.max(most, pause);
        }
        assertThat(least).isBetween(50_000_000L, 51_000_000L);
        assertThat(most).isBetween(99_000_000L, 100_000_000L);
    }

    @Test
    void shouldNotOverflowWithTheLongestDelays() {
        Duration longest = Duration.ofSeconds(Long.MAX_VALUE);
        Reconnect policy = new Reconnect(Duration.ofNanos(1), longest, 1000);
        assertThat(Backoff.pauseNanos(policy, 63, NONE)).isEqualTo(Long.MAX_VALUE / 2);
        assertThat(Backoff.pauseNanos(new Reconnect(longest, longest, 1), 5, NONE))
                .isEqualTo(Long.MAX_VALUE / 2);
    }
}
