package dev.recado.interop;

import dev.recado.testkit.mqtt.BrokerUnderTest;
import dev.recado.testkit.mqtt.MqttContract;
import dev.recado.testkit.mqtt.MqttFeature;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The kit with a broker that others wrote: what it demands is not what ours happens to do. */
@Tag("foreign")
@ResourceLock(value = ChildProcesses.LOCK, mode = ResourceAccessMode.READ)
class MosquittoContractTest extends MqttContract {

    @TempDir
    static Path folder;

    @Override
    protected BrokerUnderTest startBroker() throws Exception {
        Mosquitto mosquitto = Mosquitto.start(folder);
        return BrokerUnderTest.at(mosquitto.endpoint())
                .without(MqttFeature.REASON_CODES)
                .refusingTopic("$SYS/kit")
                .closing(mosquitto)
                .deviatingAsIn(getClass().getResource("mosquitto-deviations.txt"));
    }
}
