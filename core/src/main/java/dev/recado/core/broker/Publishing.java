package dev.recado.core.broker;

import dev.recado.Limits;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.auth.Permission;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.PacketType;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.codec.PublishView;
import java.nio.charset.StandardCharsets;

/**
 * The messages that one connection publishes: from PUBLISH to routing, its answer, and PUBREL. Used by the thread that handles
 * the connection's input.
 */
final class Publishing {

    private final BrokerConnection connection;
    private final Replies replies;
    private final Router router;
    private final Limits limits;
    private final boolean checksPayloadFormat;
    private final Session session;
    private final Link link;
    private final ProtocolVersion version;
    private final RoleGuard guard;
    private final Permissions permissions;

    /** The topic of the last message, for the next one is mostly the same. */
    private Topic lastTopic;

    private Topic permittedTopic;

    /** At index a what topic alias a stands for; null until one is set. */
    private Topic[] aliases;

    Publishing(
            BrokerConnection connection,
            RecadoBroker broker,
            Replies replies,
            Session session,
            Link link,
            RoleGuard guard,
            Permissions permissions) {
        this.replies = replies;
        this.connection = connection;
        this.router = broker.router;
        this.limits = broker.limits;
        this.checksPayloadFormat = broker.options.checksPayloadFormat();
        this.session = session;
        this.link = link;
        this.version = link.version();
        this.guard = guard;
        this.permissions = permissions;
    }

    /** Handles the PUBLISH that the reader stands on; {@code false} when it has to wait for permission. */
    boolean publish(Batch batch, PacketReader reader) throws CodecException {
        PublishView message = batch.publish;
        message.decodeAllButTopic(reader, version);
        if (message.topicAlias() > limits.topicAliasMaximum()) {
            connection.fail(
                    batch,
                    ReasonCode.TOPIC_ALIAS_INVALID,
                    "topic alias " + message.topicAlias() + " is over this broker's Topic Alias Maximum of "
                            + limits.topicAliasMaximum() + " (MQTT-3.2.2-17)");
            return true;
        }
        if (message.hasSubscriptionIdentifier()) {
            connection.fail(
                    batch,
                    ReasonCode.PROTOCOL_ERROR,
                    "a client's PUBLISH with a subscription identifier (MQTT-3.3.4-6)");
            return true;
        }
        Topic topic = topicNamed(batch, message);
        if (topic == null) {
            return true;
        }
        Permission permission = permission(topic);
        if (permission == null) {
            return false;
        }
        if (message.qos() != QoS.EXACTLY_ONCE || isNew(batch, message)) {
            route(batch, message, topic, permission);
        }
        return true;
    }

    private void route(Batch batch, PublishView message, Topic named, Permission permission) {
        String violation = formatViolation(message);
        if (violation != null) {
            refuse(batch, ReasonCode.PAYLOAD_FORMAT_INVALID, violation);
        } else if (message.userPropertyCount() > limits.maxUserProperties()) {
            refuse(
                    batch,
                    ReasonCode.QUOTA_EXCEEDED,
                    message.userPropertyCount() + " user properties in PUBLISH are over the limit of "
                            + limits.maxUserProperties());
        } else {
            Topic topic = permitted(batch, named, permission);
            if (topic != null) {
                route(batch, message, topic);
            }
        }
    }

    private void route(Batch batch, PublishView message, Topic topic) {
        if (message.retain() && topic.isForReplies()) {
            refuse(
                    batch,
                    ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR,
                    "a retained message to '" + topic + "', but a reply topic has no last value");
            return;
        }
        switch (router.route(batch, message, topic, session)) {
            case DELIVERED -> acknowledge(batch, message, ReasonCode.SUCCESS);
            case NOBODY_SUBSCRIBES -> acknowledge(batch, message, ReasonCode.NO_MATCHING_SUBSCRIBERS);
            case NO_ROOM_FOR_LAST_VALUE -> refuse(batch, ReasonCode.QUOTA_EXCEEDED, router.noRoomForLastValue(topic));
        }
    }

    // ---- Topic names and aliases ----

    /**
     * The topic that a message names. It may be one outside the catalogue, which is still to be looked at. Null when the
     * connection has been ended for a topic alias that stands for nothing.
     */
    private Topic topicNamed(Batch batch, PublishView message) throws CodecException {
        int alias = message.topicAlias();
        if (message.topicLength() == 0) {
            Topic known = aliases == null ? null : aliases[alias];
            if (known == null) {
                connection.fail(
                        batch,
                        ReasonCode.PROTOCOL_ERROR,
                        "topic alias " + alias + " stands for no topic on this connection (MQTT 5, section 3.3.2.3.4)");
            }
            return known;
        }
        Topic topic = lookUp(batch, message);
        if (alias != 0) {
            if (aliases == null) {
                aliases = new Topic[limits.topicAliasMaximum() + 1];
            }
            aliases[alias] = topic;
        }
        return topic;
    }

    private Topic lookUp(Batch batch, PublishView message) throws CodecException {
        Topic topic = lastTopic;
        if (topic != null
                && !topic.isForgotten()
                && topic.isCalled(message.buffer(), message.topicStart(), message.topicLength())) {
            return topic;
        }
        topic = router.catalogue.find(message.buffer(), message.topicStart(), message.topicLength());
        if (topic == null) {
            // Those in the catalogue were checked when they came into it.
            message.checkTopic();
            byte[] utf8 = new byte[message.topicLength()];
            message.buffer().get(message.topicStart(), utf8);
            topic = Topic.outsideCatalogue(new String(utf8, StandardCharsets.UTF_8));
        }
        return topic;
    }

