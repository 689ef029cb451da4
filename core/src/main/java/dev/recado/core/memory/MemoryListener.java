package dev.recado.core.memory;

import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.Listener;
import java.net.URI;

/** A name under which one {@link MemoryTransport} accepts connections. */
final class MemoryListener implements Listener {

    private final MemoryTransport transport;
    private final URI endpoint;
    private final ConnectionOptions options;
    private final Acceptor acceptor;

    MemoryListener(MemoryTransport transport, URI endpoint, ConnectionOptions options, Acceptor acceptor) {
        this.transport = transport;
        this.endpoint = endpoint;
        this.options = options;
        this.acceptor = acceptor;
    }

    @Override
    public URI endpoint() {
        return endpoint;
    }

    ConnectionOptions options() {
        return options;
    }

    Acceptor acceptor() {
        return acceptor;
    }

    @Override
    public void close() {
        transport.remove(this);
    }
}
