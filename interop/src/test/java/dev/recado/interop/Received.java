package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.QoS;
import java.nio.charset.StandardCharsets;

/** A message as a subscriber saw it; {@code retained} is MQTT's flag: a last value from before. */
record Received(String topic, byte[] payload, QoS qos, boolean retained) {

    String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    void shouldBe(String expectedTopic, byte[] expectedPayload, QoS expectedQoS, boolean expectedRetained) {
        assertThat(topic).isEqualTo(expectedTopic);
        assertThat(payload).as("payload").isEqualTo(expectedPayload);
        assertThat(qos).as("QoS").isEqualTo(expectedQoS);
        assertThat(retained).as("retained").isEqualTo(expectedRetained);
    }
}
