package dev.recado.core.broker;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import dev.recado.Refusal;
import dev.recado.auth.Access;
import dev.recado.auth.Permission;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.time.Timers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Publishes wills as their clients would have, only that roles do not bind them. Runs on the timers' thread, or on that of the
 * client's next connection (see {@link DueWill}).
 */
final class Wills {

    private final Router router;
    private final Batches batches;
    private final Authorization authorization;
    private final Timers timers;
    private final Consumer<Refusal> refused;

    /**
     * For one broker.
     *
     * @param refused told of a will that there was no room for, or that is not allowed any more
     */
    Wills(Router router, Batches batches, Authorization authorization, Timers timers, Consumer<Refusal> refused) {
        this.router = router;
        this.batches = batches;
        this.authorization = authorization;
        this.timers = timers;
        this.refused = refused;
    }

    /** Publishes it, if its client may do so still. */
    void publish(Session session, GrantedWill granted) {
        Packet.Will will = granted.will();
        if (authorization.isOpen() || granted.epoch() == authorization.epoch()) {
            publish(session, will);
            return;
        }
        CompletableFuture<Permission> asked = authorization.askInTime(granted.who(), Access.PUBLISH, will.topic());
        if (asked.isDone()) {
            decide(session, will, asked.join());
        } else {
            // Never on a thread of the authorizer's, which may hold anything.
            asked.thenAccept(answer -> timers.schedule(0, () -> decide(session, will, answer)));
        }
    }

    private void decide(Session session, Packet.Will will, Permission answer) {
        if (answer.isGranted()) {
            publish(session, will);
        } else {
            refuse(session, ReasonCode.NOT_AUTHORIZED, answer.refusal());
        }
    }

    private void refuse(Session session, ReasonCode reason, String what) {
        refused.accept(new Refusal(session.clientId, null, reason, "will: " + what));
    }

    private void publish(Session session, Packet.Will will) {
        Topic topic = router.catalogue.findOrAdd(will.topic());
        if (topic == null) {
            refuse(session, ReasonCode.QUOTA_EXCEEDED, router.noRoomForTopic(will.topic()));
            return;
        }
        Batch batch = batches.take();
        try {
            PacketReader reader = new PacketReader(Integer.MAX_VALUE);
            reader.feed(PacketEncoder.encode(asPublish(will), ProtocolVersion.MQTT_5));
            reader.next();
            batch.publish.decode(reader, ProtocolVersion.MQTT_5);
            Router.Routed routed = router.route(batch, batch.publish, topic, session);
            if (routed == Router.Routed.NO_ROOM_FOR_LAST_VALUE) {
                refuse(session, ReasonCode.QUOTA_EXCEEDED, router.noRoomForLastValue(topic));
            }
            batch.endStalls();
        } catch (CodecException e) {
            throw new IllegalStateException("a will that was decoded does not encode", e);
        } finally {
            batches.finish(batch);
        }
    }

    private static Packet.Publish asPublish(Packet.Will will) {
        return new Packet.Publish(
                false,
                will.qos(),
                will.retain(),
                will.topic(),
                will.qos() == QoS.AT_MOST_ONCE ? 0 : 1,
                forwarded(will.properties()),
                will.payload());
    }

    private static Properties forwarded(Properties ofWill) {
        Properties.Builder forwarded = Properties.builder();
        for (Property property : List.of(Property.PAYLOAD_FORMAT_INDICATOR, Property.MESSAGE_EXPIRY_INTERVAL)) {
            if (ofWill.has(property)) {
                forwarded.set(property, ofWill.number(property, 0));
            }
        }
        for (Property property : List.of(Property.CONTENT_TYPE, Property.RESPONSE_TOPIC)) {
            if (ofWill.has(property)) {
                forwarded.set(property, ofWill.text(property));
            }
        }
        if (ofWill.has(Property.CORRELATION_DATA)) {
            forwarded.set(Property.CORRELATION_DATA, ofWill.bytes(Property.CORRELATION_DATA));
        }
        ofWill.userProperties().forEach(property -> forwarded.userProperty(property.name(), property.value()));
        return forwarded.build();
    }
}
