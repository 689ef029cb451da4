package dev.recado.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Opens connections, a few at once: as many as are asked for and keeps them, or as fast as it goes and keeps none. */
public final class Connects {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long WAIT_MILLIS = 10;

    /**
     * What came of it.
     *
     * @param perSecond answered with yes
     * @param refused connections that ended, or had no answer
     */
    public record Count(double perSecond, int refused) {}

    private final Loop loop;
    private final int atOnce;
    private final List<Client> underWay = new ArrayList<>();
    private int begun;
    private int answered;
    private int refused;

    private Connects(Loop loop, int atOnce) {
        this.loop = loop;
        this.atOnce = atOnce;
    }

    /**
     * Opens so many and keeps them.
     *
     * @param atOnce attempts under way at most
     */
    public static Count open(Loop loop, int count, int atOnce) throws IOException {
        Connects connects = new Connects(loop, atOnce);
        long start = System.nanoTime();
        while (connects.answered + connects.refused < count && System.nanoTime() - start < LIMIT.toNanos()) {
            connects.begin(count - connects.begun);
            connects.settle(false);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Count(connects.answered / seconds, count - connects.answered);
    }

    /**
     * Opens one after the other; each is closed as soon as the broker has answered it.
     *
     * @param atOnce attempts under way, always
     * @param warmUp what comes of it meanwhile does not count
     */
    public static Count openAndClose(Loop loop, int atOnce, Duration warmUp, Duration measured) throws IOException {
        Connects connects = new Connects(loop, atOnce);
        connects.openAndCloseFor(warmUp);
        int answeredBefore = connects.answered;
        int refusedBefore = connects.refused;
        long start = System.nanoTime();
        connects.openAndCloseFor(measured);
        double seconds = (System.nanoTime() - start) / 1e9;
        connects.underWay.forEach(loop::drop);
        return new Count((connects.answered - answeredBefore) / seconds, connects.refused - refusedBefore);
    }

    private void openAndCloseFor(Duration time) throws IOException {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            begin(Integer.MAX_VALUE);
            settle(true);
        }
    }

    private void begin(int atMost) throws IOException {
        for (int left = atMost; left > 0 && underWay.size() < atOnce; left--) {
            underWay.add(loop.begin());
            begun++;
        }
    }

    /** Waits for answers, and counts and forgets those that have one. */
    private void settle(boolean drop) throws IOException {
        loop.turn(WAIT_MILLIS);
        underWay.removeIf(client -> {
            boolean failed = client.failure() != null;
            if (!failed && client.inbound().replies() == 0) {
                return false;
            }
            if (failed) {
                refused++;
            } else {
                answered++;
            }
            if (drop) {
                loop.drop(client);
            }
            return true;
        });
    }
}
