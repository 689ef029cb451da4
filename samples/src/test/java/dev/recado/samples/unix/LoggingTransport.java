package dev.recado.samples.unix;

import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Transport;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

// tag::wrapper[]
/** Another transport, and a line for each thing that happens on it. */
record LoggingTransport(Transport below, Consumer<String> log) implements Transport {

    @Override
    public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
        return below.listen(endpoint, options, logged(acceptor));
    }

    @Override
    public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
        below.connect(endpoint, options, logged(acceptor));
    }

    @Override
    public void close() {
        below.close();
    }

    private Acceptor logged(Acceptor acceptor) {
        return connection -> {
            ConnectionHandler handler = acceptor.accept(connection);
            return handler == null ? null : new Logged(connection, handler, log); // T25: who refuses, refuses
        };
    }

    private record Logged(Connection connection, ConnectionHandler above, Consumer<String> log)
            implements ConnectionHandler {

        @Override
        public void opened() {
            log.accept("opened: " + connection.peer().address()); // T28: it has one from now on
            above.opened();
        }

        @Override
        public void received(ByteBuffer bytes) {
            log.accept("received: " + bytes.remaining() + " bytes");
            above.received(bytes);
        }

        @Override
        public void drained() {
            log.accept("drained");
            above.drained();
        }

        @Override
        public void closed(Throwable cause) {
            log.accept(cause == null ? "closed" : "closed: " + cause);
            above.closed(cause);
        }
    }
}
// end::wrapper[]
