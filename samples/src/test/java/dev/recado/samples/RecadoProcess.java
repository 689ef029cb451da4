package dev.recado.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The packaged jar, running as a process of its own, with the JVM that runs the tests. Killed when closed. */
public final class RecadoProcess implements AutoCloseable {

    /** Far beyond what anything here takes, also on a busy machine; a test that waits this long has failed. */
    private static final long PATIENCE_SECONDS = 30;

    private static final String RESET_SIGNALS = "--default-signal=HUP,INT,TERM";

    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final String JAR = Objects.requireNonNull(
            System.getProperty("recado.jar"),
            "recado.jar is not set: run these tests with mvn verify, which packages it");

    /**
     * A process ignores the signals that its parent does, and whoever runs the tests with {@code nohup}, or behind an
     * {@code &} in a script, ignores some: back to what they do by default, where there is a command for it.
     */
    private static final List<String> WITH_ALL_SIGNALS = canResetSignals() ? List.of("env", RESET_SIGNALS) : List.of();

    private final Process process;
    private final BlockingQueue<String> output = new LinkedBlockingQueue<>();
    private final List<String> errors = Collections.synchronizedList(new ArrayList<>());
    private final List<Thread> readers;

    private RecadoProcess(ProcessBuilder builder) {
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        readers = List.of(reader(process.getInputStream(), output::add), reader(process.getErrorStream(), errors::add));
    }

    /** {@code java -jar recado.jar arguments...} */
    public static RecadoProcess start(String... arguments) {
        return new RecadoProcess(new ProcessBuilder(command(List.of("-jar", JAR), arguments)));
    }

    /** A command with the options for an endpoint, and more arguments. */
    public static RecadoProcess startAt(URI endpoint, String transport, String command, String... arguments) {
        List<String> all = new ArrayList<>(List.of(command, "--host", endpoint.getHost()));
        all.addAll(List.of("--port", String.valueOf(endpoint.getPort()), "--transport", transport));
        all.addAll(List.of(arguments));
        return start(all.toArray(String[]::new));
    }

    /** {@code java -cp recado.jar mainClass} */
    public static RecadoProcess startClass(Class<?> mainClass) {
        return new RecadoProcess(new ProcessBuilder(command(List.of("-cp", JAR), mainClass.getName())));
    }

    /** What to type into a shell for {@code java -jar recado.jar}. */
    static String shellCommand() {
        return String.join(" ", command(List.of("-jar", JAR)));
    }

    /** A shell's command line in a locale; {@code $RECADO} in it stands for {@code java -jar recado.jar}. */
    public static RecadoProcess startShell(String locale, String script) {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script);
        builder.environment().put("LC_ALL", locale);
        builder.environment().put("RECADO", shellCommand());
        return new RecadoProcess(builder);
    }

    /** A broker on a free port; its endpoint is the first line that it prints. */
    public static RecadoProcess startBroker(String transport) {
        return start("broker", "--port", "0", "--transport", transport);
    }

    private static boolean canResetSignals() {
        try {
            return new ProcessBuilder("env", RESET_SIGNALS, "true").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> command(List<String> jar, String... arguments) {
        return Stream.of(WITH_ALL_SIGNALS, List.of(JAVA, "-XX:TieredStopAtLevel=1"), jar, List.of(arguments))
                .flatMap(List::stream)
                .toList();
    }

    private static Thread reader(InputStream stream, Consumer<String> lines) {
        Thread thread = new Thread(() -> {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                reader.lines().forEach(lines);
            } catch (IOException | UncheckedIOException e) {
                lines.accept("(stream broken: " + e + ")");
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** The next line of standard output. */
    public String nextLine() throws InterruptedException {
        String line = output.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(line).as("next line of output; errors: %s", errors).isNotNull();
        return line;
    }

    /** The next line of a broker's standard output, as the endpoint that it states. */
    public URI nextEndpoint() throws InterruptedException {
        return URI.create(nextLine());
    }

    /** Writes a line to standard input. */
    public void type(String line) throws IOException {
        OutputStream input = process.getOutputStream();
        input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        input.flush();
    }

    /** Ends standard input. */
    public void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /** Sends SIGTERM. */
    public void terminate() {
        // Not Process.destroy(), which would close the streams with what is still in them.
        process.toHandle().destroy();
    }

    /** Sends SIGKILL, of which the process learns nothing. */
    public void kill() {
        process.toHandle().destroyForcibly();
    }

    /** Sends a signal, such as {@code STOP}, with the system's own command. */
    public void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).as("kill -%s", name).isZero();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for the end. */
    public int exitCode() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("has ended; output: %s, errors: %s", output, errors)
                .isTrue();
        for (Thread reader : readers) {
            reader.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        }
        return process.exitValue();
    }

    /** What is left of standard output; complete after {@link #exitCode}. */
    public List<String> output() {
        return List.copyOf(output);
    }

    /** Standard error; complete after {@link #exitCode}. */
    public List<String> errors() {
        return List.copyOf(errors);
    }

    /** Waits for the end, which must be a success without a word on standard error, and returns standard output. */
    public List<String> success() throws InterruptedException {
        assertThat(exitCode()).as("exit code; errors: %s", errors).isZero();
        assertThat(errors).isEmpty();
        return output();
    }

    /** Waits for the end, which must be a failure explained in one line, and returns that line. */
    public String failure() throws InterruptedException {
        assertThat(exitCode()).as("exit code; errors: %s", errors).isEqualTo(1);
        assertThat(output).isEmpty();
        assertThat(errors).hasSize(1);
        return errors.get(0);
    }

    @Override
    public void close() {
        // A shell's children, too.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
