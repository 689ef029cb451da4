package dev.recado.interop;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import dev.recado.QoS;
import java.net.URI;

/** The HiveMQ client, speaking MQTT 5. */
final class HiveMq5 implements Client {

    private final MqttClientSslConfig tls;

    HiveMq5() {
        this(null);
    }

    /** Under TLS, unless it is {@code null}. */
    HiveMq5(MqttClientSslConfig tls) {
        this.tls = tls;
    }

    @Override
    public String protocol() {
        return "MQTT 5";
    }

    @Override
    public Inbox subscribe(URI broker, String clientId, String filter, QoS qos) {
        Mqtt5BlockingClient client = connect(broker, clientId);
        Inbox inbox = new Inbox().endsWith(() -> disconnect(client));
        Mqtt5AsyncClient async = client.toAsync();
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
        Mqtt5BlockingClient client = connect(broker, clientId);
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

    private static void disconnect(Mqtt5BlockingClient client) {
        if (client.getState().isConnected()) {
            client.disconnect();
        }
    }

    private Mqtt5BlockingClient connect(URI broker, String clientId) {
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .identifier(clientId)
                .serverHost(broker.getHost())
                .serverPort(broker.getPort())
                .sslConfig(tls)
                .buildBlocking();
        client.connect();
        return client;
    }
}
