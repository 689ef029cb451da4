package dev.recado.core.client;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * The topic aliases that a publisher has given out on one connection (MQTT 5, section 3.3.2.3.4): one for each topic, as long
 * as there are some left. Not thread-safe.
 */
final class TopicAliases {

    /** More than that is memory of the broker's for little gain. */
    private static final int MOST = 64;

    /** A shorter one is sent each time: few bytes could be saved, and brokers pass a message on faster that needs no change. */
    private static final int SHORTEST_TOPIC = 32;

    private final int max;
    private final Map<ByteBuffer, Integer> aliases = new HashMap<>();

    /** Most publishers have one topic, always in the same array. */
    private byte[] lastTopic;

    private int lastAlias;

    /**
     * None yet.
     *
     * @param max the broker's Topic Alias Maximum; 0: it takes none
     */
    TopicAliases(int max) {
        this.max = Math.min(max, MOST);
    }

    /** What stands for this topic; 0 when nothing does. */
    int of(byte[] topicUtf8) {
        if (topicUtf8 == lastTopic) {
            return lastAlias;
        }
        if (aliases.isEmpty()) {
            return 0;
        }
        Integer alias = aliases.get(ByteBuffer.wrap(topicUtf8));
        return alias == null ? 0 : remember(topicUtf8, alias);
    }

    /** Gives one out, to be sent together with the topic; 0 when there is none left or it is not worth it. */
    int add(byte[] topicUtf8) {
        if (aliases.size() == max || topicUtf8.length < SHORTEST_TOPIC) {
            return 0;
        }
        int alias = aliases.size() + 1;
        aliases.put(ByteBuffer.wrap(topicUtf8), alias);
        return remember(topicUtf8, alias);
    }

    private int remember(byte[] topicUtf8, int alias) {
        lastTopic = topicUtf8;
        lastAlias = alias;
        return alias;
    }
}
