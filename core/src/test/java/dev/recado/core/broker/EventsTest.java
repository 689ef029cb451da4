package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.BrokerListener;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EventsTest {

    private static final long PATIENCE_SECONDS = 20;
    private static final int MOST_WAITING = 10_000;

    private final Counters counters = new Counters();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private Events events(int listeners) {
        return new Events(Collections.nCopies(listeners, new BrokerListener() {}), "recado-test-events", counters);
    }

    /** Occupies the thread until {@link #released}, and says when it was interrupted meanwhile. */
    private void stick(BrokerListener listener) {
        begun.countDown();
        try {
            released.await();
        } catch (InterruptedException e) {
            heard.add("interrupted");
        }
    }

    private String next() throws InterruptedException {
        return heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void shouldTellTheOthersAndGoOnWhenAListenerFails() throws InterruptedException {
        BrokerListener failing = new BrokerListener() {};
        BrokerListener other = new BrokerListener() {};
        try (Events events = new Events(List.of(failing, other), "recado-test-events", counters)) {
            for (String event : List.of("first", "second")) {
                events.fire(listener -> {
                    if (listener == failing) {
                        throw new IllegalStateException("for the log");
                    }
                    heard.add(event);
                });
            }

            assertThat(next()).isEqualTo("first");
            assertThat(next()).isEqualTo("second");
        }
        assertThat(counters.eventsDropped.sum()).isZero();
    }

    @Test
    void shouldCountWhatItDropsWhileAListenerIsStuck() throws InterruptedException {
        Events events = events(1);
        events.fire(this::stick);
        assertThat(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

        for (int i = 0; i < MOST_WAITING + 3; i++) {
            events.fire(listener -> heard.add("told"));
        }
        assertThat(counters.eventsDropped.sum()).isEqualTo(3);

        released.countDown();
        events.close(TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS));
        assertThat(heard).hasSize(MOST_WAITING);
    }

    @Test
    void shouldInterruptAListenerThatIsStuckAtTheEnd() throws InterruptedException {
        Events events = events(1);
        events.fire(this::stick);
        assertThat(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

        events.close();

        assertThat(next()).isEqualTo("interrupted");
        events.fire(listener -> heard.add("too late"));
        assertThat(counters.eventsDropped.sum()).isEqualTo(1);
        assertThat(heard).isEmpty();
    }

    @Test
    void shouldNotWaitForListenersWhenInterruptedItself() throws InterruptedException {
        Events events = events(1);
        events.fire(this::stick);
        assertThat(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

        Thread.currentThread().interrupt();
        events.close(Long.MAX_VALUE);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(next()).isEqualTo("interrupted");
    }
}
