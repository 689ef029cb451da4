package dev.recado.core.broker;

import java.util.concurrent.atomic.AtomicLong;

/** How many messages of one kind are stored and how many bytes they take, held under limits. Thread-safe. */
final class StorageBudget {

    private final long maxMessages;
    private final long maxBytes;
    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    StorageBudget(long maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    /** Counts a change in, all of it or, when it would go over a limit, nothing. What frees room always succeeds. */
    boolean change(int messagesDelta, long bytesDelta) {
        if (!change(messages, messagesDelta, maxMessages)) {
            return false;
        }
        if (!change(bytes, bytesDelta, maxBytes)) {
            messages.addAndGet(-messagesDelta);
            return false;
        }
        return true;
    }

    private static boolean change(AtomicLong counter, long delta, long max) {
        if (delta == 0) {
            return true;
        }
        if (delta < 0) {
            counter.addAndGet(delta);
            return true;
        }
        if (counter.addAndGet(delta) <= max) {
            return true;
        }
        counter.addAndGet(-delta);
        return false;
    }

    long messages() {
        return messages.get();
    }

    long bytes() {
        return bytes.get();
    }
}
