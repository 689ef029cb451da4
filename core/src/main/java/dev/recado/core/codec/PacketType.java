package dev.recado.core.codec;

/** The control packets of MQTT (section 2.1.2). */
public enum PacketType {
    /** Client to server: the first packet of a connection. */
    CONNECT(0),
    /** Server to client: the answer to CONNECT. */
    CONNACK(0),
    /** A message, both ways. */
    PUBLISH(PacketType.ANY_FLAGS),
    /** The answer to PUBLISH at QoS 1. */
    PUBACK(0),
    /** The first answer to PUBLISH at QoS 2. */
    PUBREC(0),
    /** The sender's answer to PUBREC. */
    PUBREL(2),
    /** The answer to PUBREL; ends the exchange at QoS 2. */
    PUBCOMP(0),
    /** Client to server. */
    SUBSCRIBE(2),
    /** The answer to SUBSCRIBE. */
    SUBACK(0),
    /** Client to server. */
    UNSUBSCRIBE(2),
    /** The answer to UNSUBSCRIBE. */
    UNSUBACK(0),
    /** Client to server: I am alive. */
    PINGREQ(0),
    /** The answer to PINGREQ. */
    PINGRESP(0),
    /** The last packet of a connection. */
    DISCONNECT(0),
    /** Enhanced authentication; MQTT 5 only. */
    AUTH(0);

    static final int ANY_FLAGS = -1;

    private static final PacketType[] VALUES = values();

    private final int flags;

    PacketType(int flags) {
        this.flags = flags;
    }

    /**
     * The number in the upper half of the packet's first byte.
     *
     * @return 1 to 15
     */
    public int value() {
        return ordinal() + 1;
    }

    /** The only value that the lower half of the first byte may have (MQTT-2.1.3-1), or {@link #ANY_FLAGS}. */
    int flags() {
        return flags;
    }

    /**
     * The type with this number.
     *
     * @param value 1 to 15
     * @return the type
     * @throws IllegalArgumentException when it is none of these
     */
    public static PacketType of(int value) {
        if (value < 1 || value > VALUES.length) {
            throw new IllegalArgumentException("packet type must be 1 to 15, but is " + value);
        }
        return VALUES[value - 1];
    }
}
