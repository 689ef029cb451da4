package dev.recado.bench.broker;

import dev.recado.bench.load.MqttWire;
import dev.recado.bench.load.NatsWire;
import dev.recado.bench.load.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The brokers that are compared, and how each is started. */
public enum BrokerKind {
    RECADO_NIO("Recado NIO", false),
    RECADO_BLOCKING("Recado blocking", false),
    RELAY("byte relay", false),
    MOSQUITTO("Mosquitto", true),
    NATS("nats-server", true),
    HIVEMQ("HiveMQ CE", true),
    MOQUETTE("Moquette", true),
    ARTEMIS("Artemis", true);

    /** The folders of Debian's packages, which a user's PATH may lack. */
    private static final List<String> SYSTEM_FOLDERS = List.of("/usr/sbin", "/usr/local/sbin");

    /** The same for all who run in a JVM; Netty asks for the rest. */
    private static final List<String> JVM_ARGUMENTS = List.of(
            "-Xmx2g",
            "-Dio.netty.tryReflectionSetAccessible=true",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED");

    private final String title;
    private final boolean peer;

    BrokerKind(String title, boolean peer) {
        this.title = title;
        this.peer = peer;
    }

    public String title() {
        return title;
    }

    /** Somebody else's broker. */
    public boolean isPeer() {
        return peer;
    }

    public boolean isRecado() {
        return this == RECADO_NIO || this == RECADO_BLOCKING;
    }

    /** As on the command line. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public Wire wire() {
        return this == NATS ? new NatsWire() : new MqttWire();
    }

    public boolean runsInJvm() {
        return this != MOSQUITTO && this != NATS;
    }

    /** Why it cannot be started here; empty when it can. */
    public Optional<String> missing() {
        return switch (this) {
            case MOSQUITTO ->
                program("mosquitto").isPresent() ? Optional.empty() : Optional.of("mosquitto is not installed");
            case NATS ->
                program("nats-server").isPresent() ? Optional.empty() : Optional.of("nats-server is not installed");
            case HIVEMQ, MOQUETTE, ARTEMIS ->
                Files.isDirectory(peerFolder().resolve("lib"))
                        ? Optional.empty()
                        : Optional.of("not built: mvn -Pbench package");
            default -> Optional.empty();
        };
    }

    /** @param folder empty, the broker's own */
    List<String> command(int port, Path folder) throws IOException {
        return switch (this) {
            case RECADO_NIO, RECADO_BLOCKING, RELAY ->
                java(
                        System.getProperty("java.class.path"),
                        "dev.recado.bench.Main",
                        "serve",
                        "--broker",
                        id(),
                        "--port",
                        Integer.toString(port));
            case HIVEMQ, MOQUETTE, ARTEMIS ->
                java(
                        peerFolder().resolve("classes") + ":" + peerFolder().resolve("lib") + "/*",
                        "dev.recado.bench.peer.Main",
                        Integer.toString(port),
                        folder.toString());
            case MOSQUITTO ->
                endingWithInput(
                        program("mosquitto").orElseThrow(),
                        "-c",
                        Files.writeString(folder.resolve("mosquitto.conf"), """
                            listener %d 127.0.0.1
                            allow_anonymous true
                            persistence false
                            max_queued_messages 0
                            max_inflight_messages 0
                            set_tcp_nodelay true
                            log_dest stderr
                            log_type error
                            """.formatted(port))
                                .toString());
            case NATS ->
                endingWithInput(
                        program("nats-server").orElseThrow(),
                        "-c",
                        Files.writeString(folder.resolve("nats.conf"), """
                            listen: "127.0.0.1:%d"
                            """.formatted(port))
                                .toString());
        };
    }

    Path peerFolder() {
        return BenchHome.folder().resolve("peers").resolve(id()).resolve("target");
    }

    private static List<String> java(String classPath, String main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_ARGUMENTS);
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(List.of(arguments));
        return command;
    }

    /** A shell that waits for the end of its input and then ends the program: a killed benchmark leaves nothing behind. */
    private static List<String> endingWithInput(String... program) {
        return Stream.concat(
                        Stream.of("sh", "-c", "\"$@\" & program=$!; cat > /dev/null; kill $program; wait", "sh"),
                        Stream.of(program))
                .toList();
    }

    static Optional<String> program(String name) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(Stream.of(path.split(":")), SYSTEM_FOLDERS.stream())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }
}
