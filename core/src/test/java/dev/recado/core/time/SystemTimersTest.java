package dev.recado.core.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SystemTimersTest {

    @Test
    void shouldHaveEndedItsThreadWhenCloseReturns() throws Exception {
        for (int i = 0; i < 200; i++) {
            Timers timers = Timers.system("recado-test-timers");
            CompletableFuture<Thread> thread = new CompletableFuture<>();
            timers.schedule(0, () -> thread.complete(Thread.currentThread()));
            Thread started = thread.get(10, TimeUnit.SECONDS);
            timers.close();
            assertThat(started.isAlive()).isFalse();
        }
    }

    @Test
    void shouldCloseFromATaskOfItsOwn() throws Exception {
        Timers timers = Timers.system("recado-test-timers");
        CountDownLatch closed = new CountDownLatch(1);
        timers.schedule(0, () -> {
            timers.close();
            closed.countDown();
        });
        assertThat(closed.await(2, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldGoOnAfterATaskThatThrows() throws Exception {
        try (Timers timers = Timers.system("recado-test-timers")) {
            CountDownLatch second = new CountDownLatch(1);
            timers.schedule(0, () -> {
                throw new IllegalStateException("thrown by a test's task");
            });
            timers.schedule(1, second::countDown);
            assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void shouldNotRunWhatWasCancelledAndNothingAfterClose() {
        Timers timers = Timers.system("recado-test-timers");
        CountDownLatch ran = new CountDownLatch(1);
        timers.schedule(TimeUnit.MILLISECONDS.toNanos(20), ran::countDown).cancel();
        timers.close();
        timers.schedule(0, ran::countDown);
        timers.close();
        assertThat(ran.getCount()).isEqualTo(1);
    }
}
