package dev.recado.interop.races;

import dev.recado.spi.Acceptor;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.Layer;
import dev.recado.spi.Peer;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** A layer that lets each call take a random while, so that what could happen in another order does. */
final class Jitter implements Layer {

    private final Random random;

    Jitter(long seed) {
        random = new Random(seed);
    }

    /** Mostly nothing, sometimes a spin, seldom so long that others run meanwhile. */
    private void delay() {
        int dice = random.nextInt(100);
        if (dice < 3) {
            LockSupport.parkNanos(random.nextInt(200_000));
        } else if (dice < 30) {
            for (int i = random.nextInt(500); i > 0; i--) {
                Thread.onSpinWait();
            }
        }
    }

    @Override
    public Acceptor wrap(Acceptor engine) {
        return connection -> {
            ConnectionHandler handler = engine.accept(new Delaying(connection));
            return handler == null ? null : new DelayingHandler(handler);
        };
    }

    private final class DelayingHandler implements ConnectionHandler {

        private final ConnectionHandler handler;

        DelayingHandler(ConnectionHandler handler) {
            this.handler = handler;
        }

        @Override
        public void opened() {
            delay();
            handler.opened();
        }

        @Override
        public void received(ByteBuffer bytes) {
            delay();
            handler.received(bytes);
        }

        @Override
        public void drained() {
            delay();
            handler.drained();
        }

        @Override
        public void closed(Throwable cause) {
            delay();
            handler.closed(cause);
        }
    }

    private final class Delaying implements Connection {

        private final Connection connection;

        Delaying(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void write(ByteBuffer... bytes) {
            delay();
            connection.write(bytes);
        }

        @Override
        public void flush() {
            delay();
            connection.flush();
        }

        @Override
        public long pending() {
            return connection.pending();
        }

        @Override
        public void pauseReading() {
            delay();
            connection.pauseReading();
        }

        @Override
        public void resumeReading() {
            delay();
            connection.resumeReading();
        }

        @Override
        public void close() {
            delay();
            connection.close();
        }

        @Override
        public void abort() {
            delay();
            connection.abort();
        }

        @Override
        public Peer peer() {
            return connection.peer();
        }
    }
}
