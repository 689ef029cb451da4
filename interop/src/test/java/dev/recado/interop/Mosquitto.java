package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A Mosquitto broker of the test's own, on a port of its own, that keeps nothing on disk. */
final class Mosquitto implements AutoCloseable {

    private static final int ATTEMPTS = 5;
    private static final int LIMIT_SECONDS = 20;

    private final int port;
    private final Path config;
    private final Path output;
    private Process process;

    private Mosquitto(Path folder, int port, String more) throws IOException {
        this.port = port;
        this.output = folder.resolve("mosquitto.log");
        this.config = Files.writeString(folder.resolve("mosquitto.conf"), """
                listener %d 127.0.0.1
                allow_anonymous true
                persistence false
                max_queued_messages 0
                log_dest stdout
                %s
                """.formatted(port, more));
    }

    /** Starts one that takes connections when this returns. */
    static Mosquitto start(Path folder) throws Exception {
        return start(folder, "");
    }

    /** The same, with more lines in its configuration. */
    static Mosquitto start(Path folder, String more) throws Exception {
        for (int attempt = 1; ; attempt++) {
            Mosquitto mosquitto = new Mosquitto(folder, freePort(), more);
            try {
                mosquitto.start();
                return mosquitto;
            } catch (PortTaken e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Starts it again on the port that it had before. */
    void start() throws Exception {
        Process started = new ProcessBuilder(Native.MOSQUITTO.path(), "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process = started;
        try {
            Eventually.within20Seconds().until(() -> !started.isAlive() || takesConnections());
        } catch (RuntimeException | Error e) {
            kill();
            throw e;
        }
        if (!started.isAlive()) {
            throw new PortTaken("mosquitto on port " + port + " ended at once and said " + Files.readString(output));
        }
    }

    /** Somebody else was quicker; the system has no way to keep a free port for a child process. */
    private static final class PortTaken extends IOException {
        private static final long serialVersionUID = 1L;

        PortTaken(String message) {
            super(message);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean takesConnections() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    URI endpoint() {
        return URI.create("mqtt://127.0.0.1:" + port);
    }

    /** Asks it to end: it tells its clients. */
    void stop() throws InterruptedException {
        process.destroy();
        awaitEnd();
    }

    /** Ends it before it can tell anybody. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        awaitEnd();
    }

    private void awaitEnd() throws InterruptedException {
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                .as("mosquitto ends within %d s", LIMIT_SECONDS)
                .isTrue();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
