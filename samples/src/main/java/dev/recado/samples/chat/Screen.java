package dev.recado.samples.chat;

import dev.recado.samples.Utf8;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** What the user types and sees. Printing is thread-safe; lines are asked for one at a time. */
abstract class Screen implements AutoCloseable {

    /** A read cannot always be interrupted: the thread that waits in it must not keep the program from ending. */
    private static final Executor DAEMON = task -> {
        Thread thread = new Thread(task, "screen");
        thread.setDaemon(true);
        thread.start();
    };

    /** A terminal's where standard input and output are one; plain lines otherwise. */
    static Screen open() {
        try {
            return new TerminalScreen();
        } catch (IOException | IllegalStateException e) {
            return new Plain();
        }
    }

    /**
     * Asks for a line, without waiting for it.
     *
     * @return completes with the line; empty at the end of the input, by Ctrl-C or Ctrl-D, or when the terminal was closed
     */
    final CompletableFuture<Optional<String>> ask(String prompt) {
        return CompletableFuture.supplyAsync(() -> read(prompt), DAEMON);
    }

    /** Asks for a line that is not shown. */
    final CompletableFuture<Optional<String>> askSecretly(String prompt) {
        return CompletableFuture.supplyAsync(() -> readSecretly(prompt), DAEMON);
    }

    /** Whether somebody sits there and can be asked again. */
    abstract boolean isTerminal();

    abstract Optional<String> read(String prompt);

    abstract Optional<String> readSecretly(String prompt);

    /** Prints a line without tearing the one that is being typed. */
    abstract void printLine(String line);

    /** What others wrote must not move the cursor, change colours or turn the direction. */
    final void print(String line) {
        printLine(line.replaceAll("[\\p{Cc}\u202A-\u202E\u2066-\u2069]", " "));
    }

    @Override
    public abstract void close();

    /** For scripts and pipes: no prompts, a line for a line. */
    private static final class Plain extends Screen {

        private final BufferedReader input = Utf8.standardInput();

        @Override
        boolean isTerminal() {
            return false;
        }

        @Override
        Optional<String> read(String prompt) {
            try {
                return Optional.ofNullable(input.readLine());
            } catch (IOException e) {
                // What Linux says of a terminal that is no longer there.
                return Optional.empty();
            }
        }

        @Override
        Optional<String> readSecretly(String prompt) {
            return read(prompt);
        }

        @Override
        void printLine(String line) {
            System.out.println(line);
        }

        @Override
        public void close() {}
    }
}
