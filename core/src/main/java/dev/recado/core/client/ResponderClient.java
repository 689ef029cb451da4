package dev.recado.core.client;

import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.RecadoException;
import dev.recado.RequestFailedException;
import dev.recado.Responder;
import dev.recado.WaitInterruptedException;
import dev.recado.core.time.Timers;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A responder. A request's way: the subscriber's stream hands it over while there is demand, which is as many as may be answered
 * at once; the handler runs on the executor; when its stage completes, on whichever thread, the reply is published, the request
 * acknowledged, and the next one demanded.
 */
final class ResponderClient implements Responder, Flow.Subscriber<Message> {

    private static final Logger LOG = LoggerFactory.getLogger(ResponderClient.class);

    private final Pair pair;
    private final Function<? super Message, ? extends CompletionStage<Message>> handler;
    private final int concurrency;
    private final boolean shared;
    private final long timeoutNanos;
    private final Timers timers;
    private final Executor executor;

    /** {@code null} where there is an executor of the program's, or one thread does. */
    private final Workers ownThreads;

    private final LongAdder withoutResponseTopic = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LogPace failureLog;
    private final LogPace strangerLog;

    /** Threads that are inside the handler. */
    private final Set<Thread> handling = ConcurrentHashMap.newKeySet();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();

    // Guarded by the lock.
    private int begun;
    private boolean closing;

    private volatile Flow.Subscription subscription;

    ResponderClient(
            Pair pair,
            Function<? super Message, ? extends CompletionStage<Message>> handler,
            int concurrency,
            Executor executorOrNull,
            boolean shared,
            long timeoutNanos) {
        this.pair = pair;
        this.handler = handler;
        this.concurrency = concurrency;
        this.shared = shared;
        this.timeoutNanos = timeoutNanos;
        this.timers = pair.timers();
        this.failureLog = new LogPace(timers.nanoTime());
        this.strangerLog = new LogPace(timers.nanoTime());
        this.ownThreads = executorOrNull == null && concurrency > 1
                ? new Workers(() -> "recado-responder-" + clientId(), concurrency)
                : null;
        // One at a time, the thread that brings the requests can answer them.
        this.executor = executorOrNull != null ? executorOrNull : ownThreads != null ? ownThreads : Runnable::run;
    }

    void start() {
        pair.in().messages().subscribe(this);
    }

    // ---- the stream of requests; called one at a time

    @Override
    public void onSubscribe(Flow.Subscription stream) {
        subscription = stream;
        stream.request(concurrency);
    }

    @Override
    public void onNext(Message request) {
        if (request.responseTopic().isEmpty()) {
            stranger(request);
        } else if (begin()) {
            run(request);
        } else if (!shared) {
            fail(request, "the responder is closing");
            pair.in().acknowledge(request);
        }
        // Else it is not acknowledged, and so the broker gives it to another one of the group.
    }

    private void stranger(Message request) {
        withoutResponseTopic.increment();
        if (strangerLog.isDue(timers.nanoTime())) {
            LOG.warn(
                    "responder '{}': a message to '{}' without a Response Topic awaits no answer; {} of them so far",
                    clientId(),
                    request.topic(),
                    withoutResponseTopic.sum());
        }
        pair.in().acknowledge(request);
        subscription.request(1);
    }

    @Override
    public void onError(Throwable lostForGood) {
        // The pair's state tells.
    }

    @Override
    public void onComplete() {
        // Closed.
    }

    // ---- answering

