package dev.recado.samples.chat;

import java.io.IOError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** A terminal with line editing and a prompt that incoming messages do not tear: JLine. */
final class TerminalScreen extends Screen {

    private static final char HIDDEN = '*';

    private final Terminal terminal;
    private final LineReader reader;

    /** The cursor stands behind a prompt. */
    private volatile boolean prompted;

    /**
     * Takes the terminal over.
     *
     * @throws IOException when there is none
     * @throws IllegalStateException likewise: JLine uses both
     */
    TerminalScreen() throws IOException {
        terminal = TerminalBuilder.builder()
                .system(true)
                .systemOutput(TerminalBuilder.SystemOutput.SysOut)
                .dumb(false)
                .encoding(StandardCharsets.UTF_8)
                // JLine would ask the terminal what it can; from a slow one, the answer comes as if it had been typed.
                .graphemeCluster(false)
                .build();
        reader = LineReaderBuilder.builder()
                .terminal(terminal)
                // An exclamation mark is one, and a backslash, too.
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .build();
    }

    @Override
    boolean isTerminal() {
        return true;
    }

    @Override
    Optional<String> read(String prompt) {
        return read(prompt, null);
    }

    @Override
    Optional<String> readSecretly(String prompt) {
        return read(prompt, HIDDEN);
    }

    private Optional<String> read(String prompt, Character mask) {
        try {
            prompted = true;
            String line = reader.readLine(prompt, mask);
            prompted = false;
            return Optional.of(line);
        } catch (UserInterruptException
                | EndOfFileException
                | IOError
                | UncheckedIOException
                | IllegalStateException e) {
            // The terminal was closed, by the user or by this program's end.
            return Optional.empty();
        }
    }

    @Override
    void printLine(String line) {
        reader.printAbove(line);
    }

    /** Gives the terminal back as it was, with the cursor at the beginning of a line. */
    @Override
    public void close() {
        try {
            if (prompted) {
                prompted = false;
                terminal.writer().println();
                terminal.flush();
            }
            terminal.close();
        } catch (IOException e) {
            // It is gone already.
        }
    }
}
