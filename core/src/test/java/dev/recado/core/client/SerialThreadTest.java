package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SerialThreadTest {

    private static final long PATIENCE_NANOS = 20_000_000_000L;

    @Test
    void shouldRunTasksInOrderAndLeaveNoThreadBehind() throws Exception {
        SerialThread serial = new SerialThread(() -> "recado-test-serial", false);
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int number = i;
            serial.execute(() -> {
                order.add(number);
                threads.add(Thread.currentThread());
                if (number % 10 == 0) {
                    throw new IllegalStateException("for the log");
                }
            });
        }
        for (int i = 0; i < 100; i++) {
            Thread thread = threads.poll(20, TimeUnit.SECONDS);
            assertThat(thread).isNotNull();
            thread.join(20_000);
            assertThat(thread.isAlive()).isFalse();
            assertThat(thread.getName()).isEqualTo("recado-test-serial");
        }
        serial.awaitEnd(PATIENCE_NANOS);
        assertThat(order).isSorted().hasSize(100);
    }

    @Test
    void shouldKeepItsThreadUntilReleased() throws Exception {
        SerialThread serial = new SerialThread(() -> "recado-test-kept", true);
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        serial.execute(() -> threads.add(Thread.currentThread()));
        Thread first = threads.poll(20, TimeUnit.SECONDS);
        serial.execute(() -> threads.add(Thread.currentThread()));
        assertThat(threads.poll(20, TimeUnit.SECONDS)).isSameAs(first);
        serial.release();
        serial.awaitEnd(PATIENCE_NANOS);
        first.join(20_000);
        assertThat(first.isAlive()).isFalse();
        serial.execute(() -> threads.add(Thread.currentThread()));
        Thread later = threads.poll(20, TimeUnit.SECONDS);
        assertThat(later).isNotNull().isNotSameAs(first);
    }

    @Test
    void shouldDropTasksOnlyWhenTooManyWait() throws Exception {
        SerialThread serial = new SerialThread(() -> "recado-test-stuck", false);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        List<Integer> ran = new ArrayList<>();
        serial.execute(() -> {
            begun.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 10_002; i++) {
            int number = i;
            serial.execute(() -> ran.add(number));
        }

        released.countDown();
        serial.awaitEnd(PATIENCE_NANOS);

        assertThat(ran).isSorted().hasSize(10_000).endsWith(9_999);
    }

    @Test
    void shouldNotWaitForItself() throws Exception {
        SerialThread serial = new SerialThread(() -> "recado-test-self", false);
        CountDownLatch returned = new CountDownLatch(1);
        serial.execute(() -> {
            try {
                serial.awaitEnd(PATIENCE_NANOS);
                returned.countDown();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(returned.await(10, TimeUnit.SECONDS)).isTrue();
    }
}
