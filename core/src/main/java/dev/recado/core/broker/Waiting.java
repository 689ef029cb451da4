package dev.recado.core.broker;

import dev.recado.QoS;

/**
 * A message for one session, on that session's terms, before it is sent or while it is not acknowledged.
 *
 * @param message shared with other sessions
 * @param qos what it is delivered with
 * @param retain the RETAIN flag it is delivered with
 * @param identifiers Subscription Identifiers; null for none
 * @param group of which shared subscription this session got it; null for none
 * @param mayComeLive whether it is sent as a stored message, and may come live, too
 */
record Waiting(
        StoredMessage message, QoS qos, boolean retain, int[] identifiers, ShareGroup group, boolean mayComeLive) {}
