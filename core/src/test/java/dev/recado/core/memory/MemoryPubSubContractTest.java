package dev.recado.core.memory;

import dev.recado.spi.Transport;
import dev.recado.testkit.Capability;
import dev.recado.testkit.PubSubContract;
import java.net.URI;
import java.util.EnumSet;
import java.util.Set;

/** Both ends are in one transport, so the one that listens also connects. */
class MemoryPubSubContractTest extends PubSubContract {

    private MemoryTransport transport;

    @Override
    protected Transport createTransport() {
        transport = new MemoryTransport();
        return transport;
    }

    @Override
    protected Transport createClientTransport() {
        return transport;
    }

    @Override
    protected URI listenEndpoint() {
        return URI.create("memory://contract");
    }

    @Override
    protected Set<Capability> capabilities() {
        return EnumSet.of(Capability.OWN_THREADS);
    }
}
