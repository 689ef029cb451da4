package dev.recado.core.client;

import dev.recado.Message;
import dev.recado.RecadoException;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages of a subscriber as a reactive stream for one downstream. Signals come in {@link #turn turns} only, so they
 * never overlap. The rules cited are those of the Reactive Streams specification 1.0.4.
 */
final class MessageStream implements Flow.Publisher<Message>, Flow.Subscription {

    private static final Logger LOG = LoggerFactory.getLogger(MessageStream.class);
    private static final int MAX_PER_TURN = 256;

    /** Where messages come from. */
    interface Source {

        /** The next message; {@code null} when there is none now. */
        Received take();

        /** It was handed over. */
        void done(Received received);

        /** Whether nothing will come any more. */
        boolean isExhausted();

        /** Why nothing comes any more; {@code null} when the program closed the subscriber. */
        RecadoException endCause();

        /** Has a turn run soon. */
        void wake();

        /** Runs a task where the signals run. */
        void execute(Runnable task);

        /** Nobody wants messages any more. Must not wait. */
        void cancelled();
    }

    private final Source source;
    private final AtomicReference<Flow.Subscriber<? super Message>> downstream = new AtomicReference<>();
    private final AtomicLong demand = new AtomicLong();
    private volatile boolean cancelled;

    /** Inside {@code onNext}, which may request more. */
    private volatile boolean signalling;

    /** A request of no or fewer messages; {@code null} when there was none. */
    private volatile IllegalArgumentException badRequest;

    // Touched in turns only.
    private boolean subscribed;

    MessageStream(Source source) {
        this.source = source;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super Message> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        if (downstream.compareAndSet(null, subscriber)) {
            source.wake();
        } else {
            source.execute(() -> refuse(subscriber));
        }
    }

    private static void refuse(Flow.Subscriber<? super Message> second) {
        second.onSubscribe(Nobody.INSTANCE);
        second.onError(new IllegalStateException(
                "these messages are for one Flow.Subscriber only, and there is one already; open another Subscriber"));
    }

    /** Whether somebody is there who has asked for more, or may be asking just now. */
    boolean isWanted() {
        return downstream.get() != null && !cancelled && (demand.get() > 0 || signalling);
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            badRequest = new IllegalArgumentException(
                    "requested " + n + " messages, but the number must be positive (Reactive Streams, rule 3.9)");
        } else {
            demand.accumulateAndGet(n, (a, b) -> a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b);
        }
        source.wake();
    }

    @Override
    public void cancel() {
        if (!cancelled) {
            cancelled = true;
            source.cancelled();
            // The next turn forgets the downstream (rule 3.13).
            source.wake();
        }
    }

    /**
     * Signals what is due.
     *
     * @return {@code true} when it stopped only to let others have the executor
     */
    boolean turn() {
        Flow.Subscriber<? super Message> subscriber = downstream.get();
        if (subscriber == null || subscriber == Nobody.INSTANCE) {
            return false;
        }
        try {
            if (!subscribed) {
                subscribed = true;
                subscriber.onSubscribe(this);
            }
            return signal(subscriber);
        } catch (RuntimeException | Error e) {
            LOG.warn("a Flow.Subscriber threw, against rule 2.13 of Reactive Streams: it is cancelled", e);
            cancel();
            return false;
        }
    }

    private boolean signal(Flow.Subscriber<? super Message> subscriber) {
        for (int i = 0; i < MAX_PER_TURN; i++) {
            if (cancelled) {
                forget();
                return false;
            }
            if (badRequest != null) {
                forget();
                cancel();
                subscriber.onError(badRequest);
                return false;
            }
            Received received = demand.get() > 0 ? source.take() : null;
            if (received == null) {
                complete(subscriber);
                return false;
            }
            signalling = true;
            demand.updateAndGet(n -> n == Long.MAX_VALUE ? n : n - 1);
            try {
                subscriber.onNext(received.message());
            } finally {
                signalling = false;
                source.done(received);
            }
        }
        return true;
    }

    private void complete(Flow.Subscriber<? super Message> subscriber) {
        if (!source.isExhausted()) {
            return;
        }
        forget();
        RecadoException cause = source.endCause();
        if (cause == null) {
            subscriber.onComplete();
        } else {
            subscriber.onError(cause);
        }
    }

    private void forget() {
        downstream.set(Nobody.INSTANCE);
    }

    /** Stands where there was somebody once, and for a subscription that gives nothing. */
    private enum Nobody implements Flow.Subscriber<Object>, Flow.Subscription {
        INSTANCE;

        @Override
        public void onSubscribe(Flow.Subscription subscription) {}

        @Override
        public void onNext(Object item) {}

        @Override
        public void onError(Throwable throwable) {}

        @Override
        public void onComplete() {}

        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
    }
}
