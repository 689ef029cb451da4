package dev.recado.core.broker;

import dev.recado.core.codec.ProtocolVersion;
import dev.recado.spi.Connection;

/**
 * The connection under a session, with what its CONNECT agreed on. A session has one after the other; each call names the link
 * that it comes from, so that what comes late from an earlier one changes nothing.
 *
 * @param connection to the client
 * @param version of MQTT
 * @param receiveMaximum QoS 1 and 2 messages that the client takes unacknowledged
 * @param maxPacketSize bytes; a packet that is larger is not for this client
 * @param aliases null when the client takes none
 */
record Link(
        Connection connection,
        ProtocolVersion version,
        int receiveMaximum,
        long maxPacketSize,
        OutboundAliases aliases) {

    static Link to(Connection connection, Handshake.Accepted client, int mostAliases) {
        int aliases = Math.min(client.topicAliasMaximum(), mostAliases);
        return new Link(
                connection,
                client.version(),
                client.receiveMaximum(),
                client.maxPacketSize(),
                aliases == 0 ? null : new OutboundAliases(aliases));
    }
}
