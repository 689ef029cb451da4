package dev.recado.bench.run;

import dev.recado.bench.broker.BrokerKind;
import dev.recado.bench.broker.BrokerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** The clients' own path: each library with the broker of its maker. */
final class Clients {

    /** The client is a new JVM each time. */
    private static final Duration LEAST_WARM_UP = Duration.ofSeconds(3);

    private Clients() {}

    static Scenario.Measurement throughput(int qos) {
        return (brokers, kind, pace, round) -> {
            BrokerProcess broker = brokers.running(kind);
            Duration warmUp = pace.share() < 1 ? pace.firstWarmUp() : LEAST_WARM_UP;
            Process client = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx1g",
                            "-cp",
                            System.getProperty("java.class.path"),
                            "dev.recado.bench.Main",
                            "client",
                            "--api=" + library(kind),
                            "--port=" + broker.address().getPort(),
                            "--qos=" + qos,
                            "--warm-up=" + warmUp.toMillis(),
                            "--measured=" + pace.measured().toMillis())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim();
                String[] figures = said.split(" ");
                if (figures.length != 3) {
                    throw new IOException("the client ended without a figure");
                }
                return Outcome.of(Metric.MESSAGES, Long.parseLong(figures[0]))
                        .unlessLost(Long.parseLong(figures[1]), Long.parseLong(figures[2]));
            } finally {
                client.destroyForcibly();
            }
        };
    }

    /** Whose client is used with a broker. */
    private static String library(BrokerKind kind) {
        return switch (kind) {
            case NATS -> "jnats";
            case MOSQUITTO -> "paho";
            default -> kind.id();
        };
    }
}
