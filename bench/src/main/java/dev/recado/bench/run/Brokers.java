package dev.recado.bench.run;

import dev.recado.bench.broker.BrokerKind;
import dev.recado.bench.broker.BrokerProcess;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

/** The brokers that run: one process of each kind, kept warm from one scenario to the next. */
final class Brokers implements AutoCloseable {

    private final Map<BrokerKind, BrokerProcess> running = new EnumMap<>(BrokerKind.class);

    BrokerProcess running(BrokerKind kind) throws IOException {
        BrokerProcess known = running.get(kind);
        if (known != null && known.isAlive()) {
            return known;
        }
        discard(kind);
        BrokerProcess started = BrokerProcess.start(kind);
        running.put(kind, started);
        return started;
    }

    /** Ends one that has gone wrong; the next round gets another. */
    void discard(BrokerKind kind) {
        BrokerProcess known = running.remove(kind);
        if (known != null) {
            known.close();
        }
    }

    @Override
    public void close() {
        running.values().forEach(BrokerProcess::close);
    }
}