    private boolean begin() {
        lock.lock();
        try {
            if (closing) {
                return false;
            }
            begun++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void run(Message request) {
        try {
            executor.execute(() -> handle(request));
        } catch (RejectedExecutionException e) {
            finished(request, null, new RecadoException("the responder takes no more requests", e));
        }
    }

    private void handle(Message request) {
        CompletionStage<Message> stage;
        handling.add(Thread.currentThread());
        try {
            stage = Objects.requireNonNull(handler.apply(request), "the handler gave null instead of a stage");
        } catch (Throwable e) {
            // Whatever it throws, Errors of failed assertions included, the requester is told.
            stage = CompletableFuture.failedFuture(e);
        } finally {
            handling.remove(Thread.currentThread());
        }
        stage.whenComplete((reply, failure) -> finished(request, reply, failure));
    }

    private void finished(Message request, Message replyOrNull, Throwable failureOrNull) {
        try {
            answer(request, replyOrNull, failureOrNull);
        } finally {
            pair.in().acknowledge(request);
            lock.lock();
            try {
                begun--;
                if (begun == 0) {
                    idle.signalAll();
                }
            } finally {
                lock.unlock();
            }
            subscription.request(1);
        }
    }

    private void answer(Message request, Message replyOrNull, Throwable failureOrNull) {
        Throwable failure = failureOrNull;
        if (failure == null) {
            try {
                send(Reply.to(request, replyOrNull));
                return;
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        // What a requester did wrong is no news to whoever runs the responder.
        if (!(cause instanceof RequestFailedException) && failureLog.isDue(timers.nanoTime())) {
            LOG.warn("responder '{}' answers a request to '{}' with an error", clientId(), request.topic(), cause);
        }
        fail(request, Reply.textOf(cause));
    }

    private void fail(Message request, String text) {
        failed.increment();
        try {
            send(Reply.error(request, text));
        } catch (RecadoException | IllegalArgumentException e) {
            unanswered(request, e);
        }
    }

    /** The next one is not urgent where many come at once: then one system call takes several. */
    private void send(Message reply) {
        pair.out().submit(reply, false).whenComplete((nothing, failure) -> {
            if (failure != null) {
                failed.increment();
                unanswered(reply, failure);
            }
        });
    }

    private void unanswered(Message about, Throwable failure) {
        if (failureLog.isDue(timers.nanoTime())) {
            LOG.warn("responder '{}': no answer goes out, '{}': {}", clientId(), about.topic(), failure.getMessage());
        }
    }

    // ---- the end

    @Override
    public void close() {
        pair.close(handling.contains(Thread.currentThread()));
    }

    /** What comes before the connections end. */
    void finish() {
        InterruptedException interrupt = null;
        try {
            if (awaitBegun() && !shared) {
                // What has arrived and was not begun: each gets its error, and is done.
                Flow.Subscription stream = subscription;
                if (stream != null) {
                    stream.request(Long.MAX_VALUE);
                }
                pair.in().close();
            }
        } catch (InterruptedException e) {
            interrupt = e;
        }
        if (interrupt == null) {
            // The replies.
            pair.out().close();
        }
        releaseThreads();
        if (interrupt != null) {
            Thread.currentThread().interrupt();
            throw new WaitInterruptedException("interrupted while closing; requests may stay unanswered", interrupt);
        }
    }

    /** Whether nothing new is begun. */
    boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether all that had begun is answered. */
    private boolean awaitBegun() throws InterruptedException {
        lock.lock();
        try {
            closing = true;
            long left = timeoutNanos;
            while (begun > 0 && left > 0) {
                left = idle.awaitNanos(left);
            }
            if (begun > 0) {
                LOG.warn(
                        "responder '{}' closes with {} requests that were not answered within {}",
                        clientId(),
                        begun,
                        Duration.ofNanos(timeoutNanos));
            }
            return begun == 0;
        } finally {
            lock.unlock();
        }
    }

    private void releaseThreads() {
        if (ownThreads != null) {
            ownThreads.release();
        }
    }

    // ---- what it is

    @Override
    public int inFlight() {
        lock.lock();
        try {
            return begun;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long discardedRequests() {
        return withoutResponseTopic.sum();
    }

    @Override
    public long failedRequests() {
        return failed.sum();
    }

    @Override
    public List<String> topics() {
        return pair.in().topics();
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
        return "Responder[" + topics() + ", " + clientId() + ", " + state() + "]";
    }
}
