package dev.recado;

/**
 * Which message a session gives up when its queue is full. Either way the message is counted as dropped.
 *
 * @since 0.1.0
 */
public enum QueuePolicy {
    /** The one that has just come: what the client gets has no gap before its end. */
    DROP_NEWEST,
    /** The one that has waited longest: what the client gets is the latest. */
    DROP_OLDEST
}
