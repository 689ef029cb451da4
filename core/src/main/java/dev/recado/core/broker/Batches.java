package dev.recado.core.broker;

import dev.recado.Limits;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Lends {@link Batch}es, as many as threads work at a time, and counts what was done with them. Numbers them in the order in
 * which they were lent, so that somebody can know that whatever was under way at some moment is over. Thread-safe.
 */
final class Batches {

    /** Idle ones at most: about as many as threads that work at a time. */
    private static final int SLOTS = 32;

    private final Counters counters;
    private final WarnLog warnings;
    private final Limits limits;

    /** Each thread begins to look where it has put its last one: a lock around them all would be taken for each read. */
    private final AtomicReferenceArray<Batch> idle = new AtomicReferenceArray<>(SLOTS);

    /** Those that are idle, and those that are lent. */
    private final List<Batch> all = new CopyOnWriteArrayList<>();

    private final AtomicLong lastNumber = new AtomicLong();

    Batches(Counters counters, WarnLog warnings, Limits limits) {
        this.counters = counters;
        this.warnings = warnings;
        this.limits = limits;
    }

    Batch take() {
        Batch batch = takeIdle();
        if (batch == null) {
            batch = new Batch();
            all.add(batch);
        }
        // Before the number is drawn: whoever finds that number drawn finds the batch lent.
        batch.lentFrom = lastNumber.get() + 1;
        batch.number = lastNumber.incrementAndGet();
        return batch;
    }

    private Batch takeIdle() {
        int first = firstSlot();
        for (int i = 0; i < SLOTS; i++) {
            int slot = (first + i) % SLOTS;
            if (idle.get(slot) != null) {
                Batch batch = idle.getAndSet(slot, null);
                if (batch != null) {
                    return batch;
                }
            }
        }
        return null;
    }

    /** Flushes a batch and takes it back. */
    void finish(Batch batch) {
        // Counted first: whoever sees an acknowledgement finds its message in the statistics.
        counters.add(batch);
        batch.flush();
        batch.losses.tell(warnings, limits);
        batch.lentFrom = Batch.IDLE;
        keep(batch);
    }

    private void keep(Batch batch) {
        int first = firstSlot();
        for (int i = 0; i < SLOTS; i++) {
            if (idle.compareAndSet((first + i) % SLOTS, null, batch)) {
                return;
            }
        }
        all.remove(batch);
    }

    private static int firstSlot() {
        return System.identityHashCode(Thread.currentThread()) % SLOTS;
    }

    /**
     * Sees to it that a session is pumped when a stored message, and all that was published before it, has been delivered.
     *
     * @param sequence the number of the message, found in the store; so its batch has stated what it will deliver
     * @return {@code false} when that has been done already
     */
    boolean awaitsDelivery(Session session, long sequence) {
        for (Batch batch : all) {
            if (batch.undeliveredFrom <= sequence) {
                batch.waiting.add(session);
                // It is over: whoever ended it may have looked for those who wait before.
                if (batch.undeliveredFrom <= sequence) {
                    return true;
                }
                batch.waiting.remove(session);
            }
        }
        return false;
    }

    /** The number of the batch that was lent last. */
    long lastNumber() {
        return lastNumber.get();
    }

    /** The highest number such that no batch up to it is still at work. */
    long finishedUpTo() {
        long finished = lastNumber.get();
        for (Batch batch : all) {
            finished = Math.min(finished, batch.lentFrom - 1);
        }
        return finished;
    }
}
