package dev.recado.core.broker;

import dev.recado.QoS;
import dev.recado.core.codec.TopicRules;

/**
 * A session's subscription.
 *
 * @param session whose
 * @param filter the topic filter as the client gave it, {@code $share/} included
 * @param qos the highest QoS granted
 * @param noLocal whether the session's own messages stay away
 * @param retainAsPublished whether the publisher's RETAIN flag is kept
 * @param identifiers the Subscription Identifier, alone in an array that is never changed; null for none
 */
record Subscription(
        Session session, String filter, QoS qos, boolean noLocal, boolean retainAsPublished, int[] identifiers) {

    boolean isShared() {
        return TopicRules.isShared(filter);
    }

    String shareName() {
        return TopicRules.shareName(filter);
    }

    /** What topics are matched with. */
    String topicFilter() {
        return TopicRules.withoutShare(filter);
    }

    Terms terms() {
        return new Terms(qos, retainAsPublished, identifiers);
    }
}
