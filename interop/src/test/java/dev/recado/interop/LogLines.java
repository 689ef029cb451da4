package dev.recado.interop;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Takes what is logged, by slf4j-simple, until it is closed. {@code System.err} is one for all, so only a test that runs
 * alone may use it.
 */
final class LogLines implements AutoCloseable {

    private final PrintStream before = System.err;
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

    LogLines() {
        System.setErr(new PrintStream(taken, true, StandardCharsets.UTF_8));
    }

    List<String> all() {
        return taken.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Override
    public void close() {
        System.setErr(before);
        before.print(taken.toString(StandardCharsets.UTF_8));
    }
}
