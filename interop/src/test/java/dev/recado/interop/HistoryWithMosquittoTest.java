package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Broker;
import dev.recado.Publisher;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Any MQTT 5 client can ask for history, with a user property of its SUBSCRIBE. */
@ResourceLock(value = ChildProcesses.LOCK, mode = ResourceAccessMode.READ)
class HistoryWithMosquittoTest {

    @ParameterizedTest
    @ValueSource(strings = {"nio", "blocking"})
    void shouldReplayToMosquittoSub(String transport) throws Exception {
        try (Broker broker = Broker.builder()
                        .transport(transport)
                        .history("news/#", 5)
                        .listen("mqtt://127.0.0.1:0")
                        .start();
                Publisher publisher = broker.publisher("news/br").retain(false).open()) {
            for (int i = 1; i <= 9; i++) {
                publisher.publish(String.valueOf(i));
            }

            Process subscriber = new ProcessBuilder(
                            Native.MOSQUITTO_SUB.path(),
                            "-V",
                            "mqttv5",
                            "-h",
                            broker.endpoint().getHost(),
                            "-p",
                            String.valueOf(broker.endpoint().getPort()),
                            "-t",
                            "news/+",
                            "-q",
                            "1",
                            "-D",
                            "subscribe",
                            "user-property",
                            "recado-replay",
                            "3",
                            "-F",
                            "%t %p %r",
                            "-C",
                            "3",
                            "-W",
                            "20")
                    .redirectErrorStream(true)
                    .start();
            String said = new String(subscriber.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(subscriber.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(said.lines().toList()).isEqualTo(List.of("news/br 7 1", "news/br 8 1", "news/br 9 1"));
        }
    }
}
