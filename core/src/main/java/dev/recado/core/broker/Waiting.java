package dev.recado.core.broker;

import dev.recado.QoS;

/**
 * A message in one session's queue, on that session's terms.
 *
 * @param message shared with other sessions
 * @param qos what it is delivered with
 * @param retain the RETAIN flag it is delivered with
 */
record Waiting(StoredMessage message, QoS qos, boolean retain) {}
