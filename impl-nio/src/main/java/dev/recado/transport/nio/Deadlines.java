package dev.recado.transport.nio;

import java.util.TreeSet;

/** What a loop must not wait for any longer, the earliest first. Belongs to the loop's thread. */
final class Deadlines {

    /**
     * A point in time at which a connection is told.
     *
     * @param nanos of {@link System#nanoTime}
     * @param id tells apart what falls on the same nanosecond
     * @param connection whom to tell
     */
    record Deadline(long nanos, long id, NioConnection connection) implements Comparable<Deadline> {

        @Override
        public int compareTo(Deadline other) {
            // The difference, not the values: nanoTime may overflow.
            int order = Long.signum(nanos - other.nanos);
            return order != 0 ? order : Long.compare(id, other.id);
        }
    }

    private final TreeSet<Deadline> waiting = new TreeSet<>();
    private long ids;

    Deadline add(long nanos, NioConnection connection) {
        Deadline deadline = new Deadline(nanos, ids++, connection);
        waiting.add(deadline);
        return deadline;
    }

    void remove(Deadline deadline) {
        waiting.remove(deadline);
    }

    /**
     * Takes out the next deadline that has come.
     *
     * @param now of {@link System#nanoTime}
     * @return {@code null} when none has
     */
    Deadline pollExpired(long now) {
        return !waiting.isEmpty() && waiting.first().nanos - now <= 0 ? waiting.pollFirst() : null;
    }

    /**
     * For {@link java.nio.channels.Selector#select(long)}.
     *
     * @param now of {@link System#nanoTime}
     * @return milliseconds to the next deadline, at least 1; 0 when there is none
     */
    long millisToNext(long now) {
        // Rounded up: waking up before the deadline would make the loop spin until it has come.
        return waiting.isEmpty() ? 0 : Math.max(1, (waiting.first().nanos - now + 999_999) / 1_000_000);
    }
}
