package dev.recado.transport.blocking;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Looks host names up; {@link InetAddress#getAllByName}, except in tests. */
@FunctionalInterface
interface Resolver {

    /**
     * May block for seconds.
     *
     * @return at least one address
     */
    InetAddress[] resolve(String host) throws UnknownHostException;
}
