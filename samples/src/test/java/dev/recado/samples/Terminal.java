package dev.recado.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A real terminal with a shell in it, whose user types and looks at the screen: a tmux server of its own, 120 columns wide.
 * Closing it closes the terminal, as a user would who closes the window.
 */
public final class Terminal implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** tmux's word for everything that has scrolled away. */
    private static final String FROM_THE_BEGINNING = "-";

    /** In a folder of its own: tmux leaves its socket behind. */
    private final Path socket;

    private final ProcessHandle shell;
    private boolean closed;

    private Terminal() {
        try {
            socket = Files.createTempDirectory("recado-test").resolve("tmux");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        tmux(
                "new-session",
                "-d",
                "-x",
                "120",
                "-y",
                "50",
                "-e",
                "RECADO=" + RecadoProcess.shellCommand(),
                "-e",
                "PS1=$ ",
                "sh");
        long pid = Long.parseLong(tmux("list-panes", "-F", "#{pane_pid}").strip());
        shell = ProcessHandle.of(pid).orElseThrow();
        // What is typed before the shell's prompt stands there comes out before it.
        await().atMost(PATIENCE).until(() -> !screen().isEmpty());
    }

    /** Opens one; skips the test where there is no tmux. */
    public static Terminal open() {
        boolean there = Stream.of("/usr/bin/tmux", "/usr/local/bin/tmux", "/opt/homebrew/bin/tmux")
                .anyMatch(path -> Files.isExecutable(Path.of(path)));
        Assumptions.assumeTrue(there, "tmux is not installed");
        return new Terminal();
    }

    /** Starts the jar's program as the shell does, with {@code exit=} and its exit code on the screen behind it. */
    public void run(String arguments) {
        type("$RECADO " + arguments + "; echo exit=$?");
    }

    /** Types a line. */
    public void type(String line) {
        write(line);
        press("Enter");
    }

    /** Types without ending the line. */
    public void write(String text) {
        // Not as an argument: a JVM in a plain ASCII locale could not hand it on.
        tmux(text, List.of("load-buffer", "-"));
        tmux("paste-buffer");
    }

    /** Presses a key by tmux's name for it, such as {@code C-c}. */
    public void press(String key) {
        tmux("send-keys", key);
    }

    /** What can be read, from the beginning, without the blanks at the end. */
    public List<String> screen() {
        return tmux("capture-pane", "-p", "-J", "-S", FROM_THE_BEGINNING)
                .stripTrailing()
                .lines()
                .map(String::stripTrailing)
                .toList();
    }

    /** Waits until a line of the screen matches, and returns the last one that does. */
    public String awaitLine(String regex) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(screen()).anyMatch(line -> line.matches(regex), regex));
        return screen().stream()
                .filter(line -> line.matches(regex))
                .reduce((first, last) -> last)
                .orElseThrow();
    }

    /** What the shell has started and what still runs. */
    public List<ProcessHandle> programs() {
        return shell.descendants().toList();
    }

    private String tmux(String command, String... arguments) {
        return tmux("", Stream.concat(Stream.of(command), Stream.of(arguments)).toList());
    }

    private String tmux(String input, List<String> arguments) {
        List<String> command = Stream.concat(
                        Stream.of("tmux", "-S", socket.toString(), "-f", "/dev/null", "-u"), arguments.stream())
                .toList();
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("%s ends", command)
                    .isTrue();
            assertThat(process.exitValue()).as("%s: %s", command, output).isZero();
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Closes the terminal: its programs get SIGHUP. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (shell.isAlive()) {
            tmux("kill-server");
        }
        try {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(socket.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
