package dev.recado.spi;

import java.time.Duration;
import java.util.Objects;

/**
 * Bounds of one connection.
 *
 * @param lowWaterMark bytes; see T13
 * @param highWaterMark bytes, not under {@code lowWaterMark}
 * @param closeTimeout how long {@link Connection#close} may take before it aborts; positive
 * @since 0.1.0
 */
public record ConnectionOptions(int lowWaterMark, int highWaterMark, Duration closeTimeout) {

    private static final ConnectionOptions DEFAULTS =
            new ConnectionOptions(256 * 1024, 1024 * 1024, Duration.ofSeconds(5));

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException when they are not as described
     */
    public ConnectionOptions {
        Objects.requireNonNull(closeTimeout, "closeTimeout");
        if (lowWaterMark < 0 || highWaterMark < lowWaterMark) {
            throw new IllegalArgumentException("water marks must satisfy 0 <= low <= high, but low is " + lowWaterMark
                    + " and high is " + highWaterMark);
        }
        if (closeTimeout.isNegative() || closeTimeout.isZero()) {
            throw new IllegalArgumentException("closeTimeout must be positive, but is " + closeTimeout);
        }
    }

    /**
     * The usual bounds.
     *
     * @return water marks of 256 KiB and 1 MiB, 5 seconds to close
     */
    public static ConnectionOptions defaults() {
        return DEFAULTS;
    }

    /**
     * These options with other water marks.
     *
     * @param low bytes
     * @param high bytes, not under {@code low}
     * @return a changed copy
     */
    public ConnectionOptions withWaterMarks(int low, int high) {
        return new ConnectionOptions(low, high, closeTimeout);
    }

    /**
     * These options with another bound for closing.
     *
     * @param timeout positive
     * @return a changed copy
     */
    public ConnectionOptions withCloseTimeout(Duration timeout) {
        return new ConnectionOptions(lowWaterMark, highWaterMark, timeout);
    }
}
