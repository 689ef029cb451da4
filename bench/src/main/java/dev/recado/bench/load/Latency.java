package dev.recado.bench.load;

import java.io.IOException;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/**
 * How long messages take from one publisher to one subscriber. Both ends are here, so there is one clock; the messages of one
 * publisher come in their order, so the n-th to come is the n-th that was sent. The thread never sleeps: its own waking up is
 * not to be measured.
 */
public final class Latency {

    private static final long SILENCE_NANOS = Duration.ofSeconds(3).toNanos();
    private static final long HIGHEST_NANOS = Duration.ofSeconds(60).toNanos();
    private static final int DIGITS = 3;

    /** Messages under way at most; a broker that is further behind delays those that are due. A power of two. */
    private static final int MOST_UNDER_WAY = 1 << 14;

    /**
     * What was measured.
     *
     * @param nanos from when each message was due (or sent, when each waits for the one before) to when it had come
     * @param lost messages that never came
     * @param keptUp the share of those due that were sent at all: 1 unless the broker was seconds behind at the end
     */
    public record Times(Histogram nanos, long lost, double keptUp) {}

    private final Loop loop;
    private final Client publisher;
    private final Client subscriber;
    private final MessageRing ring;
    private final long[] dueAt = new long[MOST_UNDER_WAY];
    private final Histogram histogram = new Histogram(HIGHEST_NANOS, DIGITS);
    private long sent;
    private long received;
    private boolean measuring;

    public Latency(Loop loop, MessageRing ring, String filter) throws IOException {
        this.loop = loop;
        this.ring = ring;
        this.subscriber = loop.connect();
        loop.subscribe(subscriber, 1, filter, 0);
        this.publisher = loop.connect();
        subscriber.inbound().listener((bytes, end) -> came());
    }

    private void came() {
        long took = System.nanoTime() - dueAt[(int) received++ & (MOST_UNDER_WAY - 1)];
        if (measuring) {
            histogram.recordValue(Math.min(HIGHEST_NANOS, took));
        }
    }

    /** Each message is sent when the one before has come. */
    public Times pingPong(Duration warmUp, Duration measured) throws IOException {
        boolean whole = pingPongUntil(System.nanoTime() + warmUp.toNanos());
        measuring = true;
        if (whole) {
            pingPongUntil(System.nanoTime() + measured.toNanos());
        }
        return times(1);
    }

    private boolean pingPongUntil(long end) throws IOException {
        while (System.nanoTime() - end < 0) {
            dueAt[(int) sent & (MOST_UNDER_WAY - 1)] = System.nanoTime();
            sent++;
            publisher.send(ring.take(1));
            if (!awaitReceived()) {
                return false;
            }
        }
        return true;
    }

    /** Messages are due at a fixed rate, whatever becomes of those before; late ones count from when they were due. */
    public Times atRate(int perSecond, Duration warmUp, Duration measured) throws IOException {
        rateFor(perSecond, warmUp);
        awaitReceived();
        measuring = true;
        long before = sent;
        long due = rateFor(perSecond, measured);
        double keptUp = (double) (sent - before) / due;
        awaitReceived();
        return times(keptUp);
    }

    /** Sends all that are due in this time, late ones for a while after it; returns how many were due. */
    private long rateFor(int perSecond, Duration time) throws IOException {
        double interval = 1e9 / perSecond;
        long start = System.nanoTime();
        long all = (long) (time.toNanos() / interval);
        long done = 0;
        long end = time.toNanos() + SILENCE_NANOS;
        for (long now = start; done < all && now - start < end; now = System.nanoTime()) {
            long due = Math.min(all, (long) ((now - start) / interval) + 1) - done;
            int count = ring.nextCount(Math.min(due, MOST_UNDER_WAY - (sent - received)));
            if (count > 0 && publisher.isIdle()) {
                for (int i = 0; i < count; i++) {
                    dueAt[(int) sent++ & (MOST_UNDER_WAY - 1)] = start + (long) (done++ * interval);
                }
                publisher.send(ring.take(count));
            }
            loop.turn(0);
        }
        return all;
    }

    private boolean awaitReceived() throws IOException {
        long last = System.nanoTime();
        for (long known = received; received < sent; ) {
            loop.turn(0);
            if (received != known) {
                known = received;
                last = System.nanoTime();
            } else if (System.nanoTime() - last > SILENCE_NANOS) {
                return false;
            }
        }
        return true;
    }

    private Times times(double keptUp) throws IOException {
        loop.requireAlive();
        return new Times(histogram, sent - received, keptUp);
    }
}
