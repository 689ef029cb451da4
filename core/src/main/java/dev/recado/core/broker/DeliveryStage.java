package dev.recado.core.broker;

import dev.recado.QoS;
import dev.recado.core.codec.PacketType;

/** Where a message stands that was sent with a packet identifier (MQTT 5, section 4.3). */
enum DeliveryStage {
    /** Sent with QoS 1. PUBACK ends it. */
    AWAITING_PUBACK,
    /** Sent with QoS 2. PUBREC leads to {@code AWAITING_PUBCOMP}, or with an error to the end. */
    AWAITING_PUBREC,
    /** PUBREL has been sent, and PUBREC again has it sent again. PUBCOMP ends it. */
    AWAITING_PUBCOMP,
    /** Nothing is owed any more; the identifier is free. */
    DONE;

    static DeliveryStage first(QoS qos) {
        return qos == QoS.AT_LEAST_ONCE ? AWAITING_PUBACK : AWAITING_PUBREC;
    }

    /**
     * The stage after an answer of the client.
     *
     * @param answer PUBACK, PUBREC or PUBCOMP
     * @param error whether its reason code says no
     * @return null when the answer does not belong to this stage
     */
    DeliveryStage after(PacketType answer, boolean error) {
        return switch (this) {
            case AWAITING_PUBACK -> answer == PacketType.PUBACK ? DONE : null;
            case AWAITING_PUBREC -> answer != PacketType.PUBREC ? null : error ? DONE : AWAITING_PUBCOMP;
            case AWAITING_PUBCOMP ->
                switch (answer) {
                    case PUBREC -> AWAITING_PUBCOMP;
                    case PUBCOMP -> DONE;
                    default -> null;
                };
            case DONE -> null;
        };
    }
}
