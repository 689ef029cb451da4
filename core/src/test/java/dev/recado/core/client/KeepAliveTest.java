package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeepAliveTest {

    /** As with System.nanoTime, times may pass from the highest value to the lowest. */
    private static final long START = Long.MAX_VALUE - 50;

    private final KeepAlive keepAlive = new KeepAlive(100, START);

    @Test
    void shouldPingAfterAnIntervalOfSilenceInSending() {
        assertThat(keepAlive.check(START, false, false)).isEqualTo(100);
        assertThat(keepAlive.check(START + 99, false, false)).isEqualTo(1);
        assertThat(keepAlive.check(START + 100, false, false)).isEqualTo(KeepAlive.PING);
        keepAlive.sent(START + 60);
        assertThat(keepAlive.check(START + 100, false, false)).isEqualTo(60);
        assertThat(keepAlive.check(START + 160, false, false)).isEqualTo(KeepAlive.PING);
    }

    @Test
    void shouldPingThoughMessagesComeIn() {
        keepAlive.waiting(START + 99);
        assertThat(keepAlive.check(START + 100, false, false)).isEqualTo(KeepAlive.PING);
    }

    @Test
    void shouldGiveUpHalfAnIntervalAfterThePingAndTheLastSignOfLife() {
        keepAlive.sent(START + 100);
        keepAlive.waiting(START + 100);
        assertThat(keepAlive.check(START + 100, true, false)).isEqualTo(50);
        assertThat(keepAlive.check(START + 149, true, false)).isEqualTo(1);
        assertThat(keepAlive.check(START + 150, true, false)).isEqualTo(KeepAlive.LOST);
        keepAlive.waiting(START + 140);
        assertThat(keepAlive.check(START + 150, true, false)).isEqualTo(40);
        assertThat(keepAlive.check(START + 190, true, false)).isEqualTo(KeepAlive.LOST);
    }

    @Test
    void shouldNotCountTheTimeInWhichNothingIsReadButGoOnPinging() {
        keepAlive.sent(START + 100);
        keepAlive.waiting(START + 100);
        assertThat(keepAlive.check(START + 199, true, true)).isEqualTo(1);
        assertThat(keepAlive.check(START + 200, true, true)).isEqualTo(KeepAlive.PING);
        keepAlive.sent(START + 200);
        keepAlive.waiting(START + 250);
        assertThat(keepAlive.check(START + 250, true, false)).isEqualTo(50);
    }
}
