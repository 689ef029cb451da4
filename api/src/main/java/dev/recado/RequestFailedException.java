package dev.recado;

import java.util.Optional;

/**
 * A request that gets no reply: its responder answered that it failed, which {@link #error} tells, or there is no responder,
 * and {@link #reasonCode} is {@link ReasonCode#NO_MATCHING_SUBSCRIBERS}.
 *
 * @since 0.1.0
 */
public class RequestFailedException extends RecadoException {

    private static final long serialVersionUID = 1L;

    /** Null when no responder said anything. */
    private final String error;

    /**
     * For a responder's handler that refuses a request, for the requester's fault and not its own. The requester is told, and
     * nothing is logged.
     *
     * @param error for the requester to read
     */
    public RequestFailedException(String error) {
        this(error, error);
    }

    /**
     * For a request that nobody answers.
     *
     * @param message the topic, and what the broker said
     * @param reasonCode what the broker said
     */
    public RequestFailedException(String message, ReasonCode reasonCode) {
        super(message, reasonCode, null);
        this.error = null;
    }

    /**
     * For a request whose responder failed.
     *
     * @param message the topic, and what the responder said
     * @param error what the responder said
     */
    public RequestFailedException(String message, String error) {
        super(message, null);
        this.error = error;
    }

    /**
     * The responder's own words. They come from another process: a program that shows them shows what others wrote.
     *
     * @return empty when nobody answered
     */
    public Optional<String> error() {
        return Optional.ofNullable(error);
    }
}
