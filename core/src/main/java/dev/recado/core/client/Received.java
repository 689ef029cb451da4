package dev.recado.core.client;

import dev.recado.Message;
import dev.recado.QoS;

/** A message that has arrived, and what acknowledging it takes. */
final class Received {

    /**
     * What has become of it.
     *
     * <pre>
     * WAITING --HANDLED--> HANDLED --ANSWERED--> ANSWERED
     * </pre>
     *
     * What has no arrow changes nothing.
     */
    enum State {
        /** Not handled yet. */
        WAITING,
        /** Handled; its acknowledgement waits for those before it. */
        HANDLED,
        /** Its PUBACK or PUBREC was written, at least once. */
        ANSWERED;

        /** What happens to it. */
        enum Event {
            HANDLED,
            ANSWERED
        }

        /** The transition function. */
        State after(Event event) {
            return switch (event) {
                case HANDLED -> this == WAITING ? HANDLED : this;
                case ANSWERED -> this == HANDLED ? ANSWERED : this;
            };
        }
    }

    private final Message message;
    private final QoS qos;
    private final int packetId;

    /** Guarded by the {@link AckQueue}'s lock. */
    State state = State.WAITING;

    Received(Message message, QoS qos, int packetId) {
        this.message = message;
        this.qos = qos;
        this.packetId = packetId;
    }

    Message message() {
        return message;
    }

    QoS qos() {
        return qos;
    }

    int packetId() {
        return packetId;
    }
}
