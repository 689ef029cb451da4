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

// tag::kit[]
/** Every rule that can be observed of a transport, and the whole API over it. */
class UnixConformanceTest extends TransportConformance {

    /** One folder for all tests, which may run at the same time: each asks for a file of its own. */
    @TempDir
    static Path folder;

    private static final AtomicInteger FILES = new AtomicInteger();

    @Override
    protected Transport createTransport() {
        return new UnixTransport();
    }

    @Override
    protected URI listenEndpoint() {
        return URI.create("unix://" + folder.resolve(FILES.getAndIncrement() + ".sock"));
    }

    /** Neither TCP's sockets nor ports nor host names. */
    @Override
    protected Set<Capability> capabilities() {
        return EnumSet.of(Capability.OWN_THREADS);
    }
}
// end::kit[]
