package dev.recado.testkit.mqtt;

import org.junit.jupiter.api.Test;

/** MQTT over WebSocket, section 6: the kit speaks MQTT over TCP only, so these are gaps, and are shown as such. */
abstract class V311WebSocket extends Chapter {

    private static final String REASON = "the kit opens TCP connections, and a broker need not have WebSocket";

    V311WebSocket(BrokerUnderTest broker) {
        super(broker, Version.V311);
    }

    /** Always skipped. */
    @Test
    void untested_v311_6_0_0_1_frameThatIsNotBinaryEndsTheConnection() {
        notObservable(REASON);
    }

    /** Always skipped. */
    @Test
    void untested_v311_6_0_0_2_packetsDoNotKeepToFrames() {
        notObservable(REASON);
    }

    /** Always skipped. */
    @Test
    void untested_v311_6_0_0_4_subProtocolIsMqtt() {
        notObservable(REASON);
    }
}
