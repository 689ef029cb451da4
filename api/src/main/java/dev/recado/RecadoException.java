package dev.recado;

import java.util.Optional;

/**
 * Something went wrong between a program and its broker. The message names the value and the rule that it broke.
 *
 * @since 0.1.0
 */
public class RecadoException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Null when MQTT has no code for this. */
    private final ReasonCode reasonCode;

    /**
     * Without a reason code.
     *
     * @param message the values and the rule
     * @param cause may be {@code null}
     */
    public RecadoException(String message, Throwable cause) {
        this(message, null, cause);
    }

    /**
     * With a reason code.
     *
     * @param message the values and the rule
     * @param reasonCode may be {@code null}
     * @param cause may be {@code null}
     */
    public RecadoException(String message, ReasonCode reasonCode, Throwable cause) {
        super(message, cause);
        this.reasonCode = reasonCode;
    }

    /**
     * MQTT's word for what happened.
     *
     * @return the code, where MQTT has one
     */
    public Optional<ReasonCode> reasonCode() {
        return Optional.ofNullable(reasonCode);
    }
}
