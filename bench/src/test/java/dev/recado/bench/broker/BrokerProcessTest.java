package dev.recado.bench.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.bench.load.Client;
import dev.recado.bench.load.Loop;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BrokerProcessTest {

    @ParameterizedTest
    @EnumSource(names = {"RECADO_NIO", "RECADO_BLOCKING"})
    void shouldServeInAProcessOfItsOwnAndEndWithIt(BrokerKind kind) throws Exception {
        BrokerProcess broker = BrokerProcess.start(kind);
        try (broker;
                Loop loop = new Loop(broker.address(), kind.wire())) {
            Client client = loop.connect();
            loop.subscribe(client, 1, "t", 0);
            client.command(loop.wire().publish("t", new byte[16], 0, false));

            assertThat(loop.await(() -> client.inbound().messages() == 1, Duration.ofSeconds(20)))
                    .isTrue();
            assertThat(broker.resident()).isGreaterThan(broker.liveHeap());
            assertThat(broker.allocated()).isPositive();
        }
        assertThat(broker.isAlive()).isFalse();
    }
}
