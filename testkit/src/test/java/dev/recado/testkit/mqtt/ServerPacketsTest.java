package dev.recado.testkit.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ServerPacketsTest {

    private static final int SUBACK = 0x90;
    private static final int UNSUBACK = 0xB0;

    private static Received read(Version version, int firstByte, int... body) {
        return ServerPackets.read(version, firstByte, Outgoing.narrow(body), 2 + body.length);
    }

    @Test
    void shouldReadOneCodeForEachFilter() {
        assertThat(read(Version.V5, SUBACK, 0, 7, /* Property Length */ 0, 0x01, 0x8F)
                        .codes())
                .containsExactly(0x01, 0x8F);
        assertThat(read(Version.V5, UNSUBACK, 0, 7, /* Property Length */ 0, 0x00, 0x11)
                        .codes())
                .containsExactly(0x00, 0x11);
        assertThat(read(Version.V311, SUBACK, 0, 7, 0x02, 0x80).codes()).containsExactly(0x02, 0x80);
    }

    @Test
    void shouldRefuseSubackWithoutCode() {
        // QoS 0 behind a Property Length that was left out would read as the length 0.
        assertThatThrownBy(() -> read(Version.V5, SUBACK, 0, 7, 0))
                .isInstanceOf(AssertionError.class)
                .hasMessage("MQTT-3.8.4-6: SUBACK has no Reason Code");
        assertThatThrownBy(() -> read(Version.V311, SUBACK, 0, 7))
                .isInstanceOf(AssertionError.class)
                .hasMessage("MQTT-3.8.4-5: SUBACK has no Reason Code");
    }

    @Test
    void shouldRefuseUnsubackWithoutCodeInMqtt5Only() {
        assertThatThrownBy(() -> read(Version.V5, UNSUBACK, 0, 7, 0))
                .isInstanceOf(AssertionError.class)
                .hasMessage("MQTT-3.11.3-2: UNSUBACK has no Reason Code");
        assertThat(read(Version.V311, UNSUBACK, 0, 7).codes()).isEmpty();
    }
}
