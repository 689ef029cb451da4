package dev.recado.auth;

/**
 * What a client wants of a topic.
 *
 * @since 0.1.0
 */
public enum Access {
    /** To publish to a topic name. */
    PUBLISH,
    /** To subscribe to a topic filter. */
    SUBSCRIBE
}
