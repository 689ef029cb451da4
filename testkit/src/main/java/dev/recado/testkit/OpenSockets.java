package dev.recado.testkit;

import dev.recado.testkit.internal.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The TCP sockets of one test, on systems that show them (Linux, in {@code /proc}); elsewhere there are none.
 *
 * <p>Test classes run in parallel in one JVM, so a count of the program's sockets would blame one test for another's. But as
 * long as a test's listener is open, its port is nobody else's: a socket with that port at either end belongs to the test.
 * {@link #look} remembers such sockets by their numbers, which are not used again, and {@link #left} looks for the numbers
 * among the program's open files. By then the system may have forgotten the ports (a socket whose peer has reset it has
 * none), and somebody else may have been given them; neither matters.
 *
 * <p>Out of sight: what comes and goes between two looks, and a socket that never had a peer. Thread-safe.
 */
final class OpenSockets {

    private static final List<Path> TABLES = List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));
    private static final Path FILES = Path.of("/proc/self/fd");

    // The columns of a table that matter here.
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int INODE = 9;

    /** A look takes about 15 ms, for the system goes through a big table; and some tests make hundreds of connections. */
    private static final int MOST_LOOKS = 20;

    private final boolean visible;

    // Guarded by this:
    private final Set<Integer> ports = new HashSet<>();
    private final Map<String, String> seen = new HashMap<>();
    private int looks;

    /** Sees nothing unless {@code tcp}: whether the test's endpoints are TCP ports. */
    OpenSockets(boolean tcp) {
        this.visible = tcp && Files.isReadable(TABLES.get(0)) && Files.isDirectory(FILES);
    }

    /** This port is the test's from now on, until {@link #disown}. None is, where endpoints have no ports. */
    synchronized void own(int port) {
        if (port > 0) {
            ports.add(port);
        }
    }

    /** The listener is about to be closed, and then its port may be anybody's. */
    synchronized void disown(int port) {
        ports.remove(port);
    }

    /** Remembers the sockets that are the test's now; the first {@link #MOST_LOOKS} times. */
    synchronized void look() {
        if (looks++ < MOST_LOOKS) {
            lookAgain();
        }
    }

    /** Looks even after {@link #MOST_LOOKS}, and then no more: everything is about to be closed. */
    synchronized void lookForTheLastTime() {
        lookAgain();
        looks = MOST_LOOKS;
    }

    private void lookAgain() {
        if (!visible || ports.isEmpty()) {
            return;
        }
        for (Path table : TABLES) {
            // Missing where the system has no IPv6.
            if (Files.isReadable(table)) {
                lookAt(table);
            }
        }
    }

    private void lookAt(Path table) {
        try {
            List<String> lines = Files.readAllLines(table);
            for (String line : lines.subList(1, lines.size())) {
                String[] columns = line.trim().split("\\s+");
                int local = port(columns[LOCAL]);
                int remote = port(columns[REMOTE]);
                // 0: it is no file of anybody's any more, as the sockets in TIME_WAIT.
                if ((ports.contains(local) || ports.contains(remote)) && !columns[INODE].equals("0")) {
                    seen.put(columns[INODE], local + " to " + remote);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From {@code 0100007F:075B}. */
    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16);
    }

    /** Which of the sockets seen this program still has open: their ports, when they were seen. */
    synchronized Set<String> left() {
        Set<String> left = new TreeSet<>();
        if (seen.isEmpty()) {
            return left;
        }
        try (DirectoryStream<Path> open = Files.newDirectoryStream(FILES)) {
            for (Path file : open) {
                String ends = seen.get(socket(file));
                if (ends != null) {
                    left.add(ends);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return left;
    }

    /** Fails the test, at its end, when any of them is not closed in time. */
    void checkNoneLeft(String rule, Duration bound, Violations violations) {
        if (!Eventually.holds(bound, () -> left().isEmpty())) {
            violations.add(rule, "no socket may be left open, but there are, from port to port: " + left());
        }
    }

    /** The number of the socket that an open file is, or an empty text when it is none, or closed meanwhile. */
    private static String socket(Path file) {
        try {
            String target = Files.readSymbolicLink(file).toString();
            return target.startsWith("socket:[") ? target.substring("socket:[".length(), target.length() - 1) : "";
        } catch (IOException e) {
            return "";
        }
    }
}
