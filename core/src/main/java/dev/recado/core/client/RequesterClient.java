package dev.recado.core.client;

import dev.recado.ClosedException;
import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.ReasonCode;
import dev.recado.RecadoException;
import dev.recado.RequestFailedException;
import dev.recado.Requester;
import dev.recado.WaitInterruptedException;
import dev.recado.WaitTimeoutException;
import dev.recado.core.client.PendingRequests.Request;
import dev.recado.core.time.Timers;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A requester. A request's way: it is put among the {@link PendingRequests} and published with its number as Correlation Data.
 * Whatever comes first takes it out and completes it: its reply, on the subscriber's thread; the acknowledgement that tells that
 * the broker has nobody to give it to; its time limit; the program; or the end.
 */
final class RequesterClient implements Requester {

    private static final Logger LOG = LoggerFactory.getLogger(RequesterClient.class);

    private final Pair pair;
    private final ReplyTopic replyTopic;
    private final long timeoutNanos;
    private final Timers timers;
    private final PendingRequests pending;
    private final LongAdder discarded = new LongAdder();

    /** Somebody looks for expired requests when the oldest one's time is up. */
    private final AtomicBoolean expiryArmed = new AtomicBoolean();

    RequesterClient(Pair pair, ReplyTopic replyTopic, long timeoutNanos, int maxInFlight) {
        this.pair = pair;
        this.replyTopic = replyTopic;
        this.timeoutNanos = timeoutNanos;
        this.timers = pair.timers();
        this.pending = new PendingRequests(maxInFlight, new SecureRandom().nextLong());
    }

    // ---- requests

    @Override
    public Message request(String text) {
        return request(Message.of(pair.out().onlyTopic(), text));
    }

    @Override
    public Message request(Message message) {
        Request request = send(message, true);
        try {
            return request.get();
        } catch (InterruptedException e) {
            pending.remove(request);
            Thread.currentThread().interrupt();
            throw new WaitInterruptedException(
                    "interrupted while waiting for the reply to a request to '" + request.topic()
                            + "'; it may still be answered, and the answer is discarded",
                    e);
        } catch (ExecutionException e) {
            // The caller's stack says more than that of the thread that completed it.
            RuntimeException failure = (RuntimeException) e.getCause();
            failure.fillInStackTrace();
            throw failure;
        }
    }

    @Override
    public CompletableFuture<Message> requestAsync(String text) {
        return requestAsync(Message.of(pair.out().onlyTopic(), text));
    }

    @Override
    public CompletableFuture<Message> requestAsync(Message message) {
        Request request = send(message, false);
        // When the program completes it, by hand or by a time limit of its own, nobody waits for its reply any more.
        request.whenComplete((reply, failure) -> pending.remove(request));
        return request;
    }

    private Request send(Message message, boolean urgent) {
        if (message.responseTopic().isPresent() || message.correlationData().isPresent()) {
            throw new IllegalArgumentException("the request to '" + message.topic()
                    + "' has a Response Topic or Correlation Data, which are the requester's to set");
        }
        Request request = pair.isClosing() ? null : pending.add(message.topic(), timers.nanoTime() + timeoutNanos);
        if (request == null) {
            throw pair.closed();
        }
        try {
            Delivery delivery = pair.out().submit(addressed(message, request), urgent);
            delivery.whenComplete((nothing, failure) -> delivered(request, delivery, failure));
        } catch (ClosedException e) {
            // The publisher's end: the requester's has come, too, or is about to.
            pending.remove(request);
            throw pair.closed();
        } catch (RuntimeException e) {
            pending.remove(request);
            throw e;
        }
        armExpiry();
        return request;
    }

    private Message addressed(Message message, Request request) {
        Message.Builder addressed = message.toBuilder()
                .responseTopic(replyTopic.current())
                .correlationData(pending.correlationDataOf(request));
        if (message.expiry().isEmpty()) {
            addressed.expiry(Nanos.wholeSeconds(timeoutNanos));
        }
        return addressed.build();
    }

    /** The broker has answered, or will not. */
    private void delivered(Request request, Delivery delivery, Throwable failure) {
        if (failure != null) {
            fail(request, (RuntimeException) failure);
        } else if (delivery.unmatched) {
            fail(
                    request,
                    new RequestFailedException(
                            "nobody answers requests to '" + request.topic() + "': the broker says "
                                    + ReasonCode.NO_MATCHING_SUBSCRIBERS,
                            ReasonCode.NO_MATCHING_SUBSCRIBERS));
        }
    }

    private void fail(Request request, RuntimeException failure) {
        if (pending.remove(request)) {
            request.completeExceptionally(failure);
        }
    }

    // ---- replies

    /** Called on the subscriber's thread. */
    void replied(Message reply) {
        Request request = reply.correlationData().map(pending::take).orElse(null);
        if (request == null) {
            discarded.increment();
            LOG.debug("requester '{}' discards a reply that nobody waits for", clientId());
            return;
        }
        Optional<String> error = Reply.errorIn(reply);
        if (error.isPresent()) {
            request.completeExceptionally(new RequestFailedException(
                    "the responder to '" + request.topic() + "' failed: " + error.get(), error.get()));
        } else {
            request.complete(reply);
        }
    }

    // ---- time limits

    private void armExpiry() {
        if (expiryArmed.compareAndSet(false, true)) {
            Request oldest = pending.oldest();
            timers.schedule(oldest == null ? 0 : oldest.deadline() - timers.nanoTime(), this::expire);
        }
    }

    private void expire() {
        for (Request request : pending.takeExpired(timers.nanoTime())) {
            request.completeExceptionally(new WaitTimeoutException(
                    "no reply to the request to '" + request.topic() + "' within " + Duration.ofNanos(timeoutNanos)
                            + "; the requester is " + state(),
                    null));
        }
        expiryArmed.set(false);
        // Who comes now arms it; who came before is seen here.
        if (pending.oldest() != null) {
            armExpiry();
        }
    }

    // ---- the end

    @Override
    public void close() {
        pair.close(false);
    }

    /** What comes before the connections end. */
    void finish() {
        for (Request request : pending.end()) {
            RecadoException closed = pair.closed();
            request.completeExceptionally(closed);
        }
    }

    // ---- what it is

    @Override
    public int inFlight() {
        return pending.size();
    }

    @Override
    public long discardedReplies() {
        return discarded.sum();
    }

    @Override
    public String topic() {
        return pair.out().topic();
    }

    @Override
    public String replyTopic() {
        return replyTopic.current();
    }

    @Override
    public String clientId() {
        return pair.clientId();
    }

    @Override
    public ConnectionState state() {
        return pair.state();
    }

    @Override
    public String toString() {
        return "Requester[" + topic() + ", " + clientId() + ", " + state() + "]";
    }
}
