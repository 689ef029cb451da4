package dev.recado.core.broker;

import dev.recado.Limits;
import dev.recado.ReasonCode;
import dev.recado.Role;
import dev.recado.UserProperty;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.codec.TopicRules;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/** Reads a CONNECT and decides, by what it says alone, whether the broker takes it. */
final class Handshake {

    /** User properties by which Recado's clients state what they are, and its broker what it is. */
    static final String ROLE_PROPERTY = "recado-role";

    static final String TOPIC_PROPERTY = "recado-topic";
    /** In SUBSCRIBE: how many messages of each topic's history are wanted. */
    static final String REPLAY_PROPERTY = "recado-replay";

    static final String BROKER_PROPERTY = "recado";

    /** What the broker adds to MQTT, as its CONNACK announces it. */
    private static final String EXTENSIONS = "roles topics replay";

    private static final long NO_LIMIT = Long.MAX_VALUE;

    /** As a Session Expiry Interval, in seconds (MQTT 5, section 3.1.2.11.2). */
    private static final long FOR_EVER = 0xFFFF_FFFFL;

    private Handshake() {}

    /** Yes or no. */
    sealed interface Decision {}

    /**
     * No.
     *
     * @param reason for the CONNACK
     * @param what the value and the rule that it broke
     */
    record Refused(ReasonCode reason, String what) implements Decision {}

    /**
     * Yes.
     *
     * @param version of MQTT
     * @param clientId the client's own, or the one assigned
     * @param assigned whether the client has to be told its identifier
     * @param cleanStart whether an earlier session is not wanted
     * @param sessionExpiry seconds for which the session is to outlive the connection, as granted
     * @param sessionExpiryWanted the same as asked for
     * @param role what it stated
     * @param topics what it stated, in its order
     * @param keepAlive seconds that hold; 0 for none
     * @param keepAliveWanted seconds asked for
     * @param receiveMaximum QoS 1 and 2 messages it takes unacknowledged
     * @param maxPacketSize bytes; a packet that is larger is not for this client
     * @param topicAliasMaximum aliases that it takes
     * @param responseInformation whether it asks for it
     * @param problemInformation whether it wants reason strings
     * @param will null when it leaves none
     */
    record Accepted(
            ProtocolVersion version,
            String clientId,
            boolean assigned,
            boolean cleanStart,
            long sessionExpiry,
            long sessionExpiryWanted,
            Role role,
            List<String> topics,
            int keepAlive,
            int keepAliveWanted,
            int receiveMaximum,
            long maxPacketSize,
            int topicAliasMaximum,
            boolean responseInformation,
            boolean problemInformation,
            Packet.Will will)
            implements Decision {}

    static Decision decide(Packet.Connect connect, Limits limits) {
        boolean anonymous = connect.clientId().isEmpty();
        if (anonymous && !connect.version().hasProperties() && !connect.cleanStart()) {
            return new Refused(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    "an empty client identifier needs Clean Session 1 (MQTT 3.1.1, MQTT-3.1.3-8)");
        }
        Refused badWill = connect.will() == null ? null : checkWill(connect.will(), limits);
        if (badWill != null) {
            return badWill;
        }
        return withRole(connect, anonymous, limits);
    }

    private static Refused checkWill(Packet.Will will, Limits limits) {
        String violation = topicViolation(will.topic(), limits);
        if (violation == null && ReplyTopics.is(will.topic())) {
            violation = "topic '" + will.topic() + "' is a reply topic, and a will is no reply";
        }
        return violation == null ? null : new Refused(ReasonCode.TOPIC_NAME_INVALID, violation);
    }

    /** Why a message to this topic is refused whoever sends it; null when it is not. */
    static String topicViolation(String topic, Limits limits) {
        String violation = TopicRules.nameViolation(topic);
        if (violation != null) {
            return violation;
        }
        if (TopicRules.levels(topic) > limits.maxTopicLevels()) {
            return "topic '" + topic + "' has " + TopicRules.levels(topic) + " levels, over the limit of "
                    + limits.maxTopicLevels();
        }
        return topic.startsWith(VirtualTopics.ROOT) && !ReplyTopics.is(topic)
                ? "topic '" + topic + "' is the broker's own: nobody publishes under " + VirtualTopics.ROOT
                        + ", replies excepted"
                : null;
    }

    /** Why a topic filter is refused whoever subscribes; null when it is not. */
    static String filterViolation(String filter, Limits limits) {
        String violation = TopicRules.filterViolation(filter);
        if (violation != null) {
            return violation;
        }
        return TopicRules.levels(filter) > limits.maxTopicLevels()
                ? "topic filter '" + filter + "' has " + TopicRules.levels(filter) + " levels, over the limit of "
                        + limits.maxTopicLevels()
                : null;
    }

