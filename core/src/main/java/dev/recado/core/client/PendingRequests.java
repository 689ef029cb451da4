package dev.recado.core.client;

import dev.recado.Message;
import dev.recado.ReasonCode;
import dev.recado.RefusedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The requests of one requester that wait for their replies, oldest first, which is the order of their time limits, too. Whoever
 * takes one out completes it. Thread-safe.
 *
 * <p>Correlation Data:
 *
 * <pre>
 * bytes 0..7   random, the same for all requests of one requester
 * bytes 8..15  the request's number, from 0
 * </pre>
 */
final class PendingRequests {

    /** A request, and its caller's future. */
    static final class Request extends CompletableFuture<Message> {

        private final String topic;
        private final long number;

        /** On the client's clock: when its caller stops waiting. */
        private final long deadline;

        Request(String topic, long number, long deadline) {
            this.topic = topic;
            this.number = number;
            this.deadline = deadline;
        }

        String topic() {
            return topic;
        }

        long deadline() {
            return deadline;
        }
    }

    private static final int CORRELATION_BYTES = 16;

    private final int limit;
    private final long id;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final Map<Long, Request> byNumber = new LinkedHashMap<>();
    private long next;
    private boolean ended;

    /**
     * There are none yet.
     *
     * @param limit how many there may be
     * @param id random
     */
    PendingRequests(int limit, long id) {
        this.limit = limit;
        this.id = id;
    }

    /**
     * A new request.
     *
     * @return {@code null} after {@link #end}
     * @throws RefusedException when there are too many
     */
    Request add(String topic, long deadline) {
        lock.lock();
        try {
            if (ended) {
                return null;
            }
            if (byNumber.size() == limit) {
                throw new RefusedException(
                        "request to '" + topic + "' is over the requester's maxInFlight of " + limit
                                + ": as many wait for their replies; it was not sent",
                        ReasonCode.QUOTA_EXCEEDED);
            }
            Request request = new Request(topic, next++, deadline);
            byNumber.put(request.number, request);
            return request;
        } finally {
            lock.unlock();
        }
    }

    ByteBuffer correlationDataOf(Request request) {
        return ByteBuffer.allocate(CORRELATION_BYTES)
                .putLong(id)
                .putLong(request.number)
                .flip();
    }

    /** Takes out the request with this Correlation Data; {@code null} when none waits for it. */
    Request take(ByteBuffer correlationData) {
        if (correlationData.remaining() != CORRELATION_BYTES || correlationData.getLong(0) != id) {
            return null;
        }
        long number = correlationData.getLong(Long.BYTES);
        lock.lock();
        try {
            return byNumber.remove(number);
        } finally {
            lock.unlock();
        }
    }

    /** Takes a request out; {@code false} when it was not there any more. */
    boolean remove(Request request) {
        lock.lock();
        try {
            return byNumber.remove(request.number) != null;
        } finally {
            lock.unlock();
        }
    }

    /** Takes out those whose time is up. */
    List<Request> takeExpired(long now) {
        List<Request> expired = new ArrayList<>();
        lock.lock();
        try {
            Iterator<Request> oldest = byNumber.values().iterator();
            while (oldest.hasNext()) {
                Request request = oldest.next();
                if (request.deadline - now > 0) {
                    break;
                }
                oldest.remove();
                expired.add(request);
            }
            return expired;
        } finally {
            lock.unlock();
        }
    }

    /** The one whose time is up first; {@code null} when there is none. */
    Request oldest() {
        lock.lock();
        try {
            return byNumber.isEmpty() ? null : byNumber.values().iterator().next();
        } finally {
            lock.unlock();
        }
    }

    /** Takes out all; from now on there are none. */
    List<Request> end() {
        lock.lock();
        try {
            ended = true;
            List<Request> all = List.copyOf(byNumber.values());
            byNumber.clear();
            return all;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return byNumber.size();
        } finally {
            lock.unlock();
        }
    }
}
