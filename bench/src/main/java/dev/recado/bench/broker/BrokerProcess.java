package dev.recado.bench.broker;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A broker in a process of its own, on a loopback port of its own. Used by one thread. */
public final class BrokerProcess implements AutoCloseable {

    private static final int ATTEMPTS = 3;
    private static final Duration START = Duration.ofSeconds(60);
    private static final long END_SECONDS = 10;
    private static final int KIB = 1024;

    private final BrokerKind kind;
    private final int port;
    private final Path folder;
    private final Process process;
    private final BufferedReader output;

    private BrokerProcess(BrokerKind kind) throws IOException {
        this.kind = kind;
        this.port = freePort();
        this.folder = Files.createTempDirectory("recado-bench-" + kind.id());
        this.process = new ProcessBuilder(kind.command(port, folder))
                .redirectError(log().toFile())
                .redirectOutput(
                        kind.isRecado()
                                ? ProcessBuilder.Redirect.PIPE
                                : ProcessBuilder.Redirect.to(new File("/dev/null")))
                .start();
        this.output = process.inputReader(StandardCharsets.US_ASCII);
    }

    /** Starts one that takes connections when this returns. */
    public static BrokerProcess start(BrokerKind kind) throws IOException {
        for (int attempt = 1; ; attempt++) {
            BrokerProcess started = launch(kind);
            try {
                started.awaitListening();
                return started;
            } catch (IOException e) {
                started.close();
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Starts one and does not wait for it. */
    public static BrokerProcess launch(BrokerKind kind) throws IOException {
        return new BrokerProcess(kind);
    }

    public BrokerKind kind() {
        return kind;
    }

    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until it takes connections, looking again every millisecond. */
    public void awaitListening() throws IOException {
        long deadline = System.nanoTime() + START.toNanos();
        while (!takesConnections()) {
            if (!process.isAlive() || System.nanoTime() - deadline > 0) {
                throw new IOException(
                        kind.title() + (process.isAlive() ? " does not listen" : " has ended") + lastWords());
            }
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    private boolean takesConnections() {
        try (Socket socket = new Socket()) {
            socket.connect(address(), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private Path log() {
        return folder.resolve("stderr.log");
    }

    private String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log());
            return lines.isEmpty() ? "" : ": " + lines.get(lines.size() - 1);
        } catch (IOException e) {
            return "";
        }
    }

    // ---- What it costs ----

    /** Bytes allocated so far by all threads; Recado only. */
    public long allocated() throws IOException {
        OutputStream in = process.getOutputStream();
        in.write("allocated\n".getBytes(StandardCharsets.US_ASCII));
        in.flush();
        return Long.parseLong(output.readLine());
    }

    /** Resident bytes. */
    public long resident() throws IOException {
        for (String line :
                Files.readAllLines(Path.of("/proc", Long.toString(program().pid()), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * KIB;
            }
        }
        throw new IOException("no VmRSS of " + kind.title());
    }

    /** Bytes of the heap that are reachable, after a full collection; brokers in a JVM only. */
    public long liveHeap() throws IOException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(process.pid()),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(jcmd.getInputStream(), StandardCharsets.UTF_8))) {
            String[] total = lines.lines()
                    .filter(line -> line.startsWith("Total"))
                    .reduce((first, last) -> last)
                    .orElseThrow(() -> new IOException("jcmd counted nothing in " + kind.title()))
                    .trim()
                    .split(" +");
            return Long.parseLong(total[2]);
        }
    }

    /** The broker itself, behind the shell that some run under. */
    private ProcessHandle program() {
        return kind.runsInJvm()
                ? process.toHandle()
                : process.children()
                        .min(Comparator.comparing(ProcessHandle::pid))
                        .orElseThrow();
    }

    @Override
    public void close() {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has ended already.
        }
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                all.forEach(ProcessHandle::destroyForcibly);
            }
            delete(folder);
        } catch (InterruptedException e) {
            all.forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** Somebody else may be quicker to take it; then the broker ends at once and another is tried. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
