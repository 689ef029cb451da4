package dev.recado.interop;

import dev.recado.QoS;

/** A client that is about to publish, to one topic. */
interface Outbox extends AutoCloseable {

    /** Returns when the broker has acknowledged, at QoS 1. */
    void publish(byte[] payload, QoS qos, boolean retain) throws Exception;
}
