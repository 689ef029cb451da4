package dev.recado.interop;

import dev.recado.QoS;
import java.net.URI;

/**
 * A kind of MQTT client, made to look like every other kind, so that one test drives them all. Its methods return when the
 * broker has answered, and throw what the client throws.
 */
interface Client {

    /** As {@link dev.recado.ClientInfo#protocol} has it. */
    String protocol();

    /** Subscribes to one filter; live when it returns. */
    Inbox subscribe(URI broker, String clientId, String filter, QoS qos) throws Exception;

    /** Connects in order to publish to one topic. */
    Outbox publishTo(URI broker, String clientId, String topic) throws Exception;
}
