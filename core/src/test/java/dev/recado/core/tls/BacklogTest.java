package dev.recado.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class BacklogTest {

    private final Backlog backlog = new Backlog();

    @Test
    void shouldCountNothingOfTheHandshake() {
        backlog.add(4000, 0, 0);

        assertThat(backlog.plain(4000)).isZero();
        assertThat(backlog.plain(10)).isZero();
    }

    @Test
    void shouldRiseByWhatIsWrittenWhileNothingIsSent() {
        backlog.add(4000, 0, 0);
        backlog.add(122, 100, 4000);
        backlog.add(1022, 1000, 4122);

        assertThat(backlog.plain(5144)).isEqualTo(1100);
        backlog.add(12_367, 12_345, 5144);
        assertThat(backlog.plain(5144 + 12_367)).isEqualTo(1100 + 12_345);
    }

    @Test
    void shouldFallToNothingWhenAllIsSent() {
        backlog.add(122, 100, 0);

        assertThat(backlog.plain(0)).isZero();
    }

    @Test
    void shouldForgetWhatWasSentLongAgo() {
        long pending = 0;
        for (int i = 0; i < 100_000; i++) {
            // Small records: nearly half of what is sent is not the user's. It never falls to nothing.
            backlog.add(52, 30, pending);
            pending = Math.min(pending + 52, 10_000);
        }
        assertThat(backlog.plain(pending)).isBetween(pending * 30 / 52 - 30, pending * 30 / 52 + 30);
    }

    @RepeatedTest(20)
    void shouldNeitherExceedWhatIsBelowNorRiseWhileItIsSent(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        long pending = 0;
        for (int i = 0; i < 2000; i++) {
            int plain = random.nextInt(3) == 0 ? 0 : random.nextInt(16_384);
            int sealed = plain + 22 + random.nextInt(10);
            long before = backlog.plain(pending);
            backlog.add(sealed, plain, pending);
            assertThat(backlog.plain(pending + sealed)).isEqualTo(before + plain);
            pending += sealed;
            long sent = random.nextInt(4) == 0 ? pending : (long) (random.nextDouble() * Math.min(pending, 40_000));
            long last = backlog.plain(pending);
            for (long left = pending; left >= pending - sent; left -= Math.max(1, sent / 7)) {
                long now = backlog.plain(left);
                assertThat(now).isBetween(0L, Math.min(left, last));
                last = now;
            }
            pending -= sent;
        }
    }
}
