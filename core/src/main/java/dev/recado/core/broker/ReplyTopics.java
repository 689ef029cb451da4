package dev.recado.core.broker;

import dev.recado.Limits;
import dev.recado.core.codec.TopicRules;
import java.nio.charset.StandardCharsets;

/**
 * The reply topic that each client has for itself, {@code $recado/reply/} and its identifier: it alone may subscribe there, and
 * everyone may publish. Such a topic is not catalogued, has no last value, and no wildcard matches it.
 */
final class ReplyTopics {

    private static final String ROOT = VirtualTopics.ROOT + "reply/";
    private static final int LEVELS = 3;
    private static final int LONGEST_NAME = 65_535;

    private ReplyTopics() {}

    /** The reply topic of a client; null when its identifier, or a limit, allows none. */
    static String of(String clientId, Limits limits) {
        return LEVELS <= limits.maxTopicLevels()
                        && isLevel(clientId)
                        && ROOT.length() + clientId.getBytes(StandardCharsets.UTF_8).length <= LONGEST_NAME
                ? ROOT + clientId
                : null;
    }

    /** Whether a topic name is a reply topic. */
    static boolean is(String topic) {
        return topic.startsWith(ROOT) && isLevel(topic.substring(ROOT.length()));
    }

    private static boolean isLevel(String text) {
        return !text.isEmpty() && text.indexOf('/') < 0 && !TopicRules.hasWildcard(text);
    }

    /** Why a client may not subscribe to a filter; null when reply topics have nothing against it. */
    static String violationOfSubscribe(String filter, String clientId) {
        String topicFilter = TopicRules.withoutShare(filter);
        boolean allowed = !topicFilter.startsWith(ROOT) || filter.equals(ROOT + clientId);
        return allowed
                ? null
                : "topic filter '" + filter + "' is about the replies to others: client '" + clientId
                        + "' may subscribe to its own reply topic only";
    }
}
