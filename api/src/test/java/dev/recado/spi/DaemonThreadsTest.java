package dev.recado.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DaemonThreadsTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final DaemonThreads threads = new DaemonThreads("recado-test-");
    private final CountDownLatch end = new CountDownLatch(1);

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** T27. */
    @Test
    void shouldMakeNamedDaemons() {
        Thread plain = threads.make("a", () -> {});
        Thread given = threads.make(task -> new Thread(task, "theirs"), "b", () -> {});

        assertThat(plain.getName()).isEqualTo("recado-test-a");
        assertThat(given.getName()).isEqualTo("recado-test-b");
        assertThat(plain.isDaemon() && given.isDaemon()).isTrue();
        assertThat(plain.getState()).isEqualTo(Thread.State.NEW);
    }

    /** T22: a reader that is ending may have just started its writer. */
    @Test
    void shouldWaitForThreadsThatOthersMakeMeanwhile() throws Exception {
        Thread[] second = new Thread[1];
        Thread first = threads.make("first", () -> {
            awaitEnd();
            second[0] = threads.make("second", () -> {
                long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
                while (System.nanoTime() - until < 0) {
                    Thread.onSpinWait();
                }
            });
            second[0].start();
        });
        first.start();
        Thread closer = new Thread(() -> threads.awaitEnd(LONG));
        closer.start();
        while (closer.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        end.countDown();
        closer.join(LONG.toMillis());

        assertThat(first.isAlive()).isFalse();
        assertThat(second[0].isAlive()).isFalse();
    }

    @Test
    void shouldWaitNeitherForItselfNorForThreadsThatNeverStarted() throws Exception {
        threads.make("never", () -> {});
        CompletableFuture<Boolean> included = new CompletableFuture<>();
        threads.make("closing", () -> {
                    threads.awaitEnd(LONG);
                    included.complete(threads.includeCaller());
                })
                .start();

        assertThat(included.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(threads.includeCaller()).isFalse();
        threads.awaitEnd(LONG);
    }

    @Test
    void shouldWaitNoLongerThanItsLimitOrAnInterrupt() {
        Thread stuck = threads.make("stuck", this::awaitEnd);
        stuck.start();

        threads.awaitEnd(Duration.ofMillis(20));
        assertThat(stuck.isAlive()).isTrue();

        Thread.currentThread().interrupt();
        threads.awaitEnd(LONG);
        assertThat(Thread.interrupted()).as("the interrupt stays").isTrue();
        assertThat(stuck.isAlive()).isTrue();

        end.countDown();
        threads.awaitEnd(LONG);
        assertThat(stuck.isAlive()).isFalse();
    }
}
