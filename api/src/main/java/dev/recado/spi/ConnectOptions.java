package dev.recado.spi;

import java.time.Duration;
import java.util.Objects;

/**
 * How to connect.
 *
 * @param timeout how long looking up the host and connecting may take; positive
 * @param connection bounds of the connection
 * @since 0.1.0
 */
public record ConnectOptions(Duration timeout, ConnectionOptions connection) {

    private static final ConnectOptions DEFAULTS =
            new ConnectOptions(Duration.ofSeconds(10), ConnectionOptions.defaults());

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException when the timeout is not positive
     */
    public ConnectOptions {
        Objects.requireNonNull(timeout, "timeout");
        Objects.requireNonNull(connection, "connection");
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be positive, but is " + timeout);
        }
    }

    /**
     * The usual bounds.
     *
     * @return 10 seconds and {@link ConnectionOptions#defaults()}
     */
    public static ConnectOptions defaults() {
        return DEFAULTS;
    }

    /**
     * These options with another timeout.
     *
     * @param connectTimeout positive
     * @return a changed copy
     */
    public ConnectOptions withTimeout(Duration connectTimeout) {
        return new ConnectOptions(connectTimeout, connection);
    }

    /**
     * These options with other bounds for the connection.
     *
     * @param options the bounds
     * @return a changed copy
     */
    public ConnectOptions withConnection(ConnectionOptions options) {
        return new ConnectOptions(timeout, options);
    }
}
