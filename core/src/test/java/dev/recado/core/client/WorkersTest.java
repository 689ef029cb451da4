package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WorkersTest {

    private static void pass(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldRunAsManyAtOnceAsItMayAndNoMore() {
        Workers workers = new Workers(() -> "workers-test", 3);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        for (int i = 0; i < 10; i++) {
            workers.execute(() -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                pass(go);
                running.decrementAndGet();
                done.incrementAndGet();
            });
        }
        await().until(() -> running.get() == 3);
        go.countDown();
        await().until(() -> done.get() == 10);
        assertThat(most).hasValue(3);
        workers.release();
    }

    @Test
    void shouldUseAThreadAgain() {
        Workers workers = new Workers(() -> "workers-test", 8);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        AtomicInteger done = new AtomicInteger();
        for (int i = 1; i <= 20; i++) {
            int number = i;
            workers.execute(() -> {
                threads.add(Thread.currentThread());
                done.incrementAndGet();
            });
            await().until(() -> done.get() == number && workers.idle() == 1);
        }
        assertThat(threads).hasSize(1);
        workers.release();
        await().until(() -> threads.stream().noneMatch(Thread::isAlive));
    }

    @Test
    void shouldFinishWhatWaitsWhenReleased() {
        Workers workers = new Workers(() -> "workers-test", 1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < 5; i++) {
            workers.execute(() -> {
                pass(go);
                done.incrementAndGet();
            });
        }
        workers.release();
        go.countDown();
        await().until(() -> done.get() == 5);
        assertThat(workers.idle()).isZero();
    }
}