    /** What the authorizer says; null while it has not. It is not asked about what is refused anyhow. */
    private Permission permission(Topic topic) {
        if (!permissions.isCurrent()) {
            permittedTopic = null;
        } else if (topic == permittedTopic) {
            return Permission.granted();
        }
        if (permissions.areNotNeeded()) {
            return Permission.granted();
        }
        boolean refused = guard.violationOfPublish(topic.name) != null
                || topic.isForgotten() && Handshake.topicViolation(topic.name, limits) != null;
        return refused ? Permission.granted() : permissions.toPublish(topic.name);
    }

    /** The topic in the catalogue, or of replies, if this client may publish to it; null when the message was refused. */
    private Topic permitted(Batch batch, Topic named, Permission permission) {
        if (!permission.isGranted()) {
            refuse(batch, ReasonCode.NOT_AUTHORIZED, permission.refusal());
            return null;
        }
        Topic topic = named.isForgotten() ? newTopic(batch, named.name) : named;
        if (topic == null) {
            return null;
        }
        if (topic != permittedTopic) {
            String violation = guard.violationOfPublish(topic.name);
            if (violation != null) {
                refuse(batch, ReasonCode.NOT_AUTHORIZED, violation);
                return null;
            }
            permittedTopic = topic;
        }
        lastTopic = topic;
        return topic;
    }

    private Topic newTopic(Batch batch, String name) {
        String violation = Handshake.topicViolation(name, limits);
        if (violation != null) {
            refuse(batch, ReasonCode.TOPIC_NAME_INVALID, violation);
            return null;
        }
        // Before it is catalogued: a topic that its publisher may not use has not been used.
        violation = guard.violationOfPublish(name);
        if (violation != null) {
            refuse(batch, ReasonCode.NOT_AUTHORIZED, violation);
            return null;
        }
        if (ReplyTopics.is(name)) {
            return Topic.ofReplies(name);
        }
        Topic topic = router.catalogue.findOrAdd(name);
        if (topic == null) {
            refuse(batch, ReasonCode.QUOTA_EXCEEDED, router.noRoomForTopic(name));
        }
        return topic;
    }

    // ---- QoS 2, payload format ----

    /** Whether a QoS 2 message is to be routed; otherwise it has been answered. */
    private boolean isNew(Batch batch, PublishView message) {
        int most = version.hasProperties() ? limits.receiveMaximum() : 0xFFFF;
        return switch (session.receive(link, message.packetId(), most)) {
            case NEW -> true;
            case KNOWN -> {
                replies.acknowledge(batch, PacketType.PUBREC, message.packetId(), ReasonCode.SUCCESS);
                yield false;
            }
            case TOO_MANY -> {
                connection.fail(
                        batch,
                        ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                        "more QoS 2 messages are not released than this broker's Receive Maximum of " + most
                                + " (MQTT-3.3.4-9)");
                yield false;
            }
        };
    }

    /** Handles the PUBREL that was decoded. */
    void release(Batch batch) {
        int packetId = batch.ack.packetId();
        boolean known = session.release(link, packetId);
        replies.acknowledge(
                batch,
                PacketType.PUBCOMP,
                packetId,
                known ? ReasonCode.SUCCESS : ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
    }

    private String formatViolation(PublishView message) {
        if (!checksPayloadFormat || !message.utf8Payload()) {
            return null;
        }
        return message.isPayloadUtf8()
                ? null
                : "Payload Format Indicator is 1, but the payload is not UTF-8 (MQTT 5, section 3.3.2.3.2)";
    }

    // ---- Answers ----

    private void acknowledge(Batch batch, PublishView message, ReasonCode reason) {
        switch (message.qos()) {
            case AT_MOST_ONCE -> {}
            case AT_LEAST_ONCE -> replies.acknowledge(batch, PacketType.PUBACK, message.packetId(), reason);
            case EXACTLY_ONCE -> replies.acknowledge(batch, PacketType.PUBREC, message.packetId(), reason);
        }
    }

    /** Says no in the strongest way that this PUBLISH and this version of MQTT have. */
    private void refuse(Batch batch, ReasonCode reason, String what) {
        PublishView message = batch.publish;
        boolean hasAnswer = message.qos() != QoS.AT_MOST_ONCE;
        if (message.qos() == QoS.EXACTLY_ONCE) {
            // The answer ends the exchange: the identifier is free again (MQTT-4.3.3-9).
            session.release(link, message.packetId());
        }
        if (hasAnswer && version.hasProperties()) {
            connection.refused(reason, what);
            PacketType answer = message.qos() == QoS.AT_LEAST_ONCE ? PacketType.PUBACK : PacketType.PUBREC;
            connection.respond(batch, new Packet.Ack(answer, message.packetId(), reason, replies.reason(what)));
        } else if (!hasAnswer && reason == ReasonCode.QUOTA_EXCEEDED) {
            connection.refused(reason, what);
        } else {
            connection.fail(batch, reason, what);
        }
    }
}
