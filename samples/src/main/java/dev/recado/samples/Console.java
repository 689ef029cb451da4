package dev.recado.samples;

import dev.recado.Broker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** What the user types and is told. */
public final class Console {

    private static final Set<String> COMMANDS_TO_LEAVE = Set.of("/quit", "/sair");
    private static final Duration INTERVAL = Duration.ofMillis(100);

    /** A read cannot be interrupted: the thread that waits in it must not keep the program from ending. */
    private static final Executor DAEMON = task -> {
        Thread thread = new Thread(task, "console");
        thread.setDaemon(true);
        thread.start();
    };

    private static final String PROMPT = "> ";

    /** The cursor stands behind a prompt. */
    private static volatile boolean prompted;

    private final BufferedReader input = Utf8.standardInput();

    /** Tells the user something on standard error, on a line of its own. What others wrote cannot move the cursor. */
    public static void tell(String what) {
        if (prompted) {
            prompted = false;
            System.err.println();
        }
        System.err.println("recado: " + what.replaceAll("\\p{Cntrl}", " "));
    }

    /** Whether a line tells the program to end. */
    public static boolean isCommandToLeave(String line) {
        return COMMANDS_TO_LEAVE.contains(line.strip());
    }

    /**
     * Asks for the next line, without waiting for it; one at a time. A terminal gets a prompt, a pipe does not.
     *
     * @return completes with the line; empty at the end of the input, to which a closed terminal comes, too
     */
    public CompletableFuture<Optional<String>> nextLine() {
        if (System.console() != null) {
            System.out.print(PROMPT);
            System.out.flush();
            prompted = true;
        }
        return CompletableFuture.supplyAsync(this::read, DAEMON);
    }

    private Optional<String> read() {
        try {
            String line = input.readLine();
            prompted = prompted && line == null;
            return Optional.ofNullable(line);
        } catch (IOException e) {
            // What Linux says of a terminal that is no longer there.
            return Optional.empty();
        }
    }

    /**
     * Returns when the broker is closed or the user says so. Looks whether there is a line, instead of waiting in a read: a
     * program that reads from its terminal while it runs in the background (<code>broker &amp;</code>) is stopped by the
     * system. The end of the input means only that there is no console.
     *
     * @return what the user typed; empty when the broker was closed otherwise
     */
    public static Optional<String> obey(Broker broker) {
        return obey(broker, line -> {});
    }

    /**
     * As {@link #obey(Broker)}, with more commands.
     *
     * @param others takes each line that does not tell the program to end
     * @return as there
     */
    public static Optional<String> obey(Broker broker, Consumer<String> others) {
        BufferedReader console = Utf8.standardInput();
        while (!broker.awaitClosed(INTERVAL)) {
            try {
                while (console.ready()) {
                    String line = console.readLine();
                    if (line != null && isCommandToLeave(line)) {
                        return Optional.of(line.strip());
                    }
                    if (line != null) {
                        others.accept(line.strip());
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return Optional.empty();
    }
}
