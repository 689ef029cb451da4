package dev.recado.bench.load;

import java.io.IOException;

/** A client whose subscriptions come and go, one change at a time, all the time. */
public final class Churn implements Runnable {

    private static final int FILTERS = 100;

    private final Client client;
    private final byte[][] subscribe = new byte[FILTERS][];
    private final byte[][] unsubscribe = new byte[FILTERS][];
    private final long before;
    private int changes;

    /** @param prefix of the filters, which match nothing that is published */
    public Churn(Loop loop, String prefix) throws IOException {
        client = loop.connect();
        before = client.inbound().replies();
        for (int i = 0; i < FILTERS; i++) {
            subscribe[i] = loop.wire().subscribe(i + 1, prefix + i, 0);
            unsubscribe[i] = loop.wire().unsubscribe(i + 1, prefix + i);
        }
    }

    public long changes() {
        return changes;
    }

    /** Makes the next change when the last one has been answered. */
    @Override
    public void run() {
        if (client.isIdle() && client.inbound().replies() == before + changes) {
            int filter = changes / 2 % FILTERS;
            client.command(changes % 2 == 0 ? subscribe[filter] : unsubscribe[filter]);
            changes++;
        }
    }
}
