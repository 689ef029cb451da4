package dev.recado.bench.run;

import dev.recado.bench.broker.BrokerKind;
import dev.recado.bench.broker.Versions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;

/** Where and with what was measured. */
public record Machine(
        String at,
        String processor,
        int cores,
        String memory,
        String system,
        String jvm,
        Map<BrokerKind, String> versions) {

    private static final long KIB_A_GIB = 1 << 20;

    static Machine here(Collection<BrokerKind> brokers) throws IOException {
        Map<BrokerKind, String> versions = new EnumMap<>(BrokerKind.class);
        for (BrokerKind broker : brokers) {
            versions.put(broker, Versions.of(broker));
        }
        return new Machine(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                value("/proc/cpuinfo", "model name"),
                Runtime.getRuntime().availableProcessors(),
                Long.parseLong(value("/proc/meminfo", "MemTotal").replaceAll("[^0-9]", "")) / KIB_A_GIB + " GiB",
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
                versions);
    }

    private static String value(String file, String name) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).trim())
                .findFirst()
                .orElse("unknown");
    }
}
