package dev.recado.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command {@code demo}. */
final class DemoIT {

    @ParameterizedTest
    @ValueSource(strings = {"nio", "blocking"})
    void shouldShowTheSameScenesEachTime(String transport) throws Exception {
        try (RecadoProcess demo = RecadoProcess.start("demo", "--transport", transport)) {
            List<String> scenes = demo.success().stream()
                    .map(line -> line.replaceAll("127\\.0\\.0\\.1:\\d+", "127.0.0.1:PORT")
                            .replaceAll("\\d+ ms", "N ms"))
                    .toList();

            assertThat(scenes).hasSizeLessThanOrEqualTo(20);
            assertThat(String.join("\n", scenes)).isEqualTo("""
                            broker      listens on mqtt://127.0.0.1:PORT (%s), and in this process without a socket
                            message     ana publishes, bo gets 'bom dia' on news/br
                            start       N ms from nothing to this first message, class loading included
                            role        ana is a PUBLISHER of [news/br] over MQTT 5
                            role        bo is a SUBSCRIBER of [news/#] over MQTT 5
                            wildcard    chieko publishes without a socket; bo, who reads [news/#], gets 'おはよう' on news/jp
                            last value  dora comes late and is given 'boa tarde' on news/br
                            live        and from now on what is new: 'boa noite' on news/br
                            order       bo, who was here all the time, gets 'boa tarde' on news/br, then 'boa noite' on news/br
                            refused     publishing elsewhere: the message's topic is 'sport/br', but this publisher's is 'news/br'
                            refused     opening the door: endpoint 'mqtt://0.0.0.0:0' is reachable from outside this machine, \
                            and everyone could connect; set an authenticator(...), call allowAnonymous() if that is meant, or listen on 127.0.0.1
                            topics      clients left: 0; topics that stay: [news/br, news/jp]
                            recado      left for emil, who comes later: 'boa noite' on news/br
                            recado      left for emil, who comes later: 'おはよう' on news/jp
                            stats       5 clients came, 4 messages came in, 8 went out, 0 were dropped
                            end         the broker is closed; its threads, sockets and timers are freed""".formatted(transport));
        }
    }
}
