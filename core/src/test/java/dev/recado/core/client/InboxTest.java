package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Message;
import dev.recado.QoS;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InboxTest {

    private static final long LONG = TimeUnit.SECONDS.toNanos(20);

    private final Inbox inbox = new Inbox(4);
    private final ExecutorService others = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        others.shutdownNow();
    }

    private static Received message(int number, QoS qos) {
        return new Received(Message.of("t", String.valueOf(number)), qos, number);
    }

    private void add(int... numbers) {
        for (int number : numbers) {
            inbox.add(message(number, QoS.AT_MOST_ONCE));
        }
    }

    private int poll() {
        Received received = inbox.poll();
        return received == null ? 0 : received.packetId();
    }

    @Test
    void shouldGiveWhatArrivedInItsOrder() {
        assertThat(poll()).isZero();
        add(1, 2);
        assertThat(poll()).isEqualTo(1);
        add(3);
        assertThat(poll()).isEqualTo(2);
        assertThat(poll()).isEqualTo(3);
        assertThat(poll()).isZero();
    }

    @Test
    void shouldSayHowFullItIs() {
        assertThat(inbox.isEmpty()).isTrue();
        add(1, 2, 3);
        assertThat(inbox.isHalfEmpty()).isFalse();
        poll();
        add(4, 5);
        assertThat(inbox.isFull()).isTrue();
        poll();
        assertThat(inbox.isFull()).isFalse();
        poll();
        assertThat(inbox.isHalfEmpty()).isTrue();
        assertThat(inbox.isEmpty()).isFalse();
    }

    @Test
    void shouldForgetWhatIsNotWantedWhereverItWaits() {
        add(1);
        inbox.add(message(2, QoS.AT_LEAST_ONCE));
        assertThat(poll()).isEqualTo(1);
        inbox.add(message(3, QoS.AT_LEAST_ONCE));
        add(4);

        inbox.removeIf(received -> received.qos() != QoS.AT_MOST_ONCE);

        assertThat(poll()).isEqualTo(4);
        add(5, 6);
        poll();
        inbox.clear();
        assertThat(inbox.isEmpty()).isTrue();
        assertThat(poll()).isZero();
    }

    @Test
    void shouldBeExhaustedWhenItHasEndedAndIsEmpty() throws Exception {
        add(1);
        inbox.end();
        assertThat(inbox.isExhausted()).isFalse();
        assertThat(inbox.poll(LONG).packetId()).isEqualTo(1);
        assertThat(inbox.isExhausted()).isTrue();
        assertThat(inbox.poll(LONG)).isNull();
    }

    @Test
    void shouldWaitForAMessageNoLongerThanItMay() throws Exception {
        assertThat(inbox.poll(1_000_000)).isNull();
        assertThat(inbox.poll(0)).isNull();
    }

    @Test
    void shouldWakeThoseWhoWaitWhenItEnds() throws Exception {
        Future<Received> one = others.submit(() -> inbox.poll(LONG));
        Future<Received> two = others.submit(() -> inbox.poll(LONG));

        inbox.end();

        assertThat(one.get(10, TimeUnit.SECONDS)).isNull();
        assertThat(two.get(10, TimeUnit.SECONDS)).isNull();
    }

    @Test
    void shouldWaitUntilAllIsHandled() throws Exception {
        add(1, 2);
        poll();
        Future<Boolean> all = others.submit(() -> inbox.awaitHandled(LONG, () -> true));
        inbox.handled();
        poll();
        assertThat(all.isDone()).isFalse();

        inbox.handled();

        assertThat(all.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldWaitOnlyForWhatIsInHandWhereNobodyTakesTheRest() throws Exception {
        add(1, 2);
        assertThat(inbox.awaitHandled(LONG, () -> false)).isTrue();
        poll();
        assertThat(inbox.awaitHandled(1_000_000, () -> false)).isFalse();
        inbox.handled();
        assertThat(inbox.awaitHandled(LONG, () -> false)).isTrue();
        assertThat(inbox.awaitHandled(1_000_000, () -> true)).isFalse();
        inbox.clear();
        assertThat(inbox.awaitHandled(LONG, () -> true)).isTrue();
    }

    /** One fills it, some consume, each in its own way; again and again, with delays wherever they may be. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void shouldLoseNothingAndLeaveNobodyWaiting(int consumers) throws Exception {
        for (int round = 0; round < 200; round++) {
            Inbox shared = new Inbox(1_000);
            int count = 1 + ThreadLocalRandom.current().nextInt(300);
            List<List<Integer>> got = new ArrayList<>();
            List<Future<?>> running = new ArrayList<>();
            CountDownLatch begun = new CountDownLatch(consumers);
            for (int i = 0; i < consumers; i++) {
                List<Integer> mine = Collections.synchronizedList(new ArrayList<>());
                got.add(mine);
                boolean polls = i == 1;
                running.add(others.submit(() -> {
                    begun.countDown();
                    while (!shared.isExhausted()) {
                        Received received = polls ? shared.poll() : shared.poll(LONG);
                        if (received != null) {
                            mine.add(received.packetId());
                            delay();
                            shared.handled();
                        }
                    }
                    return null;
                }));
            }
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            for (int number = 1; number <= count; number++) {
                shared.add(message(number, QoS.AT_MOST_ONCE));
                delay();
            }

            assertThat(shared.awaitHandled(LONG, () -> true)).isTrue();
            assertThat(got.stream().mapToInt(List::size).sum()).isEqualTo(count);
            shared.end();
            for (Future<?> consumer : running) {
                consumer.get(10, TimeUnit.SECONDS);
            }
            assertThat(got.stream().flatMap(List::stream))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.rangeClosed(1, count).boxed().toList());
            got.forEach(one -> assertThat(one).isSorted());
        }
    }

    private static void delay() {
        int what = ThreadLocalRandom.current().nextInt(50);
        if (what == 0) {
            Thread.yield();
        } else if (what < 5) {
            for (int i = 0; i < 100 * what; i++) {
                Thread.onSpinWait();
            }
        }
    }
}
