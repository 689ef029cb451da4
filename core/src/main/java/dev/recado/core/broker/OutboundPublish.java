package dev.recado.core.broker;

import dev.recado.QoS;
import dev.recado.core.codec.PacketEncoder;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import dev.recado.core.codec.PublishView;
import java.nio.ByteBuffer;

/**
 * A message on its way out: encoded once for each form in which it is needed (protocol version, QoS, RETAIN), however many
 * sessions get it; its payload is never copied here. Forms that are one session's own (DUP, subscription identifiers, topic
 * alias) are encoded for it. Used again for message after message: {@code begin}, then for each target {@code select},
 * {@code size} and {@code parts}. Not thread-safe.
 */
final class OutboundPublish {

    /** Memory for the head of an ordinary message; a larger head gets memory of its own, which is not kept. */
    private static final int USUAL_HEAD = 512;

    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);
    private static final byte[] NO_TOPIC = {};
    private static final int ALIAS_LENGTH = 3;

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

    /** How a topic alias goes with a message. */
    enum Alias {
        NONE,
        /** The topic name is sent with its alias, which stands for it from now on. */
        SET,
        /** The alias is sent instead of the topic name. */
        USED
    }

    private final Form[] shared = new Form[2 * QoS.values().length * 2];
    private final Form own = new Form();
    private final ByteBuffer[] parts = new ByteBuffer[2];
    private Form selected;

    private byte[] topic;
    private long messageExpiry;
    private ByteBuffer properties;
    private final ByteBuffer usualProperties = ByteBuffer.allocate(USUAL_HEAD);
    private ByteBuffer payloadSource;
    private ByteBuffer payload;
    private int payloadLength;

    private QoS qos;
    private boolean retain;
    private long sequence;
    private long batch;
    private long now;
    private StoredMessage copy;

    /**
     * Goes on with a message just received; valid as long as the view is.
     *
     * @param sequence its number among the stored messages; 0 when it was not stored
     * @param batch the number of the batch that it came with
     */
    void begin(PublishView received, Topic receivedOn, long sequence, long batch, long nowNanos) {
        qos = received.qos();
        retain = received.retain();
        this.sequence = sequence;
        this.batch = batch;
        now = nowNanos;
        copy = null;
        properties = roomForProperties(received.forwardableLength());
        received.copyForwardable(properties);
        begin(
                receivedOn.utf8,
                received.messageExpiry(),
                received.buffer(),
                received.payloadStart(),
                received.payloadLength());
    }

    /**
     * Goes on with a message of a run; valid as long as the run is.
     *
     * @param batch the number of the batch that it came with
     */
    void begin(Run run, int i, long batch) {
        qos = QoS.AT_MOST_ONCE;
        retain = run.retain(i);
        sequence = run.sequence(i);
        this.batch = batch;
        now = 0;
        copy = null;
        int start = run.propertiesStart(i);
        int payloadStart = run.payloadStart(i);
        int length = payloadStart - start;
        properties = roomForProperties(length);
        properties.put(0, run.buffer(), start, length).position(length);
        begin(run.topic(i).utf8, -1, run.buffer(), payloadStart, run.payloadEnd(i) - payloadStart);
    }

    /** Goes on with a message that waited. */
    void begin(StoredMessage waited, long nowNanos) {
        copy = waited;
        sequence = waited.stored().sequence();
        properties = ByteBuffer.wrap(waited.bytes(), 0, waited.propertiesLength());
        properties.position(waited.propertiesLength());
        begin(
                waited.topic(),
                waited.remainingExpiry(nowNanos),
                ByteBuffer.wrap(waited.bytes()),
                waited.propertiesLength(),
                waited.payloadLength());
    }

    private ByteBuffer roomForProperties(int length) {
        return length <= USUAL_HEAD ? usualProperties.clear() : ByteBuffer.allocate(length);
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
        forgetForms();
    }

    private void forgetForms() {
        for (Form form : shared) {
            if (form != null) {
                form.ready = false;
                form.head = null;
            }
        }
        selected = null;
        own.head = null;
    }

    byte[] topic() {
        return topic;
    }

    /** The message's number among the stored messages; 0 when it was not stored. */
    long sequence() {
        return sequence;
    }

    /** Goes on in a form that many sessions may have in common. */
    void select(ProtocolVersion version, QoS qos, boolean retain) {
        int index = (version.hasProperties() ? 6 : 0) + 2 * qos.value() + (retain ? 1 : 0);
        Form form = shared[index];
        if (form == null) {
            form = shared[index] = new Form();
        }
        if (!form.ready) {
            encode(form, version, false, qos, retain, topic, properties, null);
            form.ready = true;
        }
        selected = form;
    }

    /** Goes on in a form of one session's own. */
    void select(
            ProtocolVersion version,
            boolean dup,
            QoS qos,
            boolean retain,
            int[] identifiers,
            Alias aliasUse,
            int topicAlias) {
        ByteBuffer itsProperties = properties;
        if (aliasUse != Alias.NONE) {
            itsProperties = ByteBuffer.allocate(ALIAS_LENGTH + properties.remaining())
                    .put((byte) Property.TOPIC_ALIAS.id())
                    .putShort((short) topicAlias)
                    .put(properties.duplicate())
                    .flip();
        }
        encode(
                own,
                version,
                dup && qos != QoS.AT_MOST_ONCE,
                qos,
                retain,
                aliasUse == Alias.USED ? NO_TOPIC : topic,
                itsProperties,
                identifiers);
        selected = own;
    }

    private void encode(
            Form form,
            ProtocolVersion version,
            boolean dup,
            QoS qos,
            boolean retain,
            byte[] itsTopic,
            ByteBuffer itsProperties,
            int[] identifiers) {
        form.size = PacketEncoder.publishSize(
                version, qos, itsTopic.length, itsProperties.remaining(), messageExpiry, identifiers, payloadLength);
        int headSize = form.size - payloadLength;
        form.head = headSize <= USUAL_HEAD ? form.usual.clear() : ByteBuffer.allocate(headSize);
        form.packetIdIndex = PacketEncoder.encodePublishHead(
                form.head,
                version,
                dup,
                qos,
                retain,
                itsTopic,
                ANY_ID,
                itsProperties,
                messageExpiry,
                identifiers,
                payloadLength);
        form.head.flip();
    }

    /** The whole packet in the selected form, in bytes. */
    int size() {
        return selected.size;
    }

    /** The packet in the selected form, in parts that the next call changes; a packet identifier of 0 goes with QoS 0. */
    ByteBuffer[] parts(int packetId) {
        if (packetId != 0) {
            selected.head.putShort(selected.packetIdIndex, (short) packetId);
        }
        parts[0] = selected.head;
        parts[1] = payload;
        return parts;
    }

    /** A copy that can wait, made when it is first asked for. */
    StoredMessage stored() {
        if (copy == null) {
            byte[] bytes = new byte[properties.remaining() + payloadLength];
            properties.get(properties.position(), bytes, 0, properties.remaining());
            payload.get(payload.position(), bytes, properties.remaining(), payloadLength);
            boolean expires = messageExpiry >= 0;
            copy = new StoredMessage(
                    topic,
                    qos,
                    retain,
                    bytes,
                    properties.remaining(),
                    expires,
                    expires ? now + messageExpiry * 1_000_000_000L : 0,
                    sequence == 0 ? StoredMessage.Stamp.NONE : new StoredMessage.Stamp(sequence, batch));
        }
        return copy;
    }

    /** Lets go of what belongs to others. */
    void end() {
        copy = null;
        topic = null;
        payloadSource = null;
        payload = null;
        properties = NO_BYTES;
        forgetForms();
    }
}
