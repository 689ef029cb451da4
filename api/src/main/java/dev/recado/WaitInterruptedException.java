package dev.recado;

/** The waiting thread was interrupted; its interrupt status is set. Only the waiting ended: connections and messages on
 *
 * @since 0.1.0
 */
public class WaitInterruptedException extends RecadoException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message the values and the rule
     * @param cause may be {@code null}
     */
    public WaitInterruptedException(String message, Throwable cause) {
        super(message, cause);
    }
}
