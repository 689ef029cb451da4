package dev.recado.samples.chat;

import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.RecadoException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Says things without waiting until the server has them, and tells the user of those that it has not got. Thread-safe. */
final class Voice {

    private final Publisher out;
    private final Consumer<String> screen;

    private final AtomicInteger unanswered = new AtomicInteger();

    /** One for each answer. */
    private final Semaphore answers = new Semaphore(0);

    private volatile boolean finished;

    Voice(Publisher out, Consumer<String> screen) {
        this.out = out;
        this.screen = screen;
    }

    /** Returns at once, unless a thousand messages are on their way already. */
    void say(Message message) {
        unanswered.incrementAndGet();
        try {
            out.publishAsync(message).whenComplete((sent, failure) -> answered(failure));
        } catch (RecadoException | IllegalArgumentException e) {
            answered(e);
        }
    }

    private void answered(Throwable failure) {
        if (failure != null && !finished) {
            screen.accept("* not sent: " + failure.getMessage());
        }
        unanswered.decrementAndGet();
        answers.release();
    }

    /**
     * Waits for the answers to what was said, however many, as long as they come. Of those that do not the user is told here,
     * and nothing more later.
     *
     * @param patience how long there may be none
     */
    void finish(Duration patience) {
        if (!awaitAnswers(patience)) {
            screen.accept("* what you said last may not have arrived");
        }
        finished = true;
    }

    private boolean awaitAnswers(Duration patience) {
        try {
            while (unanswered.get() > 0) {
                if (!answers.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
