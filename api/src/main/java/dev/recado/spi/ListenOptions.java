package dev.recado.spi;

import java.util.Objects;

/**
 * How to listen.
 *
 * @param backlog connections that may wait to be accepted; positive
 * @param connection bounds of each accepted connection
 * @since 0.1.0
 */
public record ListenOptions(int backlog, ConnectionOptions connection) {

    private static final ListenOptions DEFAULTS = new ListenOptions(1024, ConnectionOptions.defaults());

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException when the backlog is not positive
     */
    public ListenOptions {
        Objects.requireNonNull(connection, "connection");
        if (backlog <= 0) {
            throw new IllegalArgumentException("backlog must be positive, but is " + backlog);
        }
    }

    /**
     * The usual bounds.
     *
     * @return a backlog of 1,024 and {@link ConnectionOptions#defaults()}
     */
    public static ListenOptions defaults() {
        return DEFAULTS;
    }

    /**
     * These options with other bounds for each connection.
     *
     * @param options the bounds
     * @return a changed copy
     */
    public ListenOptions withConnection(ConnectionOptions options) {
        return new ListenOptions(backlog, options);
    }
}
