package dev.recado.interop;

import dev.recado.QoS;
import java.net.URI;

/** Every kind of client that the tests know. */
enum Clients implements Client {
    MOSQUITTO_5(new MosquittoClients("mqttv5")),
    MOSQUITTO_3(new MosquittoClients("mqttv311")),
    HIVEMQ_5(new HiveMq5()),
    HIVEMQ_3(new HiveMq3()),
    PAHO_5(new Paho5()),
    PAHO_3(new Paho3()),
    RECADO_NIO(new Recado("nio")),
    RECADO_BLOCKING(new Recado("blocking"));

    private final Client client;

    Clients(Client client) {
        this.client = client;
    }

    boolean isOurs() {
        return client instanceof Recado;
    }

    @Override
    public String protocol() {
        return client.protocol();
    }

    @Override
    public Inbox subscribe(URI broker, String clientId, String filter, QoS qos) throws Exception {
        return client.subscribe(broker, clientId, filter, qos);
    }

    @Override
    public Outbox publishTo(URI broker, String clientId, String topic) throws Exception {
        return client.publishTo(broker, clientId, topic);
    }
}
