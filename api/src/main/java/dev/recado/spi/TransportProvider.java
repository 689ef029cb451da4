package dev.recado.spi;

import java.util.Set;

/**
 * A transport as {@link java.util.ServiceLoader} finds it. The endpoint's URI scheme picks the provider; of two that serve
 * one scheme, the higher {@link #priority}. Naming one by hand always wins. Thread-safe.
 *
 * @since 0.1.0
 */
public interface TransportProvider {

    /**
     * What a builder's {@code transport(String)} and a command line call it.
     *
     * @return a short lower-case word: {@code nio}, {@code blocking}
     */
    String name();

    /**
     * Which endpoints it serves.
     *
     * @return URI schemes in lower case, such as {@code mqtt}
     */
    Set<String> schemes();

    /**
     * Decides between providers of one scheme.
     *
     * @return the shipped NIO transport has 100, the blocking one 50
     */
    int priority();

    /**
     * Creates a transport of its own for a broker or a client, which closes it. Opens no socket, starts no thread (T1).
     *
     * @return a new transport
     */
    Transport create();
}
