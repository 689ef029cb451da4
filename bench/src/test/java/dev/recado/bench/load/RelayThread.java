package dev.recado.bench.load;

import dev.recado.bench.broker.Relay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;

/** A relay that runs beside a test. */
final class RelayThread implements AutoCloseable {

    private final Relay relay;
    private final Thread thread;

    RelayThread(int dropFirst) throws IOException {
        relay = new Relay(0, dropFirst);
        thread = new Thread(
                () -> {
                    try {
                        relay.run();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                "relay");
        thread.start();
    }

    InetSocketAddress address() throws IOException {
        return relay.address();
    }

    @Override
    public void close() throws InterruptedException {
        relay.close();
        thread.join();
    }
}
