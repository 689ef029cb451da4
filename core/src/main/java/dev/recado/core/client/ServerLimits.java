package dev.recado.core.client;

import dev.recado.QoS;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;

/**
 * What the broker's CONNACK allows (MQTT 5, section 3.2.2.3). A Topic Alias Maximum needs no place here: this client sends
 * no aliases.
 *
 * @param clientId the one asked for, or the assigned one
 * @param keepAliveSeconds the one asked for, or the broker's; 0: off
 * @param receiveMaximum unacknowledged messages that the broker takes
 * @param maxPacketSize bytes of the largest packet that it takes
 * @param maxQos the highest QoS that it takes
 * @param retainAvailable whether it keeps last values
 * @param wildcardsAvailable whether filters may have wildcards
 * @param sharedAvailable whether there are shared subscriptions
 */
record ServerLimits(
        String clientId,
        int keepAliveSeconds,
        int receiveMaximum,
        int maxPacketSize,
        QoS maxQos,
        boolean retainAvailable,
        boolean wildcardsAvailable,
        boolean sharedAvailable) {

    /** The largest packet that MQTT has: a fixed header of 5 bytes and a Remaining Length of 28 bits. */
    static final int LARGEST_PACKET = 5 + 0xFFF_FFFF;

    static ServerLimits of(Packet.Connect asked, Packet.ConnAck answer) {
        Properties granted = answer.properties();
        String assigned = granted.text(Property.ASSIGNED_CLIENT_IDENTIFIER);
        return new ServerLimits(
                assigned == null ? asked.clientId() : assigned,
                (int) granted.number(Property.SERVER_KEEP_ALIVE, asked.keepAlive()),
                (int) granted.number(Property.RECEIVE_MAXIMUM, 0xFFFF),
                (int) Math.min(LARGEST_PACKET, granted.number(Property.MAXIMUM_PACKET_SIZE, LARGEST_PACKET)),
                QoS.of((int) granted.number(Property.MAXIMUM_QOS, 2)),
                granted.number(Property.RETAIN_AVAILABLE, 1) == 1,
                granted.number(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, 1) == 1,
                granted.number(Property.SHARED_SUBSCRIPTION_AVAILABLE, 1) == 1);
    }
}
