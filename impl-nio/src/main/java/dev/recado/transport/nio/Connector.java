package dev.recado.transport.nio;

import dev.recado.spi.ConnectAttempts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * The way of one connection from an endpoint to an open socket (T3, T20). Belongs to the loop's thread, except for the
 * lookup, which may block for seconds and runs elsewhere.
 */
final class Connector {

    private final ConnectAttempts attempts;
    private final ThreadPoolExecutor lookups;

    /** Queued or running, and nobody has heard of its end; {@code null} before and after. */
    private Runnable lookup;

    Connector(ConnectAttempts attempts, ThreadPoolExecutor lookups) {
        this.attempts = attempts;
        this.lookups = lookups;
    }

    void start(NioConnection connection) {
        if (!attempts.needsLookup()) {
            attempts.lookUp();
            attempt(connection);
            return;
        }
        connection.expireAt(System.nanoTime() + attempts.nanosLeft());
        lookup = () -> {
            attempts.lookUp();
            connection.lookedUp();
        };
        try {
            lookups.execute(lookup);
        } catch (RejectedExecutionException e) {
            // The transport is closing, and about to end this connection.
        }
    }

    /** The lookup has ended. */
    void lookedUp(NioConnection connection) {
        lookup = null;
        attempt(connection);
    }

    /** Begins to connect to the next address; when there is none left, the connection fails. */
    private void attempt(NioConnection connection) {
        for (InetSocketAddress address; (address = attempts.next()) != null; ) {
            try {
                connection.expireAt(System.nanoTime() + attempts.nanosLeft());
                connection.connectTo(address);
                return;
            } catch (IOException | RuntimeException e) {
                attempts.refused(e);
            }
        }
        connection.failed(attempts.failure());
    }

    /** The last attempt was answered with a refusal. */
    void refused(NioConnection connection, Exception cause) {
        attempts.refused(cause);
        attempt(connection);
    }

    /** The lookup, or the last attempt, was not answered in its time. */
    void unanswered(NioConnection connection) {
        attempts.unanswered();
        if (lookup == null) {
            attempt(connection);
        } else {
            // Even if it has ended just now: a word from it is on its way to the loop, and must find nothing begun.
            connection.failed(attempts.failure());
        }
    }

    /** Nobody waits any longer: a lookup that has not begun need not begin, nor be kept. */
    void abandon() {
        if (lookup != null) {
            lookups.remove(lookup);
        }
    }
}
