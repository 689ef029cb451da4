package dev.recado.core.codec;

import dev.recado.ReasonCode;

/**
 * The current PUBACK, PUBREC, PUBREL or PUBCOMP, decoded in place. Reused from packet to packet; allocates nothing. Not
 * thread-safe.
 *
 * <pre>
 * | packet id: 2 | [reason code: 1 [properties]] |      MQTT 5; MQTT 3.1.1 has the packet id only
 * </pre>
 */
public final class AckView {

    private final Cursor cursor = new Cursor();
    private final PropertyCursor properties = new PropertyCursor(cursor);

    private int packetId;
    private ReasonCode reasonCode;

    /** Creates a view of nothing. */
    public AckView() {}

    /**
     * Reads and checks the current packet, its properties included.
     *
     * @param reader stands on a PUBACK, PUBREC, PUBREL or PUBCOMP
     * @param version of the connection
     * @throws CodecException when the packet breaks a rule
     * @throws IllegalArgumentException when the reader stands on another packet
     */
    public void decode(PacketReader reader, ProtocolVersion version) throws CodecException {
        PacketType type = reader.type();
        begin(reader, version);
        if (hasProperties(version)) {
            properties.begin(type.value());
            while (properties.next()) {
                // only to check it
            }
        }
        cursor.requireEnd(type);
        cursor.release();
    }

    /** The same, with what the view has no use for. */
    static Packet.Ack packet(PacketReader reader, ProtocolVersion version, int maxUserProperties)
            throws CodecException {
        AckView view = new AckView();
        PacketType type = reader.type();
        view.begin(reader, version);
        Properties properties =
                view.hasProperties(version) ? view.properties.read(type.value(), maxUserProperties) : Properties.NONE;
        view.cursor.requireEnd(type);
        return new Packet.Ack(type, view.packetId, view.reasonCode, properties);
    }

    private void begin(PacketReader reader, ProtocolVersion version) throws CodecException {
        requireAck(reader.type());
        cursor.reset(reader.buffer(), reader.start(), reader.end());
        packetId = cursor.packetId();
        reasonCode = version.hasProperties() && cursor.hasRemaining()
                ? ReasonCodes.decode(reader.type(), cursor.u8("Reason Code"))
                : ReasonCode.SUCCESS;
    }

    /** Without any byte left, Property Length is 0 (section 3.4.2.2.1). */
    private boolean hasProperties(ProtocolVersion version) {
        return version.hasProperties() && cursor.hasRemaining();
    }

    static void requireAck(PacketType type) {
        switch (type) {
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> {}
            default -> throw new IllegalArgumentException(type + " is none of PUBACK, PUBREC, PUBREL and PUBCOMP");
        }
    }

    /**
     * The message that it acknowledges.
     *
     * @return 1 to 65,535
     */
    public int packetId() {
        return packetId;
    }

    /**
     * What became of the message.
     *
     * @return SUCCESS also when the packet has none
     */
    public ReasonCode reasonCode() {
        return reasonCode;
    }
}
