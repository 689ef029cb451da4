package dev.recado.testkit.mqtt;

/** A packet that has a packet identifier, a reason code and properties, or some of them: acknowledgements and the like. */
final class Simple extends Outgoing<Simple> {

    private final int packetId;
    private int code;
    private boolean written;

    /** {@code packetId} -1: the type has none. */
    Simple(PacketType type, int packetId) {
        super(type);
        this.packetId = packetId;
        this.written = type == PacketType.AUTH;
    }

    /** A Reason Code, which is then written, also when it is 0. MQTT 3.1.1 has none. */
    Simple code(int value) {
        code = value;
        written = true;
        return this;
    }

    @Override
    void writeTo(Body body, Version version) {
        if (packetId >= 0) {
            body.u16(packetId);
        }
        if (version.hasProperties() && (written || hasProperties())) {
            body.u8(code);
            // MQTT 5 lets a packet end behind the code, but that is for those that have one.
            if (hasProperties() || type == PacketType.AUTH) {
                writeProperties(body, version);
            }
        }
    }
}
