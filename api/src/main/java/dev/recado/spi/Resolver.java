package dev.recado.spi;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Looks host names up: {@link InetAddress#getAllByName}, or what a test or a user puts in its place. Thread-safe.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface Resolver {

    /**
     * Looks one host up. May block for seconds.
     *
     * @param host a name, never an address
     * @return at least one address
     * @throws UnknownHostException when there is no such host
     */
    InetAddress[] resolve(String host) throws UnknownHostException;
}
