package dev.recado.samples.testing;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Turns the heating of each room on and off: gets {@code house/<room>/temperature} in degrees, says {@code on} or {@code off}
 * to {@code house/<room>/heating}. When it is lost, the broker says {@code offline} to {@code house/thermostat} for it.
 */
public final class Thermostat implements AutoCloseable {

    private static final String STATE = "house/thermostat";

    private final double target;
    private final Mqtt5AsyncClient client;

    /** Connects, and returns when it is at work. */
    public Thermostat(String host, int port, double target) {
        this.target = target;
        client = Mqtt5Client.builder()
                .identifier("thermostat")
                .serverHost(host)
                .serverPort(port)
                .automaticReconnect()
                .initialDelay(100, TimeUnit.MILLISECONDS)
                .applyAutomaticReconnect()
                .willPublish()
                .topic(STATE)
                .payload(bytes("offline"))
                .applyWillPublish()
                .buildAsync();
        client.connectWith().sessionExpiryInterval(60).send().join();
        client.subscribeWith()
                .topicFilter("house/+/temperature")
                .callback(this::measured)
                .send()
                .join();
    }

    private void measured(Mqtt5Publish measurement) {
        String room = measurement.getTopic().getLevels().get(1);
        String text = new String(measurement.getPayloadAsBytes(), StandardCharsets.UTF_8);
        try {
            say(room, Double.parseDouble(text) < target ? "on" : "off");
        } catch (NumberFormatException e) {
            // A broken thermometer is no reason to let a room freeze.
            say(room, "on");
        }
    }

    private void say(String room, String what) {
        client.publishWith()
                .topic("house/" + room + "/heating")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(bytes(what))
                .send();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.disconnectWith().sessionExpiryInterval(0).send().join();
    }
}
