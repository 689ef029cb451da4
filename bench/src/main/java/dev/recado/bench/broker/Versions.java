package dev.recado.bench.broker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which version of a broker it is. */
public final class Versions {

    private static final Pattern NUMBER = Pattern.compile("[0-9]+(\\.[0-9]+)+");

    private Versions() {}

    public static String of(BrokerKind kind) throws IOException {
        return switch (kind) {
            case RECADO_NIO, RECADO_BLOCKING, RELAY ->
                Optional.ofNullable(Versions.class.getPackage().getImplementationVersion())
                        .orElse("this source");
            case MOSQUITTO -> said("mosquitto", "-h");
            case NATS -> said("nats-server", "--version");
            case HIVEMQ -> ofJar(kind, "hivemq-community-edition-embedded");
            case MOQUETTE -> ofJar(kind, "moquette-broker");
            case ARTEMIS -> ofJar(kind, "artemis-server");
        };
    }

    private static String said(String program, String option) throws IOException {
        Process process = new ProcessBuilder(BrokerKind.program(program).orElseThrow(), option)
                .redirectErrorStream(true)
                .start();
        return number(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    private static String ofJar(BrokerKind kind, String artifact) throws IOException {
        try (Stream<Path> jars = Files.list(kind.peerFolder().resolve("lib"))) {
            return jars.map(jar -> jar.getFileName().toString())
                    .filter(name -> name.startsWith(artifact))
                    .map(Versions::number)
                    .findFirst()
                    .orElse("unknown");
        }
    }

    private static String number(String text) {
        Matcher found = NUMBER.matcher(text);
        return found.find() ? found.group() : "unknown";
    }
}
