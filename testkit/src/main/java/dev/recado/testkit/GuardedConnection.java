package dev.recado.testkit;

import dev.recado.spi.Connection;
import dev.recado.spi.Peer;
import java.nio.ByteBuffer;

/**
 * Passes calls on to the connection under test, records those that throw (T10), and marks the calling thread meanwhile, so
 * that a callback inside a call is noticed (T18).
 */
final class GuardedConnection implements Connection {

    private final Connection connection;
    private final ThreadLocal<String> callInProgress;
    private final Violations violations;

    GuardedConnection(Connection connection, ThreadLocal<String> callInProgress, Violations violations) {
        this.connection = connection;
        this.callInProgress = callInProgress;
        this.violations = violations;
    }

    @Override
    public void write(ByteBuffer... bytes) {
        call("write", () -> connection.write(bytes));
    }

    @Override
    public void flush() {
        call("flush", connection::flush);
    }

    @Override
    public long pending() {
        long[] pending = new long[1];
        call("pending", () -> pending[0] = connection.pending());
        if (pending[0] < 0) {
            violations.add("T12", "pending() must not be negative, but is " + pending[0]);
        }
        return pending[0];
    }

    @Override
    public void pauseReading() {
        call("pauseReading", connection::pauseReading);
    }

    @Override
    public void resumeReading() {
        call("resumeReading", connection::resumeReading);
    }

    @Override
    public void close() {
        call("close", connection::close);
    }

    @Override
    public void abort() {
        call("abort", connection::abort);
    }

    @Override
    public Peer peer() {
        return connection.peer();
    }

    private void call(String name, Runnable call) {
        String outer = callInProgress.get();
        callInProgress.set(name);
        try {
            call.run();
        } catch (Throwable t) {
            violations.add("T10", name + "() must not throw, but threw " + t, t);
            throw t;
        } finally {
            if (outer == null) {
                callInProgress.remove();
            } else {
                callInProgress.set(outer);
            }
        }
    }
}
