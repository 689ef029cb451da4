package dev.recado.spi;

import java.net.URI;

/**
 * An address on which a {@link Transport} accepts connections. Thread-safe.
 *
 * @since 0.1.0
 */
public interface Listener extends AutoCloseable {

    /**
     * Where clients connect to.
     *
     * @return the endpoint asked for, with the real port (T2)
     */
    URI endpoint();

    /** Stops accepting; the address is free when this returns, and existing connections live on (T21). Idempotent. */
    @Override
    void close();
}
