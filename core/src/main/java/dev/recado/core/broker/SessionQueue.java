package dev.recado.core.broker;

import dev.recado.Limits;
import dev.recado.QueuePolicy;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * The messages that wait for one client, bounded in number and bytes. What is dropped is counted here. Guarded by the
 * session's lock.
 */
final class SessionQueue {

    private final Limits limits;
    private final Counters counters;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(0);
    private long bytes;
    private long overflowed;

    /** When the first of those that wait may expire; at the latest. */
    private long nextExpiry;

    private boolean anyExpires;

    SessionQueue(Limits limits, Counters counters) {
        this.limits = limits;
        this.counters = counters;
    }

    /** Takes a message, or drops it or older ones. */
    boolean add(Waiting added, long now) {
        StoredMessage message = added.message();
        if (!hasRoomFor(message)) {
            dropExpired(now);
        }
        if (limits.whenQueueFull() == QueuePolicy.DROP_OLDEST && message.size() <= limits.maxQueuedBytes()) {
            while (!waiting.isEmpty() && !hasRoomFor(message)) {
                poll();
                overflow();
            }
        }
        if (!hasRoomFor(message)) {
            overflow();
            return false;
        }
        waiting.addLast(added);
        bytes += message.size();
        counters.messagesQueued.increment();
        if (message.expires() && !(anyExpires && nextExpiry - message.expiresAt() <= 0)) {
            anyExpires = true;
            nextExpiry = message.expiresAt();
        }
        return true;
    }

    private void overflow() {
        overflowed++;
        counters.messagesDropped.increment();
    }

    /** How many there has been no room for since this was last asked. */
    long takeOverflowed() {
        long since = overflowed;
        overflowed = 0;
        return since;
    }

    private boolean hasRoomFor(StoredMessage message) {
        return waiting.size() < limits.maxQueuedMessages() && bytes + message.size() <= limits.maxQueuedBytes();
    }

    /** Looks through all of them only when one can have expired: a full queue must not cost that for every message. */
    private void dropExpired(long now) {
        if (!anyExpires || nextExpiry - now > 0) {
            return;
        }
        anyExpires = false;
        for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
            StoredMessage message = each.next().message();
            if (message.isExpired(now)) {
                each.remove();
                removed(message);
                counters.messagesDropped.increment();
            } else if (message.expires() && !(anyExpires && nextExpiry - message.expiresAt() <= 0)) {
                anyExpires = true;
                nextExpiry = message.expiresAt();
            }
        }
    }

    Waiting peek() {
        return waiting.peekFirst();
    }

    Waiting poll() {
        Waiting first = waiting.pollFirst();
        if (first != null) {
            removed(first.message());
        }
        return first;
    }

    private void removed(StoredMessage message) {
        bytes -= message.size();
        counters.messagesQueued.decrement();
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Whether more of the room is taken than one in so many parts of it. */
    boolean isFilledOver(int part) {
        return waiting.size() > limits.maxQueuedMessages() / part || bytes > limits.maxQueuedBytes() / part;
    }
}
