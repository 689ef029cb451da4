package dev.recado;

/**
 * The broker, publisher or subscriber is closed.
 *
 * @since 0.1.0
 */
public class ClosedException extends RecadoException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message the values and the rule
     * @param cause may be {@code null}
     */
    public ClosedException(String message, Throwable cause) {
        super(message, cause);
    }
}
