package dev.recado.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Tls;
import dev.recado.core.time.ManualTimers;
import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Transport;
import dev.recado.spi.TransportProvider;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;

/** What is on the class path decides: so each test has a class path of its own. */
class TransportChoiceTest {

    @TempDir
    Path folder;

    // ---- The rig

    /**
     * Chooses where only the given providers are on the class path.
     *
     * @param nameOrNull by which one is chosen by hand
     * @return what was chosen, or why nothing was
     */
    private String choose(String nameOrNull, String endpoint, Class<?>... providers) throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.write(
                services.resolve(TransportProvider.class.getName()),
                Arrays.stream(providers).map(Class::getName).toList());
        URL[] classPath = Stream.concat(
                        Stream.of(folder.toUri().toURL()),
                        Stream.of(TransportChoice.class, TransportProvider.class, Logger.class, Chooser.class)
                                .map(type -> type.getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()))
                .toArray(URL[]::new);
        try (URLClassLoader loader = new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader())) {
            @SuppressWarnings("unchecked")
            BiFunction<String, String, String> chooser = (BiFunction<String, String, String>)
                    loader.loadClass(Chooser.class.getName()).getConstructor().newInstance();
            return chooser.apply(nameOrNull, endpoint);
        }
    }

    /** Loaded by that class path's loader: only the JDK's types pass between it and the test. */
    public static final class Chooser implements BiFunction<String, String, String> {

        @Override
        public String apply(String nameOrNull, String endpoint) {
            TransportChoice choice = new TransportChoice();
            choice.tls(Tls.of(() -> null));
            if (nameOrNull != null) {
                choice.name(nameOrNull);
            }
            try (Transport chosen = choice.transportFor(URI.create(endpoint), new ManualTimers())) {
                return chosen.toString();
            } catch (IllegalArgumentException e) {
                return e.getMessage();
            }
        }
    }

    /** A provider whose transport says whose it is. */
    abstract static class Provider implements TransportProvider {

        private final String name;
        private final Set<String> schemes;
        private final int priority;

        Provider(String name, int priority, String... schemes) {
            this.name = name;
            this.schemes = Set.of(schemes);
            this.priority = priority;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Set<String> schemes() {
            return schemes;
        }

        @Override
        public int priority() {
            return priority;
        }

        @Override
        public Transport create() {
            return new Nowhere(name);
        }
    }

    public static final class Snail extends Provider {
        public Snail() {
            super("snail", 50, "mqtt");
        }
    }

    public static final class Falcon extends Provider {
        public Falcon() {
            super("falcon", 100, "mqtt");
        }
    }

    public static final class Pigeon extends Provider {
        public Pigeon() {
            super("pigeon", 1000, "coop");
        }
    }

    private record Nowhere(String name) implements Transport {

        @Override
        public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) {
            throw new UnsupportedOperationException("only chosen, never used");
        }

        @Override
        public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
            throw new UnsupportedOperationException("only chosen, never used");
        }

        @Override
        public void close() {}

        @Override
        public String toString() {
            return name;
        }
    }

    // ---- What is chosen

    @ParameterizedTest
    @ValueSource(strings = {"mqtt://127.0.0.1:0", "MQTT://127.0.0.1:0"})
    void shouldChooseTheHighestPriorityOfThoseThatServeTheScheme(String endpoint) throws Exception {
        assertThat(choose(null, endpoint, Snail.class, Falcon.class, Pigeon.class))
                .isEqualTo("falcon");
        assertThat(choose(null, endpoint, Pigeon.class, Falcon.class, Snail.class))
                .isEqualTo("falcon");
    }

    @Test
    void shouldChooseByNameWhateverTheSchemeAndThePriority() throws Exception {
        assertThat(choose("snail", "mqtt://127.0.0.1:0", Snail.class, Falcon.class))
                .isEqualTo("snail");
        assertThat(choose("snail", "coop:roof", Snail.class, Pigeon.class)).isEqualTo("snail");
    }

    // ---- What is said when nothing is

    @Test
    void shouldNameTheSchemeAndTheSchemesThatAreServed() throws Exception {
        assertThat(choose(null, "mqtt://127.0.0.1:1883", Pigeon.class))
                .isEqualTo("no transport serves the scheme 'mqtt', which endpoint 'mqtt://127.0.0.1:1883' needs;"
                        + " found: [pigeon [coop]]");
        assertThat(choose(null, "tcp://127.0.0.1:1883", Snail.class, Pigeon.class, Falcon.class))
                .isEqualTo("no transport serves the scheme 'tcp', which endpoint 'tcp://127.0.0.1:1883' needs;"
                        + " found: [falcon [mqtt], pigeon [coop], snail [mqtt]]");
    }

    @Test
    void shouldNameTheNameAndThoseThatThereAre() throws Exception {
        assertThat(choose("raven", "mqtt://127.0.0.1:1883", Pigeon.class, Falcon.class))
                .isEqualTo("no transport is named 'raven'; found: [falcon [mqtt], pigeon [coop]]");
    }

    @Test
    void shouldSayWhatToAddWhenThereIsNone() throws Exception {
        String add = "; none was found at all: add dev.recado:recado-nio or dev.recado:recado-blocking";

        assertThat(choose(null, "mqtt://127.0.0.1:1883"))
                .isEqualTo("no transport serves the scheme 'mqtt', which endpoint 'mqtt://127.0.0.1:1883' needs" + add);
        assertThat(choose("raven", "mqtt://127.0.0.1:1883")).isEqualTo("no transport is named 'raven'" + add);
        assertThat(choose(null, "mqtts://127.0.0.1:8883"))
                .as("TLS needs a transport, too")
                .isEqualTo(
                        "no transport serves the scheme 'mqtt', which endpoint 'mqtts://127.0.0.1:8883' needs" + add);
    }
}