    private static Decision withRole(Packet.Connect connect, boolean anonymous, Limits limits) {
        List<UserProperty> stated = connect.properties().userProperties();
        List<String> roles = values(stated, ROLE_PROPERTY);
        List<String> topics = values(stated, TOPIC_PROPERTY);
        Role role = Role.UNSTATED;
        if (!roles.isEmpty()) {
            switch (roles.get(0)) {
                case "publisher" -> role = Role.PUBLISHER;
                case "subscriber" -> role = Role.SUBSCRIBER;
                default -> {
                    return refusedStatement("user property " + ROLE_PROPERTY + " is '" + roles.get(0)
                            + "', which is neither 'publisher' nor 'subscriber'");
                }
            }
            if (roles.size() > 1) {
                return refusedStatement("user property " + ROLE_PROPERTY + " occurs " + roles.size()
                        + " times, but a client has one role");
            }
            if (topics.isEmpty()) {
                return refusedStatement(
                        "a client that states its role states its topics too, but there is no user property "
                                + TOPIC_PROPERTY);
            }
        }
        for (String topic : topics) {
            String violation = filterViolation(topic, limits);
            if (violation == null && role == Role.PUBLISHER && !TopicRules.hasWildcard(topic)) {
                violation = topicViolation(topic, limits);
            }
            if (violation != null) {
                // CONNACK has no code for topic filters (MQTT 5, table 3-1).
                return new Refused(ReasonCode.TOPIC_NAME_INVALID, "user property " + TOPIC_PROPERTY + ": " + violation);
            }
        }
        Properties properties = connect.properties();
        long expiryWanted = sessionExpiryWanted(connect);
        return new Accepted(
                connect.version(),
                anonymous ? "recado-" + UUID.randomUUID() : connect.clientId(),
                anonymous,
                connect.cleanStart(),
                Math.min(expiryWanted, limits.maxSessionExpiry().toSeconds()),
                expiryWanted,
                role,
                topics,
                keepAlive(connect, limits),
                connect.keepAlive(),
                (int) properties.number(Property.RECEIVE_MAXIMUM, 65_535),
                properties.number(Property.MAXIMUM_PACKET_SIZE, NO_LIMIT),
                (int) properties.number(Property.TOPIC_ALIAS_MAXIMUM, 0),
                properties.number(Property.REQUEST_RESPONSE_INFORMATION, 0) == 1,
                properties.number(Property.REQUEST_PROBLEM_INFORMATION, 1) == 1,
                connect.will());
    }

    /** Before MQTT 5 a session that is not clean lasts until it is asked for again (3.1.1, section 3.1.2.4). */
    private static long sessionExpiryWanted(Packet.Connect connect) {
        if (connect.version().hasProperties()) {
            return connect.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0);
        }
        return connect.cleanStart() ? 0 : FOR_EVER;
    }

    /** A server may shorten Keep Alive where it can say so (MQTT-3.1.2-21). */
    private static int keepAlive(Packet.Connect connect, Limits limits) {
        int longest = (int) limits.maxKeepAlive().toSeconds();
        int wanted = connect.keepAlive();
        boolean tooLong = longest > 0 && (wanted == 0 || wanted > longest);
        return tooLong && connect.version().hasProperties() ? longest : wanted;
    }

    private static Refused refusedStatement(String what) {
        return new Refused(ReasonCode.PROTOCOL_ERROR, what);
    }

    private static List<String> values(List<UserProperty> properties, String name) {
        return properties.stream()
                .filter(property -> property.name().equals(name))
                .map(UserProperty::value)
                .toList();
    }

    /** What this client is told about topics for responses; null for nothing, as when it has not asked (MQTT-3.1.2-28). */
    static String responseInformation(Accepted client, BrokerOptions options) {
        if (!client.responseInformation()) {
            return null;
        }
        return options.responseInformation() != null
                ? options.responseInformation()
                : ReplyTopics.of(client.clientId(), options.limits());
    }

    /**
     * What an MQTT 5 client is told about this broker with the CONNACK that takes it. Where the standard's default holds
     * nothing is said.
     */
    static Properties announcement(Accepted accepted, BrokerOptions options, String authMethod, byte[] authData) {
        Limits limits = options.limits();
        Properties.Builder announced = Properties.builder()
                .set(Property.RECEIVE_MAXIMUM, limits.receiveMaximum())
                .set(Property.MAXIMUM_PACKET_SIZE, limits.maxPacketSize())
                .set(Property.TOPIC_ALIAS_MAXIMUM, limits.topicAliasMaximum())
                .userProperty(BROKER_PROPERTY, EXTENSIONS);
        if (accepted.sessionExpiry() != accepted.sessionExpiryWanted()) {
            announced.set(Property.SESSION_EXPIRY_INTERVAL, accepted.sessionExpiry());
        }
        if (accepted.keepAlive() != accepted.keepAliveWanted()) {
            announced.set(Property.SERVER_KEEP_ALIVE, accepted.keepAlive());
        }
        if (accepted.assigned()) {
            announced.set(Property.ASSIGNED_CLIENT_IDENTIFIER, accepted.clientId());
        }
        String responseInformation = responseInformation(accepted, options);
        if (responseInformation != null) {
            announced.set(Property.RESPONSE_INFORMATION, responseInformation);
        }
        if (authMethod != null) {
            announced.set(Property.AUTHENTICATION_METHOD, authMethod); // MQTT-4.12.0-5
            if (authData != null) {
                announced.set(Property.AUTHENTICATION_DATA, ByteBuffer.wrap(authData));
            }
        }
        return announced.build();
    }
}
