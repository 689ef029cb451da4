package dev.recado.transport.blocking;

import dev.recado.spi.Transport;
import dev.recado.spi.TransportProvider;
import java.util.Set;

/**
 * Offers the blocking transport, as it is without any settings, to {@link java.util.ServiceLoader}.
 *
 * @since 0.1.0
 */
public final class BlockingTransportProvider implements TransportProvider {

    /** For {@link java.util.ServiceLoader}. */
    public BlockingTransportProvider() {}

    @Override
    public String name() {
        return "blocking";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("mqtt");
    }

    @Override
    public int priority() {
        return 50;
    }

    @Override
    public Transport create() {
        return BlockingTransport.builder().build();
    }
}
