package dev.recado.core.broker;

import dev.recado.QoS;

/**
 * A session's subscription.
 *
 * @param session whose
 * @param filter the topic filter
 * @param qos the highest QoS granted
 * @param noLocal whether the session's own messages stay away
 * @param retainAsPublished whether the publisher's RETAIN flag is kept
 */
record Subscription(Session session, String filter, QoS qos, boolean noLocal, boolean retainAsPublished) {

    Matches.Target asTarget() {
        return new Matches.Target(session, qos, retainAsPublished, noLocal);
    }
}
