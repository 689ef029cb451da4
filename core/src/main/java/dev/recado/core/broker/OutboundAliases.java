package dev.recado.core.broker;

import java.util.IdentityHashMap;
import java.util.Map;

/**
 * The topic aliases that the broker has set on one connection: the first topics that it sends on get one, as many as the
 * client takes (MQTT-3.1.2-26). Guarded by the session's lock.
 */
final class OutboundAliases {

    /**
     * A shorter name is sent each time: few bytes could be saved, and a message in a form of one client's own cannot go to it
     * in a {@link Run}.
     */
    static final int SHORTEST_NAME = 32;

    /** By the bytes of the topic's name, of which there is one array for each topic. */
    private final Map<byte[], Integer> byTopic = new IdentityHashMap<>();

    private final int maximum;

    OutboundAliases(int maximum) {
        this.maximum = maximum;
    }

    /** The alias of a topic; 0 when it has none. */
    int of(byte[] topic) {
        Integer alias = byTopic.get(topic);
        return alias == null ? 0 : alias;
    }

    /** The alias that a topic without one can get; 0 when all are taken, or it is not worth one. */
    int next(byte[] topic) {
        return byTopic.size() < maximum && topic.length >= SHORTEST_NAME ? byTopic.size() + 1 : 0;
    }

    void set(byte[] topic, int alias) {
        byTopic.put(topic, alias);
    }
}
