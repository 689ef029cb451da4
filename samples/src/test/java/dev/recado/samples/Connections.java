package dev.recado.samples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/** What the kernel knows of TCP connections, whichever process holds them. */
public final class Connections {

    private static final List<Path> TABLES = Stream.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))
            .filter(Files::isReadable)
            .toList();
    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;
    private static final String ESTABLISHED = "01";
    private static final String CLOSE_WAIT = "08";

    private Connections() {}

    /** How many connections a server has on its port: working ones, and those that only the client has closed. */
    public static long of(int serverPort) {
        Assumptions.assumeFalse(TABLES.isEmpty(), "no /proc/net/tcp");
        String end = String.format(Locale.ROOT, ":%04X", serverPort);
        return TABLES.stream()
                .flatMap(Connections::lines)
                .map(line -> line.strip().split("\\s+"))
                .filter(columns -> columns[LOCAL_ADDRESS].endsWith(end))
                .filter(columns -> columns[STATE].equals(ESTABLISHED) || columns[STATE].equals(CLOSE_WAIT))
                .count();
    }

    /** Waits until a server has so many. */
    public static void await(int serverPort, long count) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> of(serverPort) == count);
    }

    private static Stream<String> lines(Path table) {
        try {
            return Files.readAllLines(table).stream().skip(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
