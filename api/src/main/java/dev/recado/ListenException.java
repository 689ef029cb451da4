package dev.recado;

/**
 * The broker cannot listen on an endpoint; most often another program has the port.
 *
 * @since 0.1.0
 */
public class ListenException extends RecadoException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message the values and the rule
     * @param cause may be {@code null}
     */
    public ListenException(String message, Throwable cause) {
        super(message, cause);
    }
}
