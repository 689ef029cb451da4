package dev.recado.interop;

import dev.recado.QoS;
import java.net.URI;
import javax.net.ssl.SSLContext;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** The Eclipse Paho client for MQTT 5. */
final class Paho5 implements Client {

    private static final long LIMIT_MILLIS = 20_000;

    private final SSLContext tls;

    Paho5() {
        this(null);
    }

    /** Under TLS, unless it is {@code null}. */
    Paho5(SSLContext tls) {
        this.tls = tls;
    }

    @Override
    public String protocol() {
        return "MQTT 5";
    }

    @Override
    public Inbox subscribe(URI broker, String clientId, String filter, QoS qos) throws MqttException {
        MqttAsyncClient client = client(broker, clientId);
        Inbox inbox = new Inbox().endsWith(() -> disconnect(client));
        client.setCallback(new Delivery(inbox));
        client.connect(options()).waitForCompletion(LIMIT_MILLIS);
        client.subscribe(filter, qos.value()).waitForCompletion(LIMIT_MILLIS);
        return inbox;
    }

    @Override
    public Outbox publishTo(URI broker, String clientId, String topic) throws MqttException {
        MqttAsyncClient client = client(broker, clientId);
        client.connect(options()).waitForCompletion(LIMIT_MILLIS);
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

    private MqttAsyncClient client(URI broker, String clientId) throws MqttException {
        return new MqttAsyncClient(
                (tls == null ? "tcp://" : "ssl://") + broker.getHost() + ":" + broker.getPort(),
                clientId,
                new MemoryPersistence());
    }

    private MqttConnectionOptions options() {
        MqttConnectionOptions options = new MqttConnectionOptions();
        if (tls != null) {
            options.setSocketFactory(tls.getSocketFactory());
        }
        return options;
    }

    private static void disconnect(MqttAsyncClient client) throws MqttException {
        if (client.isConnected()) {
            client.disconnect().waitForCompletion(LIMIT_MILLIS);
        }
        client.close();
    }

    private record Delivery(Inbox inbox) implements MqttCallback {

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            inbox.add(new Received(topic, message.getPayload(), QoS.of(message.getQos()), message.isRetained()));
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {}

        @Override
        public void mqttErrorOccurred(MqttException exception) {}

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean reconnect, String server) {}

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {}
    }
}
