package dev.recado.core.broker;

import dev.recado.QoS;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.codec.PublishView;
import java.nio.ByteBuffer;

/**
 * A message on its way out: encoded once for each form in which it is needed (protocol version, QoS, RETAIN), however many
 * sessions get it; its payload is never copied here. Used again for message after message. Not thread-safe.
 */
final class OutboundPublish {

    /** Memory for the head of an ordinary message; a larger head gets memory of its own, which is not kept. */
    private static final int USUAL_HEAD = 512;

    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    /** Stands where each target's own packet identifier is put. */
    private static final int ANY_ID = 1;

    /** Everything up to the payload. */
    private static final class Form {
        final ByteBuffer usual = ByteBuffer.allocate(USUAL_HEAD);
        ByteBuffer head;
        int packetIdIndex;
        int size;
        boolean ready;
    }

    private final Form[] forms = new Form[8];
    private final ByteBuffer[] parts = new ByteBuffer[2];

    private byte[] topic;
    private long messageExpiry;
    private ByteBuffer properties;
    private final ByteBuffer usualProperties = ByteBuffer.allocate(USUAL_HEAD);
    private ByteBuffer payloadSource;
    private ByteBuffer payload;
    private int payloadLength;

    private PublishView view;
    private long now;
    private StoredMessage stored;

    /** Goes on with a message just received; valid as long as the view is. */
    void begin(PublishView received, Topic receivedOn, long nowNanos) {
        view = received;
        now = nowNanos;
        stored = null;
        int length = received.forwardableLength();
        properties = length <= USUAL_HEAD ? usualProperties.clear() : ByteBuffer.allocate(length);
        received.copyForwardable(properties);
        begin(
                receivedOn.utf8,
                received.messageExpiry(),
                received.buffer(),
                received.payloadStart(),
                received.payloadLength());
    }

    /** Goes on with a message that waited. */
    void begin(StoredMessage waited, long nowNanos) {
        view = null;
        stored = waited;
        properties = ByteBuffer.wrap(waited.bytes(), 0, waited.propertiesLength());
        properties.position(waited.propertiesLength());
        begin(
                waited.topic(),
                waited.remainingExpiry(nowNanos),
                ByteBuffer.wrap(waited.bytes()),
                waited.propertiesLength(),
                waited.payloadLength());
    }

    private void begin(byte[] topicUtf8, long expiry, ByteBuffer source, int payloadStart, int length) {
        topic = topicUtf8;
        messageExpiry = expiry;
        properties.flip();
        payloadLength = length;
        if (source != payloadSource) {
            // The read buffer of a loop or thread stays the same one, so this view is made once, not for each message.
            payloadSource = source;
            payload = source.duplicate();
        }
        payload.limit(payloadStart + length).position(payloadStart);
        for (Form form : forms) {
            if (form != null) {
                form.ready = false;
                form.head = null;
            }
        }
    }

    /** The whole packet in one form, in bytes. */
    int size(ProtocolVersion version, QoS qos, boolean retain) {
        return form(version, qos, retain).size;
    }

    /** The packet in one form, in parts that the next call changes; a packet identifier of 0 goes with QoS 0. */
    ByteBuffer[] parts(ProtocolVersion version, QoS qos, boolean retain, int packetId) {
        Form form = form(version, qos, retain);
        if (qos != QoS.AT_MOST_ONCE) {
            form.head.putShort(form.packetIdIndex, (short) packetId);
        }
        parts[0] = form.head;
        parts[1] = payload;
        return parts;
    }

    private Form form(ProtocolVersion version, QoS qos, boolean retain) {
        int index = (version.hasProperties() ? 4 : 0) + (qos != QoS.AT_MOST_ONCE ? 2 : 0) + (retain ? 1 : 0);
        Form form = forms[index];
        if (form == null) {
            form = forms[index] = new Form();
        }
        if (!form.ready) {
            form.size = PacketEncoder.publishSize(
                    version, qos, topic.length, properties.remaining(), messageExpiry, null, payloadLength);
            int headSize = form.size - payloadLength;
            form.head = headSize <= USUAL_HEAD ? form.usual.clear() : ByteBuffer.allocate(headSize);
            form.packetIdIndex = PacketEncoder.encodePublishHead(
                    form.head,
                    version,
                    false,
                    qos,
                    retain,
                    topic,
                    ANY_ID,
                    properties,
                    messageExpiry,
                    null,
                    payloadLength);
            form.head.flip();
            form.ready = true;
        }
        return form;
    }

    /** A copy that can wait, made when it is first asked for. */
    StoredMessage stored() {
        if (stored == null) {
            byte[] bytes = new byte[properties.remaining() + payloadLength];
            properties.get(properties.position(), bytes, 0, properties.remaining());
            payload.get(payload.position(), bytes, properties.remaining(), payloadLength);
            boolean expires = messageExpiry >= 0;
            long expiresAt = expires ? now + messageExpiry * 1_000_000_000L : 0;
            stored = new StoredMessage(
                    topic, view.qos(), view.retain(), bytes, properties.remaining(), expires, expiresAt);
        }
        return stored;
    }

    /** Lets go of what belongs to others. */
    void end() {
        view = null;
        stored = null;
        topic = null;
        payloadSource = null;
        payload = null;
        properties = NO_BYTES;
        for (Form form : forms) {
            if (form != null) {
                form.ready = false;
                form.head = null;
            }
        }
    }
}
