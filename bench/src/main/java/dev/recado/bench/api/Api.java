package dev.recado.bench.api;

import java.util.Locale;

/** A client library: one subscriber and one publisher of one topic, as its users would have them. */
interface Api extends AutoCloseable {

    /** What the broker of the same maker is asked through; Mosquitto has no Java client, so it is Paho's. */
    enum Kind {
        RECADO_NIO,
        RECADO_BLOCKING,
        HIVEMQ,
        PAHO,
        JNATS;

        Api open(int port, String topic, int qos, int window, Runnable onMessage) throws Exception {
            return switch (this) {
                case RECADO_NIO -> new RecadoApi("nio", port, topic, qos, window, onMessage);
                case RECADO_BLOCKING -> new RecadoApi("blocking", port, topic, qos, window, onMessage);
                case HIVEMQ -> new HiveMqApi(port, topic, qos, onMessage);
                case PAHO -> new PahoApi(port, topic, qos, window, onMessage);
                case JNATS -> new JnatsApi(port, topic, qos, onMessage);
            };
        }

        static Kind of(String id) {
            return valueOf(id.toUpperCase(Locale.ROOT).replace('-', '_'));
        }
    }

    /** Publishes without waiting for the broker. */
    void publish(byte[] payload) throws Exception;
}
