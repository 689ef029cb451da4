package dev.recado.spi;

/**
 * Supplies the handler of a new connection. Thread-safe: connections come on any of a transport's threads.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface Acceptor {

    /**
     * Called once for each connection, before any byte flows and before {@link ConnectionHandler#opened}; on a transport
     * thread, or inside {@link Transport#connect}.
     *
     * @param connection the outbound half; what is written before {@code opened} goes out after it
     * @return the inbound half; when it is {@code null}, or this method throws, the connection is aborted (T25)
     */
    ConnectionHandler accept(Connection connection);
}
