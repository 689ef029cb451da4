package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TurnsTest {

    @Test
    void shouldRunOnceForAnyNumberOfWakeUpsAndAgainForThoseDuringATurn() {
        Queue<Runnable> executor = new ArrayDeque<>();
        AtomicInteger count = new AtomicInteger();
        Turns[] turns = new Turns[1];
        turns[0] = new Turns(
                executor::add,
                () -> {
                    assertThat(turns[0].isCurrent()).isTrue();
                    if (count.incrementAndGet() == 1) {
                        turns[0].wake();
                        turns[0].wake();
                    }
                    return false;
                },
                e -> {});
        turns[0].wake();
        turns[0].wake();
        assertThat(executor).hasSize(1);
        executor.remove().run();
        assertThat(executor).hasSize(1);
        executor.remove().run();
        assertThat(executor).isEmpty();
        assertThat(count).hasValue(2);
        assertThat(turns[0].isCurrent()).isFalse();
    }

    @Test
    void shouldLetOthersHaveTheExecutorAndGoOn() {
        Queue<Runnable> executor = new ArrayDeque<>();
        AtomicInteger left = new AtomicInteger(3);
        Turns turns = new Turns(executor::add, () -> left.decrementAndGet() > 0, e -> {});
        turns.wake();
        while (!executor.isEmpty()) {
            executor.remove().run();
        }
        assertThat(left).hasValue(0);
        turns.wake();
        assertThat(executor).hasSize(1);
    }

    @Test
    void shouldTellWhenTheExecutorTakesNoMore() {
        Executor refusing = task -> {
            throw new RejectedExecutionException();
        };
        AtomicInteger told = new AtomicInteger();
        Turns turns = new Turns(refusing, () -> false, e -> told.incrementAndGet());
        turns.wake();
        turns.wake();
        assertThat(told).hasValue(2);
    }

    @Test
    void shouldNeverOverlapNorMissAWakeUp() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(3);
        try {
            int producers = 3;
            int each = 20_000;
            AtomicInteger produced = new AtomicInteger();
            AtomicInteger seen = new AtomicInteger();
            AtomicBoolean inside = new AtomicBoolean();
            AtomicBoolean overlapped = new AtomicBoolean();
            CountDownLatch all = new CountDownLatch(1);
            Turns turns = new Turns(
                    pool,
                    () -> {
                        if (!inside.compareAndSet(false, true)) {
                            overlapped.set(true);
                        }
                        seen.set(produced.get());
                        if (seen.get() == producers * each) {
                            all.countDown();
                        }
                        inside.set(false);
                        return false;
                    },
                    e -> {});
            for (int p = 0; p < producers; p++) {
                new Thread(() -> {
                            for (int i = 0; i < each; i++) {
                                produced.incrementAndGet();
                                turns.wake();
                            }
                        })
                        .start();
            }
            assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(overlapped).isFalse();
        } finally {
            pool.shutdownNow();
        }
    }
}
