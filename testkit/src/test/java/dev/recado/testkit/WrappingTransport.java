package dev.recado.testkit;

import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Peer;
import dev.recado.spi.Transport;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.function.Function;

/** Passes everything on to a {@link ReferenceTransport}; faults override the place where they go wrong. */
class WrappingTransport implements Transport {

    final Transport inner = new ReferenceTransport();
    private final Function<Connection, Link> links;

    WrappingTransport() {
        this(Link::new);
    }

    WrappingTransport(Function<Connection, Link> links) {
        this.links = links;
    }

    @Override
    public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
        return inner.listen(endpoint, options.withConnection(options(options.connection())), wrap(acceptor));
    }

    @Override
    public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
        inner.connect(endpoint, options.withConnection(options(options.connection())), wrap(acceptor));
    }

    @Override
    public void close() {
        inner.close();
    }

    ConnectionOptions options(ConnectionOptions asked) {
        return asked;
    }

    Acceptor wrap(Acceptor acceptor) {
        return connection -> {
            Link link = links.apply(connection);
            link.handler = acceptor.accept(link);
            return link.handler == null ? null : link;
        };
    }

    /** Stands in the middle of one connection, both ways. */
    static class Link implements Connection, ConnectionHandler {

        final Connection connection;
        volatile ConnectionHandler handler;

        Link(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void write(ByteBuffer... bytes) {
            connection.write(bytes);
        }

        @Override
        public void flush() {
            connection.flush();
        }

        @Override
        public long pending() {
            return connection.pending();
        }

        @Override
        public void pauseReading() {
            connection.pauseReading();
        }

        @Override
        public void resumeReading() {
            connection.resumeReading();
        }

        @Override
        public void close() {
            connection.close();
        }

        @Override
        public void abort() {
            connection.abort();
        }

        @Override
        public Peer peer() {
            return connection.peer();
        }

        @Override
        public void opened() {
            handler.opened();
        }

        @Override
        public void received(ByteBuffer bytes) {
            handler.received(bytes);
        }

        @Override
        public void drained() {
            handler.drained();
        }

        @Override
        public void closed(Throwable cause) {
            handler.closed(cause);
        }
    }
}
