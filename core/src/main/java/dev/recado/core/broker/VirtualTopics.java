package dev.recado.core.broker;

import dev.recado.QoS;
import dev.recado.core.codec.TopicRules;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The topic catalogue as a subscriber sees it: for each topic a message under {@code $recado/topics/} that carries its name,
 * as if it were retained there. Nothing is stored for it.
 */
final class VirtualTopics {

    /** The broker's own: what it publishes itself, and {@link ReplyTopics}. */
    static final String ROOT = "$recado/";

    private static final String TOPICS = ROOT + "topics/";
    private static final String EVERYTHING = "#";
    private static final int LONGEST_NAME = 65_535;

    private VirtualTopics() {}

    static boolean concerns(String filter) {
        return filter.startsWith(ROOT);
    }

    /** Whether a message to this topic is virtual: then its name is not the one array that a topic has. */
    static boolean isVirtual(byte[] topic) {
        return topic[0] == '$';
    }

    /** The topic filter that a client must be allowed to subscribe to for this one: who is told a topic's name may read it. */
    static String neededFor(String filter) {
        String topicFilter = TopicRules.withoutShare(filter);
        if (topicFilter.startsWith(TOPICS)) {
            String rest = topicFilter.substring(TOPICS.length());
            return rest.isEmpty() ? EVERYTHING : rest;
        }
        boolean reachesAbove = topicFilter.startsWith(ROOT + "+") || topicFilter.startsWith(ROOT + EVERYTHING);
        return reachesAbove ? EVERYTHING : topicFilter;
    }

    /** The topics whose virtual message a filter matches. */
    static List<Topic> matching(String filter, TopicCatalogue catalogue) {
        if (filter.startsWith(TOPICS)) {
            String rest = filter.substring(TOPICS.length());
            return TopicRules.filterViolation(rest) == null ? catalogue.matching(rest) : List.of();
        }
        return TopicRules.matches(filter, TOPICS + "x") ? catalogue.matching("#") : List.of();
    }

    /** The name under which a topic is announced; null when it would be longer than MQTT allows. */
    static String nameFor(Topic topic) {
        return TOPICS.length() + topic.utf8.length > LONGEST_NAME ? null : TOPICS + topic.name;
    }

    /** The virtual message of a topic; null when the topic's name is too long for one. */
    static StoredMessage message(Topic topic) {
        String name = nameFor(topic);
        return name == null
                ? null
                : new StoredMessage(
                        name.getBytes(StandardCharsets.UTF_8),
                        QoS.AT_LEAST_ONCE,
                        true,
                        topic.utf8,
                        0,
                        false,
                        0,
                        StoredMessage.Stamp.NONE);
    }
}
