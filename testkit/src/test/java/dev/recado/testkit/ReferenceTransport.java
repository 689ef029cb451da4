package dev.recado.testkit;

import dev.recado.spi.Acceptor;
import dev.recado.spi.BufferPool;
import dev.recado.spi.ConnectAttempts;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.DaemonThreads;
import dev.recado.spi.Dialer;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.SocketListener;
import dev.recado.spi.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The plainest transport that keeps the rules: blocking sockets, two threads a connection. */
class ReferenceTransport implements Transport {

    private final DaemonThreads threads = new DaemonThreads("recado-reference-");
    private final BufferPool buffers = new BufferPool(16 * 1024, 64, true);
    private final Set<SocketListener> listeners = ConcurrentHashMap.newKeySet();
    private final Set<ReferenceConnection> connections = ConcurrentHashMap.newKeySet();
    private boolean closed;

    @Override
    public synchronized Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
        requireOpen();
        SocketListener listener = SocketListener.bind(
                endpoint,
                options.backlog(),
                acceptor,
                (channel, asked) -> open(new ReferenceConnection(this, options.connection(), asked, channel, null)));
        listeners.removeIf(SocketListener::isClosed);
        listeners.add(listener);
        threads.make("acceptor", listener).start();
        return listener;
    }

    @Override
    public void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
        ConnectAttempts attempts = new ConnectAttempts(endpoint, options.timeout(), InetAddress::getAllByName);
        open(new ReferenceConnection(this, options.connection(), acceptor, null, new Dialer(attempts, threads)));
    }

    private synchronized void open(ReferenceConnection connection) {
        requireOpen();
        connections.add(connection);
        threads.make("reader", connection::read).start();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this transport is closed");
        }
    }

    DaemonThreads threads() {
        return threads;
    }

    BufferPool buffers() {
        return buffers;
    }

    /** A connection has done with its socket. */
    void release(SocketChannel channel) throws IOException {
        channel.close();
    }

    void forget(ReferenceConnection connection) {
        connections.remove(connection);
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        listeners.forEach(SocketListener::close);
        connections.forEach(ReferenceConnection::abort);
        threads.awaitEnd(Duration.ofSeconds(5));
    }
}
