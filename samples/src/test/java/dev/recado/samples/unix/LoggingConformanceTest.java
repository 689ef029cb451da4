package dev.recado.samples.unix;

import dev.recado.spi.Transport;
import dev.recado.testkit.Capability;
import dev.recado.testkit.TransportConformance;
import java.net.URI;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;

/** A transport that wraps another one keeps the rules, too. */
class LoggingConformanceTest extends TransportConformance {

    @TempDir
    static Path folder;

    private static final AtomicInteger FILES = new AtomicInteger();

    @Override
    protected Transport createTransport() {
        return new LoggingTransport(new UnixTransport(), line -> {});
    }

    @Override
    protected URI listenEndpoint() {
        return URI.create("unix://" + folder.resolve(FILES.getAndIncrement() + ".sock"));
    }

    @Override
    protected Set<Capability> capabilities() {
        return EnumSet.of(Capability.OWN_THREADS);
    }
}
