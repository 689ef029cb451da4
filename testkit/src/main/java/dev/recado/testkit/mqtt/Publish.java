package dev.recado.testkit.mqtt;

import java.nio.charset.StandardCharsets;

/** A PUBLISH: QoS 0 and not retained, unless told otherwise. */
final class Publish extends Outgoing<Publish> {

    private byte[] topic;
    private final byte[] payload;
    private int qos;
    private int packetId;
    private boolean dup;
    private boolean retain;

    Publish(String topic, byte[] payload) {
        super(PacketType.PUBLISH);
        this.topic = topic.getBytes(StandardCharsets.UTF_8);
        this.payload = payload;
    }

    /** Bytes that should be UTF-8. */
    Publish topic(int... bytes) {
        return topic(narrow(bytes));
    }

    Publish topic(byte[] bytes) {
        topic = bytes;
        return this;
    }

    /** The identifier is written at QoS 1 to 3. */
    Publish qos(int value, int id) {
        qos = value;
        packetId = id;
        return this;
    }

    Publish dup() {
        dup = true;
        return this;
    }

    Publish retain() {
        retain = true;
        return this;
    }

    @Override
    int firstByte() {
        return super.firstByte() | (dup ? 8 : 0) | qos << 1 | (retain ? 1 : 0);
    }

    @Override
    void writeTo(Body body, Version version) {
        body.binary(topic);
        if (qos > 0) {
            body.u16(packetId);
        }
        writeProperties(body, version);
        body.raw(payload);
    }
}
