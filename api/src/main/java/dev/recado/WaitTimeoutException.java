package dev.recado;

/**
 * What was waited for did not happen in the time allowed. It may still happen.
 *
 * @since 0.1.0
 */
public class WaitTimeoutException extends RecadoException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message the values and the rule
     * @param cause may be {@code null}
     */
    public WaitTimeoutException(String message, Throwable cause) {
        super(message, cause);
    }
}
