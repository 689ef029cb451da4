package dev.recado;

/**
 * The broker, or this library on its behalf, refused: the {@link #reasonCode()} tells why. Trying again does not help.
 *
 * @since 0.1.0
 */
public class RefusedException extends RecadoException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message the values and the rule
     * @param reasonCode what the broker answered, or would have
     */
    public RefusedException(String message, ReasonCode reasonCode) {
        super(message, reasonCode, null);
    }
}
