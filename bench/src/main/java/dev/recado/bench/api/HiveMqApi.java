package dev.recado.bench.api;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;

/** The HiveMQ MQTT client. */
final class HiveMqApi implements Api {

    private final String topic;
    private final MqttQos qos;
    private final Mqtt5AsyncClient subscriber;
    private final Mqtt5AsyncClient publisher;

    HiveMqApi(int port, String topic, int qos, Runnable onMessage) {
        this.topic = topic;
        this.qos = MqttQos.values()[qos];
        this.subscriber = connect(port);
        this.publisher = connect(port);
        subscriber
                .subscribeWith()
                .topicFilter(topic)
                .qos(this.qos)
                .callback(message -> onMessage.run())
                .send()
                .join();
    }

    private static Mqtt5AsyncClient connect(int port) {
        Mqtt5AsyncClient client = MqttClient.builder()
                .useMqttVersion5()
                .serverHost("127.0.0.1")
                .serverPort(port)
                .buildAsync();
        client.connect().join();
        return client;
    }

    @Override
    public void publish(byte[] payload) {
        publisher.publishWith().topic(topic).qos(qos).payload(payload).send();
    }

    @Override
    public void close() {
        publisher.disconnect().join();
        subscriber.disconnect().join();
    }
}
