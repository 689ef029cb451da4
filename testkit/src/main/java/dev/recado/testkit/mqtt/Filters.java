package dev.recado.testkit.mqtt;

/** A SUBSCRIBE or an UNSUBSCRIBE. */
final class Filters extends Outgoing<Filters> {

    static final int NO_LOCAL = 0x04;
    static final int RETAIN_AS_PUBLISHED = 0x08;

    /** Retain Handling 1: retained messages for new subscriptions only. */
    static final int RETAINED_IF_NEW = 0x10;

    /** Retain Handling 2. */
    static final int NO_RETAINED = 0x20;

    final int packetId;
    private final Body filters = new Body();

    Filters(PacketType type, int packetId) {
        super(type);
        this.packetId = packetId;
    }

    /** For UNSUBSCRIBE. */
    Filters filter(String filter) {
        filters.string(filter);
        return this;
    }

    /** For UNSUBSCRIBE, with bytes that should be UTF-8. */
    Filters filter(byte[] filter) {
        filters.binary(filter);
        return this;
    }

    /** For SUBSCRIBE: the QoS, and what else there is in the byte of options. */
    Filters filter(String filter, int options) {
        filters.string(filter).u8(options);
        return this;
    }

    /** For SUBSCRIBE, with bytes that should be UTF-8. */
    Filters filter(byte[] filter, int options) {
        filters.binary(filter).u8(options);
        return this;
    }

    @Override
    void writeTo(Body body, Version version) {
        body.u16(packetId);
        writeProperties(body, version);
        body.raw(filters.bytes());
    }
}
