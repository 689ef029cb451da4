package dev.recado.bench.api;

import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** Eclipse Paho. */
final class PahoApi implements Api {

    private final String topic;
    private final int qos;
    private final MqttAsyncClient subscriber;
    private final MqttAsyncClient publisher;

    PahoApi(int port, String topic, int qos, int window, Runnable onMessage) throws MqttException {
        this.topic = topic;
        this.qos = qos;
        this.subscriber = connect(port, "subscriber", window);
        this.publisher = connect(port, "publisher", window);
        subscriber.subscribe(topic, qos, (name, message) -> onMessage.run()).waitForCompletion();
    }

    private static MqttAsyncClient connect(int port, String role, int window) throws MqttException {
        String clientId = role + ProcessHandle.current().pid();
        MqttAsyncClient client = new MqttAsyncClient("tcp://127.0.0.1:" + port, clientId, new MemoryPersistence());
        MqttConnectOptions options = new MqttConnectOptions();
        options.setMaxInflight(window);
        client.connect(options).waitForCompletion();
        return client;
    }

    @Override
    public void publish(byte[] payload) throws MqttException {
        publisher.publish(topic, payload, qos, false);
    }

    @Override
    public void close() throws MqttException {
        publisher.disconnect().waitForCompletion();
        subscriber.disconnect().waitForCompletion();
        publisher.close();
        subscriber.close();
    }
}
