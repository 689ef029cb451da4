package dev.recado.core.broker;

import dev.recado.QoS;
import dev.recado.core.codec.CodecException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.PacketReader;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import java.util.List;
import java.util.function.BiConsumer;

/** Publishes wills as their clients would have, only that roles do not bind them. Runs on the timers' thread. */
final class Wills {

    private final Router router;
    private final Batches batches;
    private final BiConsumer<Session, String> refused;

    /**
     * For one broker.
     *
     * @param refused told of a will that there was no room for, and why
     */
    Wills(Router router, Batches batches, BiConsumer<Session, String> refused) {
        this.router = router;
        this.batches = batches;
        this.refused = refused;
    }

    void publish(Session session, Packet.Will will) {
        Topic topic = router.catalogue.findOrAdd(will.topic());
        if (topic == null) {
            refused.accept(session, "will: " + router.noRoomForTopic(will.topic()));
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
                refused.accept(session, "will: " + router.noRoomForLastValue(topic));
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
