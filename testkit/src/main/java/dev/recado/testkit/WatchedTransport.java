package dev.recado.testkit;

import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Transport;
import java.io.IOException;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** The transport under test; tells {@link OpenSockets} which ports are its own, and for how long. Changes nothing. */
final class WatchedTransport implements Transport {

    private final Transport transport;
    private final OpenSockets sockets;
    private final Set<Watched> listeners = ConcurrentHashMap.newKeySet();

    WatchedTransport(Transport transport, OpenSockets sockets) {
        this.transport = transport;
        this.sockets = sockets;
    }

    /** The test's second transport: this one, where the test's author has it do both. */
    WatchedTransport orOther(Transport other) {
        return other == transport ? this : new WatchedTransport(other, sockets);
    }

    @Override
    public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
        Watched listener = new Watched(transport.listen(endpoint, options, acceptor));
        listeners.add(listener);
        return listener;
    }

    @Override
    public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
        transport.connect(endpoint, options, acceptor);
    }

    @Override
    public void close() {
        sockets.look();
        listeners.forEach(Watched::disown);
        transport.close();
    }

    private final class Watched implements Listener {

        private final Listener listener;
        private final int port;
        private final AtomicBoolean disowned = new AtomicBoolean();

        Watched(Listener listener) {
            this.listener = listener;
            this.port = listener.endpoint().getPort();
            sockets.own(port);
        }

        @Override
        public URI endpoint() {
            return listener.endpoint();
        }

        @Override
        public void close() {
            sockets.look();
            disown();
            listener.close();
        }

        /** Before it is closed, and once: somebody may listen there again before this is closed a second time. */
        void disown() {
            if (disowned.compareAndSet(false, true)) {
                sockets.disown(port);
            }
        }
    }
}
