package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.QoS;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The programs {@code mosquitto_sub} and {@code mosquitto_pub}. Each publish is a process and a connection of its own. */
final class MosquittoClients implements Client {

    private static final int LIMIT_SECONDS = 20;

    private final String version;
    private final List<String> options;

    /** Takes what {@code -V} takes, and further options. */
    MosquittoClients(String version, String... options) {
        this.version = version;
        this.options = List.of(options);
    }

    @Override
    public String protocol() {
        return version.equals("mqttv5") ? "MQTT 5" : "MQTT 3.1.1";
    }

    @Override
    public Inbox subscribe(URI broker, String clientId, String filter, QoS qos) throws Exception {
        // Its debug output tells when the SUBACK has come, and without stdbuf would come when its buffer is full.
        List<String> command = command(Native.MOSQUITTO_SUB, broker, clientId, filter, qos);
        command.addAll(0, List.of("stdbuf", "-oL"));
        command.addAll(List.of("-d", "-F", Output.FORMAT));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Output output = new Output(process);
        output.start();
        if (!output.subscribed.await(LIMIT_SECONDS, TimeUnit.SECONDS) || !process.isAlive()) {
            process.destroyForcibly();
            throw new AssertionError("mosquitto_sub did not subscribe; it says " + output.said());
        }
        return output.inbox.endsWith(() -> {
            // SIGTERM, on which it says DISCONNECT.
            process.destroy();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("mosquitto_sub does not end; it says " + output.said());
            }
        });
    }

    @Override
    public Outbox publishTo(URI broker, String clientId, String topic) {
        return new Outbox() {
            @Override
            public void publish(byte[] payload, QoS qos, boolean retain) throws Exception {
                List<String> command = command(Native.MOSQUITTO_PUB, broker, clientId, topic, qos);
                command.add(payload.length == 0 ? "-n" : "-s");
                if (retain) {
                    command.add("-r");
                }
                run(command, payload);
            }

            @Override
            public void close() {}
        };
    }

    private static void run(List<String> command, byte[] input) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input);
        }
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command + " does not end");
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as("%s says '%s'", command, said).isZero();
    }

    private List<String> command(Native program, URI broker, String clientId, String topic, QoS qos) {
        List<String> command = new ArrayList<>(List.of(
                program.path(),
                "-V",
                version,
                "-h",
                broker.getHost(),
                "-p",
                String.valueOf(broker.getPort()),
                "-i",
                clientId,
                "-t",
                topic,
                "-q",
                String.valueOf(qos.value())));
        command.addAll(options);
        return command;
    }

    /** Reads what {@code mosquitto_sub} prints: messages, and notes for people in between. */
    private static final class Output extends Thread {

        static final String FORMAT = "MESSAGE %q %r %x %t";

        private static final String SUBSCRIBED = "Subscribed (mid";

        final Inbox inbox = new Inbox();
        final CountDownLatch subscribed = new CountDownLatch(1);
        private final BufferedReader lines;
        private final List<String> notes = new ArrayList<>();

        Output(Process process) {
            super("output of mosquitto_sub");
            setDaemon(true);
            lines = process.inputReader(StandardCharsets.UTF_8);
        }

        @Override
        public void run() {
            try {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    take(line);
                }
            } catch (IOException e) {
                // As it is when the process is ended from here. Thrown, it would fail whatever test waits at that time.
                take("(stream broken: " + e + ")");
            } finally {
                subscribed.countDown();
            }
        }

        private void take(String line) {
            if (line.startsWith("MESSAGE ")) {
                String[] parts = line.split(" ", 5);
                inbox.add(new Received(
                        parts[4],
                        HexFormat.of().parseHex(parts[3]),
                        QoS.of(Integer.parseInt(parts[1])),
                        parts[2].equals("1")));
                return;
            }
            synchronized (notes) {
                notes.add(line);
            }
            if (line.startsWith(SUBSCRIBED)) {
                subscribed.countDown();
            }
        }

        String said() {
            synchronized (notes) {
                return notes.toString();
            }
        }
    }
}
