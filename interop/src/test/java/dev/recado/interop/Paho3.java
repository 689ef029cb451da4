package dev.recado.interop;

import dev.recado.QoS;
import java.net.URI;
import javax.net.ssl.SSLContext;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** The Eclipse Paho client for MQTT 3.1.1. */
final class Paho3 implements Client {

    private static final long LIMIT_MILLIS = 20_000;

    private final SSLContext tls;

    Paho3() {
        this(null);
    }

    /** Under TLS, unless it is {@code null}. */
    Paho3(SSLContext tls) {
        this.tls = tls;
    }

    @Override
    public String protocol() {
        return "MQTT 3.1.1";
    }

    @Override
    public Inbox subscribe(URI broker, String clientId, String filter, QoS qos) throws MqttException {
        MqttAsyncClient client = connect(broker, clientId);
        Inbox inbox = new Inbox().endsWith(() -> disconnect(client));
        client.subscribe(
                        filter,
                        qos.value(),
                        (topic, message) -> inbox.add(new Received(
                                topic, message.getPayload(), QoS.of(message.getQos()), message.isRetained())))
                .waitForCompletion(LIMIT_MILLIS);
        return inbox;
    }

    @Override
    public Outbox publishTo(URI broker, String clientId, String topic) throws MqttException {
        MqttAsyncClient client = connect(broker, clientId);
        return new Outbox() {
            @Override
            public void publish(byte[] payload, QoS qos, boolean retain) throws MqttException {
                client.publish(topic, payload, qos.value(), retain).waitForCompletion(LIMIT_MILLIS);
            }

            @Override
            public void close() throws MqttException {
                disconnect(client);
            }
        };
    }

    private MqttAsyncClient connect(URI broker, String clientId) throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient(
                (tls == null ? "tcp://" : "ssl://") + broker.getHost() + ":" + broker.getPort(),
                clientId,
                new MemoryPersistence());
        MqttConnectOptions options = new MqttConnectOptions();
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        if (tls != null) {
            options.setSocketFactory(tls.getSocketFactory());
        }
        client.connect(options).waitForCompletion(LIMIT_MILLIS);
        return client;
    }

    private static void disconnect(MqttAsyncClient client) throws MqttException {
        if (client.isConnected()) {
            client.disconnect().waitForCompletion(LIMIT_MILLIS);
        }
        client.close();
    }
}
