package dev.recado.bench.run;

import dev.recado.bench.broker.BrokerKind;
import java.util.Set;

/**
 * Something to measure.
 *
 * @param id as on the command line
 * @param brokers which take part
 */
record Scenario(String id, String title, Set<BrokerKind> brokers, Measurement measurement) {

    /** One round with one broker. */
    interface Measurement {
        Outcome take(Brokers brokers, BrokerKind kind, Pace pace, int round) throws Exception;
    }
}
