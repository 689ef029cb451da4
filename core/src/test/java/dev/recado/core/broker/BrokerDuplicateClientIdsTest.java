package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Broker;
import dev.recado.DuplicateClientIds;
import dev.recado.Publisher;
import dev.recado.ReasonCode;
import dev.recado.RefusedException;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import dev.recado.core.codec.ProtocolVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BrokerDuplicateClientIdsTest {

    private final BrokerFixture fixture = new BrokerFixture(b -> b.duplicateClientIds(DuplicateClientIds.REFUSE));

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void shouldRefuseTheLaterOne() {
        WireClient first = fixture.connect("c");

        WireClient five = fixture.open().send(BrokerFixture.connectPacket("c", Properties.NONE));
        Packet.ConnAck refused = five.expect(Packet.ConnAck.class);
        assertThat(refused.reasonCode()).isEqualTo(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
        assertThat(refused.properties().text(Property.REASON_STRING)).isEqualTo("client identifier 'c' is in use");
        five.expectClosed();
        WireClient old = fixture.open()
                .send(new Packet.Connect(ProtocolVersion.MQTT_3_1_1, true, 0, Properties.NONE, "c", null, null, null));
        assertThat(old.expect(Packet.ConnAck.class).reasonCode()).isEqualTo(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
        old.expectClosed();

        assertThat(first.isClosed()).isFalse();
        assertThat(fixture.broker.clients()).hasSize(1);
        assertThat(fixture.broker.stats().refusals()).isEqualTo(2);
    }

    @Test
    void shouldLetASessionBeTakenUpWhoseClientIsAway() {
        WireClient first = fixture.connect(BrokerFixture.resume("c", 60));
        first.subscribe(AT_LEAST_ONCE, "a");
        fixture.open().send(BrokerFixture.connectPacket("c", Properties.NONE));
        first.cut();
        fixture.connect("p").publish("a", "kept", AT_LEAST_ONCE, false);

        WireClient again = fixture.open().send(BrokerFixture.resume("c", 60));

        Packet.ConnAck accepted = again.expect(Packet.ConnAck.class);
        assertThat(accepted.reasonCode()).isEqualTo(ReasonCode.SUCCESS);
        assertThat(accepted.sessionPresent()).isTrue();
        again.expectMessage("a", "kept");
    }

    /** Each round all come at once; whoever came in leaves before the next one. */
    @Test
    void shouldLetExactlyOneInOfThoseWhoComeAtOnce() throws Exception {
        int clients = 4;
        int rounds = 200;
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try (Broker broker =
                Broker.builder().duplicateClientIds(DuplicateClientIds.REFUSE).start()) {
            CyclicBarrier together = new CyclicBarrier(clients);
            CyclicBarrier decided = new CyclicBarrier(clients);
            Callable<Integer> client = () -> {
                int in = 0;
                for (int round = 0; round < rounds; round++) {
                    together.await(20, TimeUnit.SECONDS);
                    Publisher mine = null;
                    try {
                        mine = broker.publisher("a").clientId("c" + round).open();
                        in++;
                    } catch (RefusedException e) {
                        assertThat(e.reasonCode()).contains(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID);
                    }
                    decided.await(20, TimeUnit.SECONDS);
                    if (mine != null) {
                        mine.close();
                    }
                }
                return in;
            };
            List<Future<Integer>> results = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                results.add(threads.submit(client));
            }
            int in = 0;
            for (Future<Integer> result : results) {
                in += result.get(60, TimeUnit.SECONDS);
            }
            assertThat(in).isEqualTo(rounds);
            assertThat(broker.stats().refusals()).isEqualTo((clients - 1L) * rounds);
        } finally {
            threads.shutdownNow();
        }
    }
}
