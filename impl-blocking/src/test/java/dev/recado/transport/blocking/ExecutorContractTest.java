package dev.recado.transport.blocking;

import dev.recado.spi.Transport;
import dev.recado.testkit.Capability;
import dev.recado.testkit.TransportContract;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** With threads that belong to somebody else. */
class ExecutorContractTest extends TransportContract {

    private static ExecutorService executor;

    @BeforeAll
    static void startExecutor() {
        executor = Executors.newCachedThreadPool();
    }

    @AfterAll
    static void stopExecutor() {
        executor.shutdownNow();
    }

    @Override
    protected Transport createTransport() {
        return BlockingTransport.builder().executor(executor).build();
    }

    @Override
    protected Set<Capability> capabilities() {
        return EnumSet.complementOf(EnumSet.of(Capability.OWN_THREADS));
    }
}
