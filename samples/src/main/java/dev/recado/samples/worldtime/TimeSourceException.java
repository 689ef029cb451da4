package dev.recado.samples.worldtime;

/** The source does not tell the time. Clients are shown the message. */
final class TimeSourceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TimeSourceException(String message, Throwable cause) {
        super(message, cause);
    }
}
