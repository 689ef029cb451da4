package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * {@code openssl s_client}: what is sent to it goes to the broker, and what the broker says comes out of it. A chunk that begins
 * with {@code R} or {@code K} is a command: negotiate again, update keys.
 */
final class OpenSsl implements AutoCloseable {

    private static final int LIMIT_SECONDS = 20;

    private final Process process;
    private final Output output;
    private final Output notes;

    private OpenSsl(Process process) {
        this.process = process;
        this.output = new Output(process.getInputStream());
        this.notes = new Output(process.getErrorStream());
    }

    /** Starts to connect, and to verify what the broker shows. */
    static OpenSsl connect(URI broker, Path authority, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Native.OPENSSL.path(),
                "s_client",
                "-connect",
                broker.getHost() + ":" + broker.getPort(),
                "-CAfile",
                authority.toString(),
                "-verify_return_error",
                "-verify_ip",
                broker.getHost(),
                "-brief"));
        command.addAll(List.of(options));
        return new OpenSsl(new ProcessBuilder(command).start());
    }

    /** Sends bytes to the broker, or a command to the program. */
    void send(byte[] bytes) throws IOException {
        process.getOutputStream().write(bytes);
        process.getOutputStream().flush();
    }

    /** What the broker said, at least so many bytes. */
    byte[] awaitBytes(int count) {
        Eventually.within20Seconds()
                .untilAsserted(() -> assertThat(output.bytes())
                        .as(() -> "openssl says " + notes)
                        .hasSizeGreaterThanOrEqualTo(count));
        return output.bytes();
    }

    /** How the program ended. */
    int awaitExit() throws InterruptedException {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("openssl s_client does not end; it says " + notes);
        }
        return process.exitValue();
    }

    /** What it says of the connection. */
    String notes() {
        return notes.toString();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static final class Output extends Thread {

        private final InputStream from;
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();

        Output(InputStream from) {
            super("output of openssl");
            this.from = from;
            setDaemon(true);
            start();
        }

        @Override
        public void run() {
            byte[] buffer = new byte[4096];
            try {
                for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                    synchronized (read) {
                        read.write(buffer, 0, count);
                    }
                }
            } catch (IOException e) {
                // As it is when the process is ended from here: what was read by then is all there is.
            }
        }

        byte[] bytes() {
            synchronized (read) {
                return read.toByteArray();
            }
        }

        @Override
        public String toString() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }
    }
}
