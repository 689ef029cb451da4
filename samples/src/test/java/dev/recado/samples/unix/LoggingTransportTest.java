package dev.recado.samples.unix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Broker;
import dev.recado.Publisher;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoggingTransportTest {

    @Test
    void shouldLogWhatHappensOnAConnection(@TempDir Path folder) {
        List<String> lines = new CopyOnWriteArrayList<>();
        try (LoggingTransport transport = new LoggingTransport(new UnixTransport(), lines::add);
                Broker broker = Broker.builder()
                        .transport(transport)
                        .listen("unix://" + folder.resolve("x.sock"))
                        .start()) {
            try (Publisher publisher =
                    Publisher.builder(broker.endpoint()).topic("news/br").open()) {
                publisher.publish("bom dia");
            }
            Awaitility.await().untilAsserted(() -> assertThat(lines).last().isEqualTo("closed"));
        }

        assertThat(lines.get(0)).startsWith("opened: ");
        assertThat(lines.subList(1, lines.size() - 1))
                .hasSizeGreaterThanOrEqualTo(2)
                .allMatch(line -> line.matches("received: \\d+ bytes"));
    }
}
