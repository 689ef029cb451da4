package dev.recado;

/**
 * Told whenever a client's {@link ConnectionState} changes, on a thread of the client's.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface StateListener {

    /**
     * Called once for each change, in order, on a thread of the client's that it may delay but must not block for long.
     *
     * @param from the state that was left
     * @param to the new state
     * @param cause why a connection was lost, could not be made again or ended; {@code null} when nothing went wrong
     */
    void changed(ConnectionState from, ConnectionState to, RecadoException cause);
}
