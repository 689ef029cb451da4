package dev.recado.auth;

/** What a client wants of a topic. */
public enum Access {
    /** To publish to a topic name. */
    PUBLISH,
    /** To subscribe to a topic filter. */
    SUBSCRIBE
}
