package dev.recado.core.tls;

import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Peer;
import dev.recado.spi.Transport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.function.IntSupplier;

/**
 * A connection that carries bytes only when the test says so, and as many at once as it says: {@link #step}. As a transport, it
 * makes that one connection. Not thread-safe.
 */
final class Wire implements Transport {

    final End client = new End();
    final End server = new End();

    Wire() {
        client.other = server;
        server.other = client;
    }

    @Override
    public Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) {
        server.handler = acceptor.accept(server);
        return new Listener() {
            @Override
            public URI endpoint() {
                return endpoint;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
        client.handler = acceptor.accept(client);
    }

    @Override
    public void close() {
        client.abort();
        server.abort();
        while (step(() -> 1)) {
            // until both know
        }
    }

    /** Has each end do one thing; {@code false} when there was nothing to do. */
    boolean step(IntSupplier mostBytes) {
        return client.step(mostBytes.getAsInt()) | server.step(mostBytes.getAsInt());
    }

    /** One end of the connection: what the TLS layer sees of a transport. */
    static final class End implements Connection {

        private End other;
        ConnectionHandler handler;
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private ByteBuffer onTheWay = ByteBuffer.allocate(0);
        private final ByteArrayOutputStream everything = new ByteArrayOutputStream();
        private boolean opened;
        private boolean outputEnded;
        private boolean closing;
        private boolean aborted;
        private boolean closed;
        boolean paused;

        /** Ends the output as a peer does that knows nothing of TLS. */
        void endOutput() {
            flush();
            outputEnded = true;
        }

        /** All that was ever flushed here. */
        byte[] everything() {
            return everything.toByteArray();
        }

        boolean isAborted() {
            return aborted;
        }

        private boolean step(int mostBytes) {
            if (handler == null || closed) {
                return false;
            }
            if (!opened && !aborted) {
                opened = true;
                handler.opened();
                return true;
            }
            if (aborted) {
                return close(null);
            }
            if (other.aborted) {
                return close(new IOException("reset"));
            }
            if (other.onTheWay.hasRemaining() && (!paused || closing)) {
                deliver(mostBytes);
                return true;
            }
            if (!other.onTheWay.hasRemaining() && other.outputEnded && !onTheWay.hasRemaining()) {
                outputEnded = true;
                return close(null);
            }
            return false;
        }

        private void deliver(int mostBytes) {
            ByteBuffer source = other.onTheWay;
            int count = Math.min(mostBytes, source.remaining());
            // Read-only: what a transport gives may be shared.
            ByteBuffer piece = source.slice(source.position(), count).asReadOnlyBuffer();
            source.position(source.position() + count);
            if (!closing) {
                handler.received(piece);
            }
        }

        private boolean close(Throwable cause) {
            closed = true;
            onTheWay = ByteBuffer.allocate(0);
            outputEnded = true;
            handler.closed(cause);
            return true;
        }

        @Override
        public void write(ByteBuffer... bytes) {
            if (outputEnded || aborted) {
                return;
            }
            for (ByteBuffer buffer : bytes) {
                byte[] copy = new byte[buffer.remaining()];
                buffer.get(buffer.position(), copy);
                written.writeBytes(copy);
            }
        }

        @Override
        public void flush() {
            byte[] flushed = written.toByteArray();
            written.reset();
            everything.writeBytes(flushed);
            onTheWay = ByteBuffer.allocate(onTheWay.remaining() + flushed.length)
                    .put(onTheWay)
                    .put(flushed)
                    .flip();
        }

        @Override
        public long pending() {
            return written.size() + onTheWay.remaining();
        }

        @Override
        public void pauseReading() {
            paused = true;
        }

        @Override
        public void resumeReading() {
            paused = false;
        }

        @Override
        public void close() {
            closing = true;
            endOutput();
        }

        @Override
        public void abort() {
            aborted = true;
        }

        @Override
        public Peer peer() {
            if (!opened) {
                throw new IllegalStateException("not opened");
            }
            return Peer.of(InetSocketAddress.createUnresolved("wire", 1));
        }
    }
}
