package dev.recado;

import java.net.SocketAddress;
import java.time.Instant;
import java.util.List;

/**
 * A connected client.
 *
 * @param clientId who it is
 * @param role what it may do
 * @param topics what it stated when connecting: a publisher's topic, a subscriber's filters; empty for plain MQTT clients
 * @param protocol {@code MQTT 5}, {@code MQTT 3.1.1} or {@code MQTT 3.1}
 * @param address where it connects from
 * @param connectedAt since when
 * @since 0.1.0
 */
public record ClientInfo(
        String clientId, Role role, List<String> topics, String protocol, SocketAddress address, Instant connectedAt) {

    /** Copies the topics. */
    public ClientInfo {
        topics = List.copyOf(topics);
    }
}
