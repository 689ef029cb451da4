package dev.recado.interop;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import dev.recado.QoS;
import java.net.URI;

/** The HiveMQ client, speaking MQTT 3.1.1. */
final class HiveMq3 implements Client {

    private final MqttClientSslConfig tls;

    HiveMq3() {
        this(null);
    }

    /** Under TLS, unless it is {@code null}. */
    HiveMq3(MqttClientSslConfig tls) {
        this.tls = tls;
    }

    @Override
    public String protocol() {
        return "MQTT 3.1.1";
    }

    @Override
    public Inbox subscribe(URI broker, String clientId, String filter, QoS qos) {
        Mqtt3BlockingClient client = connect(broker, clientId);
        Inbox inbox = new Inbox().endsWith(() -> disconnect(client));
        Mqtt3AsyncClient async = client.toAsync();
        async.subscribeWith()
                .topicFilter(filter)
                .qos(MqttQos.fromCode(qos.value()))
                .callback(message -> inbox.add(new Received(
                        message.getTopic().toString(),
                        message.getPayloadAsBytes(),
                        QoS.of(message.getQos().getCode()),
                        message.isRetain())))
                .send()
                .join();
        return inbox;
    }

    @Override
    public Outbox publishTo(URI broker, String clientId, String topic) {
        Mqtt3BlockingClient client = connect(broker, clientId);
        return new Outbox() {
            @Override
            public void publish(byte[] payload, QoS qos, boolean retain) {
                client.publishWith()
                        .topic(topic)
                        .qos(MqttQos.fromCode(qos.value()))
                        .retain(retain)
                        .payload(payload)
                        .send();
            }

            @Override
            public void close() {
                disconnect(client);
            }
        };
    }

    private static void disconnect(Mqtt3BlockingClient client) {
        if (client.getState().isConnected()) {
            client.disconnect();
        }
    }

    private Mqtt3BlockingClient connect(URI broker, String clientId) {
        Mqtt3BlockingClient client = Mqtt3Client.builder()
                .identifier(clientId)
                .serverHost(broker.getHost())
                .serverPort(broker.getPort())
                .sslConfig(tls)
                .buildBlocking();
        client.connect();
        return client;
    }
}
