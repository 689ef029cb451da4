package dev.recado.samples.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.recado.Broker;
import dev.recado.testkit.junit.RecadoBroker;
import dev.recado.testkit.junit.TestBroker;
import org.junit.jupiter.api.Test;

/** A broker that is told more than where to listen. */
// tag::configuration[]
class ConfiguredTest {

    static final class WithHistory implements RecadoBroker.Configuration {
        @Override
        public void configure(Broker.Builder builder) {
            builder.history(10).limits(limits -> limits.maxPacketSize(1_000));
        }
    }

    @Test
    void shouldKeepHistory(@RecadoBroker(configuration = WithHistory.class) TestBroker broker) {
        broker.publish("t", "1");
        broker.publish("t", "2");
        assertEquals(2, broker.broker().stats().historyMessages());
    }
}
// end::configuration[]
