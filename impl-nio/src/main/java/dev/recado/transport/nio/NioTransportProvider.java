package dev.recado.transport.nio;

import dev.recado.spi.Transport;
import dev.recado.spi.TransportProvider;
import java.util.Set;

/**
 * Offers the NIO transport, as it is without any settings, to {@link java.util.ServiceLoader}.
 *
 * @since 0.1.0
 */
public final class NioTransportProvider implements TransportProvider {

    /** For {@link java.util.ServiceLoader}. */
    public NioTransportProvider() {}

    @Override
    public String name() {
        return "nio";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("mqtt");
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public Transport create() {
        return NioTransport.builder().build();
    }
}
