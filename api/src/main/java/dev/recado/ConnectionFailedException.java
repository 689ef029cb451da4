package dev.recado;

/**
 * The broker cannot be reached, or the connection to it was lost. Trying again later may help.
 *
 * @since 0.1.0
 */
public class ConnectionFailedException extends RecadoException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message the values and the rule
     * @param cause may be {@code null}
     */
    public ConnectionFailedException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Creates the exception for a broker that ended the connection and said why.
     *
     * @param message the values and the rule
     * @param reasonCode what the broker said
     * @param cause may be {@code null}
     */
    public ConnectionFailedException(String message, ReasonCode reasonCode, Throwable cause) {
        super(message, reasonCode, cause);
    }
}
