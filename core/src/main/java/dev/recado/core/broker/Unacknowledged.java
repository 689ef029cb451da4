package dev.recado.core.broker;

import dev.recado.QoS;

/**
 * A message that was sent with a packet identifier and is not finished. When the session cannot outlive its connection nothing
 * but the stage matters: such messages share one object for each stage. Guarded by the session's lock.
 */
final class Unacknowledged {

    private static final Unacknowledged[] FORGETFUL = new Unacknowledged[DeliveryStage.values().length];

    static {
        for (DeliveryStage stage : DeliveryStage.values()) {
            FORGETFUL[stage.ordinal()] = new Unacknowledged(null, 0, stage);
        }
    }

    /** What to send again; null when that cannot happen. */
    private final Waiting delivery;

    /** Counts the session's messages, for the order in which they are sent again (MQTT-4.6.0-1). */
    final long sequence;

    private DeliveryStage stage;
    int packetId;

    /** Whether it was sent on the current connection, and so counts against the client's Receive Maximum. */
    boolean sent = true;

    private Unacknowledged(Waiting delivery, long sequence, DeliveryStage stage) {
        this.delivery = delivery;
        this.sequence = sequence;
        this.stage = stage;
    }

    static Unacknowledged keeping(Waiting delivery, long sequence) {
        return new Unacknowledged(delivery, sequence, DeliveryStage.first(delivery.qos()));
    }

    static Unacknowledged forgetful(QoS qos) {
        return FORGETFUL[DeliveryStage.first(qos).ordinal()];
    }

    DeliveryStage stage() {
        return stage;
    }

    /** The same at another stage, which may be the same object. */
    Unacknowledged at(DeliveryStage next) {
        if (delivery == null) {
            return FORGETFUL[next.ordinal()];
        }
        stage = next;
        return this;
    }

    Waiting delivery() {
        return delivery;
    }
}
