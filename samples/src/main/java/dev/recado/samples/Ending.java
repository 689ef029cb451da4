package dev.recado.samples;

import dev.recado.RecadoException;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How a program ends: once, and with one line on standard error that says why. Whoever comes first says it: the user, a failure,
 * or a signal (SIGTERM, Ctrl-C, the SIGHUP of a terminal that is closed), which also closes what the program holds, so that the
 * other side need not find out by itself. Thread-safe.
 */
public final class Ending {

    private final AtomicBoolean said = new AtomicBoolean();
    private final ConcurrentLinkedDeque<Runnable> closing = new ConcurrentLinkedDeque<>();

    /** From now on a signal is answered. A program may use a shutdown hook; a library, a guest in programs, must not. */
    public Ending() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::signalled, "ending"));
    }

    private void signalled() {
        if (say("stopped by a signal")) {
            closing.forEach(Runnable::run);
        }
    }

    /** Adds something that a signal closes, before what was added earlier. */
    public void closes(Runnable close) {
        closing.addFirst(close);
    }

    /** Says why; only the first one does. Returns whether that was this one. */
    public boolean say(String why) {
        boolean first = said.compareAndSet(false, true);
        if (first) {
            Console.tell(why);
        }
        return first;
    }

    /** Ends without a word: what was asked for is done. */
    public void silently() {
        said.set(true);
    }

    /**
     * Runs a program to its end. Its failures are said here, with exit code 1, since one that comes of a signal must not be said
     * a second time.
     */
    public int of(Callable<Integer> program) throws Exception {
        try {
            return program.call();
        } catch (RecadoException | IllegalArgumentException e) {
            say(e.getMessage());
            return 1;
        } finally {
            silently();
        }
    }
}
