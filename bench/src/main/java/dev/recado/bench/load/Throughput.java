package dev.recado.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** How many messages a second reach their subscribers. */
public final class Throughput {

    private static final Duration SILENCE = Duration.ofSeconds(3);
    private static final long WAIT_MILLIS = 10;

    /**
     * What was measured.
     *
     * @param perSecond messages received a second, by all subscribers together
     * @param received in all, with those before and after the measured time
     * @param due what should have been received in all
     */
    public record Count(double perSecond, long received, long due) {

        /** Negative when there were too many. */
        public long lost() {
            return due - received;
        }
    }

    private final Loop loop;
    private final List<Group> groups;
    private final Runnable beside;

    /** @param beside is called again and again while messages flow */
    public Throughput(Loop loop, List<Group> groups, Runnable beside) {
        this.loop = loop;
        this.groups = groups;
        this.beside = beside;
    }

    /** Publishes without measuring. */
    public void warmUp(Duration time) throws IOException {
        publishUntil(System.nanoTime() + time.toNanos());
    }

    /** Publishes; then waits for what is under way. */
    public Count measure(Duration measured) throws IOException {
        long before = received();
        long start = System.nanoTime();
        publishUntil(start + measured.toNanos());
        long count = received() - before;
        double seconds = (System.nanoTime() - start) / 1e9;
        settle();
        loop.requireAlive();
        long due = groups.stream().mapToLong(Group::due).sum();
        return new Count(count / seconds, received(), due);
    }

    private void publishUntil(long end) throws IOException {
        while (System.nanoTime() - end < 0) {
            boolean any = false;
            for (int i = 0; i < groups.size(); i++) {
                any |= groups.get(i).publish();
            }
            beside.run();
            loop.turn(any ? 0 : WAIT_MILLIS);
        }
    }

    /** Until everything has come, or nothing comes any more; and a moment longer, for what must not come twice. */
    private void settle() throws IOException {
        long known = -1;
        while (!settled() && received() != known) {
            long last = received();
            known = last;
            loop.await(() -> settled() || received() != last, SILENCE);
        }
        loop.turn(WAIT_MILLIS);
    }

    private boolean settled() {
        for (int i = 0; i < groups.size(); i++) {
            if (!groups.get(i).isSettled()) {
                return false;
            }
        }
        return true;
    }

    /** Messages received so far. */
    public long received() {
        long received = 0;
        for (int i = 0; i < groups.size(); i++) {
            received += groups.get(i).received();
        }
        return received;
    }
}
