package dev.recado.transport.nio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeadlinesTest {

    private final Deadlines deadlines = new Deadlines();

    @Test
    void shouldExpireInTheirOrder() {
        deadlines.add(30, null);
        deadlines.add(10, null);
        deadlines.add(20, null);

        assertThat(deadlines.pollExpired(9)).isNull();
        assertThat(deadlines.pollExpired(25).nanos()).isEqualTo(10);
        assertThat(deadlines.pollExpired(25).nanos()).isEqualTo(20);
        assertThat(deadlines.pollExpired(25)).isNull();
    }

    @Test
    void shouldKeepTwoOfTheSameMoment() {
        deadlines.add(10, null);
        deadlines.add(10, null);

        assertThat(deadlines.pollExpired(10)).isNotNull();
        assertThat(deadlines.pollExpired(10)).isNotNull();
    }

    @Test
    void shouldKeepTheirOrderWhenTheClockOverflows() {
        deadlines.add(Long.MIN_VALUE + 5, null);
        deadlines.add(Long.MAX_VALUE - 5, null);

        assertThat(deadlines.pollExpired(Long.MAX_VALUE).nanos()).isEqualTo(Long.MAX_VALUE - 5);
        assertThat(deadlines.pollExpired(Long.MAX_VALUE)).isNull();
        assertThat(deadlines.pollExpired(Long.MIN_VALUE + 5).nanos()).isEqualTo(Long.MIN_VALUE + 5);
    }

    @Test
    void shouldForgetWhatIsRemoved() {
        deadlines.remove(deadlines.add(10, null));

        assertThat(deadlines.pollExpired(10)).isNull();
        assertThat(deadlines.millisToNext(0)).isZero();
    }

    @Test
    void shouldSleepUntilTheDeadlineAndNotALittleLess() {
        deadlines.add(1_000_001, null);

        assertThat(deadlines.millisToNext(0)).isEqualTo(2);
        assertThat(deadlines.millisToNext(1_000_000)).isEqualTo(1);
        assertThat(deadlines.millisToNext(2_000_000)).isEqualTo(1);
    }
}
