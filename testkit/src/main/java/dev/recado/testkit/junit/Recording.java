package dev.recado.testkit.junit;

import dev.recado.Message;
import dev.recado.Subscriber;
import dev.recado.testkit.internal.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The messages that a {@link TestBroker} delivers to a subscription of the test's own. Each is {@linkplain #next() taken}
 * once, in the order of arrival. At most {@value #MOST} are kept; a test in which more arrive fails.
 *
 * <p>All methods may be called from any thread. A test that waits in vain fails with an {@link AssertionError} that says what
 * has arrived instead.
 *
 * @since 0.1.0
 */
public final class Recording implements AutoCloseable {

    static final int MOST = 100_000;

    private final String filter;
    private final Duration patience;

    /** A new one for each broker. */
    private final Supplier<Subscriber.Builder> subscription;

    // Guarded by this:
    private Subscriber subscriber;
    private boolean closed;

    // Guarded by messages:
    private final List<Message> messages = new ArrayList<>();
    private int taken;
    private long lost;

    Recording(String filter, Duration patience, Supplier<Subscriber.Builder> subscription) {
        this.filter = filter;
        this.patience = patience;
        this.subscription = subscription;
    }

    /** Goes on at the present broker, from its last values on, unless it has been closed. */
    synchronized void follow() {
        if (!closed) {
            subscriber = subscription.get().onMessage(this::add).open();
        }
    }

    /** Its broker is about to be closed. */
    synchronized void unfollow() {
        subscriber.close();
    }

    private void add(Message message) {
        synchronized (messages) {
            if (messages.size() < MOST) {
                messages.add(message);
            } else {
                lost++;
            }
        }
    }

    /**
     * Waits for the next message: at most 10 seconds, or as JUnit's configuration parameter
     * {@code recado.testkit.arrivalTimeoutMillis} says.
     *
     * @return the first that has not been taken
     * @throws AssertionError when none arrives in time
     */
    public Message next() {
        return next(message -> true);
    }

    /**
     * Waits for the next message that is wanted, as long as {@link #next()}.
     *
     * @param wanted which; called often, from this thread
     * @return the first of those that have not been taken; the ones before it are taken, too
     * @throws AssertionError when none arrives in time
     */
    public Message next(Predicate<? super Message> wanted) {
        Message[] found = new Message[1];
        Eventually.holds(patience, () -> (found[0] = poll(wanted)) != null);
        synchronized (messages) {
            if (found[0] == null) {
                throw new AssertionError("no such message to '" + filter + "' within " + patience + "; " + arrived());
            }
        }
        return found[0];
    }

    /** Null when there is none yet; then nothing is taken. */
    private Message poll(Predicate<? super Message> wanted) {
        List<Message> untaken;
        int before;
        synchronized (messages) {
            checkWhole();
            before = taken;
            untaken = List.copyOf(messages.subList(taken, messages.size()));
        }
        for (int i = 0; i < untaken.size(); i++) {
            if (wanted.test(untaken.get(i))) {
                synchronized (messages) {
                    if (taken != before) {
                        // Another thread takes, too.
                        return null;
                    }
                    taken += i + 1;
                }
                return untaken.get(i);
            }
        }
        return null;
    }

    /**
     * Waits for several messages, for each as long as {@link #next()}.
     *
     * @param count how many; not negative
     * @return the first that have not been taken
     * @throws AssertionError when one does not arrive in time
     */
    public List<Message> next(int count) {
        List<Message> some = new ArrayList<>();
        while (some.size() < count) {
            some.add(next());
        }
        return some;
    }

    /**
     * Waits that nothing happens.
     *
     * @param silence how long; all of it when the test is right
     * @throws AssertionError when there is a message that has not been taken, or one arrives
     */
    public void expectNone(Duration silence) {
        Eventually.holds(silence, () -> {
            synchronized (messages) {
                return messages.size() > taken;
            }
        });
        synchronized (messages) {
            if (messages.size() > taken) {
                throw new AssertionError("no message to '" + filter + "' was expected, but " + arrived());
            }
        }
    }

    /**
     * All that has arrived so far, taken or not.
     *
     * @return a copy
     */
    public List<Message> all() {
        synchronized (messages) {
            checkWhole();
            return List.copyOf(messages);
        }
    }

    private void checkWhole() {
        if (lost > 0) {
            throw new AssertionError(
                    "a recording holds " + MOST + " messages, but " + (MOST + lost) + " came to '" + filter + "'");
        }
    }

    private String arrived() {
        List<String> texts = new ArrayList<>();
        for (Message message : messages.subList(taken, Math.min(messages.size(), taken + 10))) {
            texts.add(message.topic() + ": " + message.size() + " bytes");
        }
        return taken + " messages had been taken, and " + (messages.size() - taken) + " not"
                + (texts.isEmpty() ? "" : ": " + texts);
    }

    /** Ends the subscription; what has arrived stays. The broker's end does it, too. */
    @Override
    public synchronized void close() {
        closed = true;
        subscriber.close();
    }
}
