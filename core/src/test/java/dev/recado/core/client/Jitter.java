package dev.recado.core.client;

import dev.recado.spi.Acceptor;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.Layer;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * A layer that keeps the SPI's rules and makes callbacks late by random moments, so that they meet whatever other threads do
 * in the meantime. Nothing waits for these delays. It also remembers the last connection, for a test that breaks it.
 */
final class Jitter implements Layer {

    private static final long MOST_NANOS = 100_000;

    private final SplittableRandom random;
    private volatile Connection last;

    Jitter(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Aborts the current connection, if there is one. */
    void breakConnection() {
        Connection connection = last;
        if (connection != null) {
            connection.abort();
        }
    }

    @Override
    public Acceptor wrap(Acceptor inner) {
        return connection -> {
            ConnectionHandler handler = inner.accept(connection);
            last = connection;
            return new Late(handler, split());
        };
    }

    private synchronized SplittableRandom split() {
        return random.split();
    }

    private record Late(ConnectionHandler inner, SplittableRandom random) implements ConnectionHandler {

        private void delay() {
            if (random.nextInt(4) == 0) {
                LockSupport.parkNanos(random.nextLong(MOST_NANOS));
            }
        }

        @Override
        public void opened() {
            delay();
            inner.opened();
        }

        @Override
        public void received(ByteBuffer bytes) {
            delay();
            inner.received(bytes);
            delay();
        }

        @Override
        public void drained() {
            inner.drained();
        }

        @Override
        public void closed(Throwable cause) {
            delay();
            inner.closed(cause);
        }
    }
}
