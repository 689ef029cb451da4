package dev.recado.core.client;

import dev.recado.QoS;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import java.util.List;

/**
 * What the broker's CONNACK allows (MQTT 5, section 3.2.2.3); of MQTT 3.1.1, whose CONNACK says little, what its standard
 * does.
 *
 * @param clientId the one asked for, or the assigned one
 * @param sessionPresent whether the broker goes on with a session that it has kept
 * @param keepsSession whether it keeps this one when the connection ends
 * @param keepAliveSeconds the one asked for, or the broker's; 0: off
 * @param receiveMaximum unacknowledged messages that the broker takes
 * @param maxPacketSize bytes of the largest packet that it takes
 * @param topicAliasMaximum the highest topic alias that it takes; 0: none
 * @param maxQos the highest QoS that it takes
 * @param retainAvailable whether it keeps last values
 * @param wildcardsAvailable whether filters may have wildcards
 * @param sharedAvailable whether there are shared subscriptions
 * @param replayAvailable whether it has Recado's extension for history
 * @param responseInformation where responses to this client are to go, as far as it asked; {@code null} when it is not told
 */
record ServerLimits(
        String clientId,
        boolean sessionPresent,
        boolean keepsSession,
        int keepAliveSeconds,
        int receiveMaximum,
        int maxPacketSize,
        int topicAliasMaximum,
        QoS maxQos,
        boolean retainAvailable,
        boolean wildcardsAvailable,
        boolean sharedAvailable,
        boolean replayAvailable,
        String responseInformation) {

    /** The largest packet that MQTT has: a fixed header of 5 bytes and a Remaining Length of 28 bits. */
    static final int LARGEST_PACKET = 5 + 0xFFF_FFFF;

    static ServerLimits of(Packet.Connect asked, Packet.ConnAck answer) {
        Properties granted = answer.properties();
        String assigned = granted.text(Property.ASSIGNED_CLIENT_IDENTIFIER);
        return new ServerLimits(
                assigned == null ? asked.clientId() : assigned,
                answer.sessionPresent(),
                keepsSession(asked, granted),
                (int) granted.number(Property.SERVER_KEEP_ALIVE, asked.keepAlive()),
                (int) granted.number(Property.RECEIVE_MAXIMUM, 0xFFFF),
                (int) Math.min(LARGEST_PACKET, granted.number(Property.MAXIMUM_PACKET_SIZE, LARGEST_PACKET)),
                (int) granted.number(Property.TOPIC_ALIAS_MAXIMUM, 0),
                QoS.of((int) granted.number(Property.MAXIMUM_QOS, 2)),
                granted.number(Property.RETAIN_AVAILABLE, 1) == 1,
                granted.number(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, 1) == 1,
                granted.number(Property.SHARED_SUBSCRIPTION_AVAILABLE, 1) == 1,
                hasExtension("replay", granted),
                granted.text(Property.RESPONSE_INFORMATION));
    }

    /** A broker of Recado says in its user property {@code recado} what it does beyond MQTT: words with spaces between. */
    private static boolean hasExtension(String word, Properties granted) {
        return granted.userProperties().stream()
                .anyMatch(property -> property.name().equals("recado")
                        && List.of(property.value().split(" ")).contains(word));
    }

    private static boolean keepsSession(Packet.Connect asked, Properties granted) {
        if (!asked.version().hasProperties()) {
            return !asked.cleanStart();
        }
        long wanted = asked.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0);
        return granted.number(Property.SESSION_EXPIRY_INTERVAL, wanted) > 0;
    }
}
