package dev.recado.core.broker;

import dev.recado.QoS;

/**
 * Who gets the messages of a topic, each session once.
 *
 * @param targets one for each session; shared, never changed
 * @param version the routing version that this is true for
 */
record Matches(Target[] targets, long version) {

    /** Up to this many targets a topic remembers them. */
    static final int MOST_REMEMBERED = 64;

    /**
     * A session and the terms of its matching subscriptions taken together (MQTT-3.3.4-2: the highest QoS of them all).
     *
     * @param session who
     * @param maxQoS the highest QoS granted
     * @param retainAsPublished whether any of the subscriptions asks for it
     * @param noLocal whether all of them exclude the session's own messages
     */
    record Target(Session session, QoS maxQoS, boolean retainAsPublished, boolean noLocal) {

        Target and(Subscription also) {
            return new Target(
                    session,
                    maxQoS.value() >= also.qos().value() ? maxQoS : also.qos(),
                    retainAsPublished || also.retainAsPublished(),
                    noLocal && also.noLocal());
        }
    }
}
