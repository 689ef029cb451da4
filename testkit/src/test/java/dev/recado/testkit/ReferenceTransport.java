package dev.recado.testkit;

import dev.recado.spi.Acceptor;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.Endpoints;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The plainest transport that keeps the rules: java.net sockets, two threads a connection. */
final class ReferenceTransport implements Transport {

    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final Set<ServerSocket> listeners = ConcurrentHashMap.newKeySet();
    private final Set<ReferenceConnection> connections = ConcurrentHashMap.newKeySet();
    private boolean closed;

    @Override
    public synchronized Listener listen(URI endpoint, ListenOptions options, Acceptor acceptor) throws IOException {
        requireOpen();
        ServerSocket server = new ServerSocket();
        try {
            server.bind(Endpoints.resolve(endpoint), options.backlog());
        } catch (IOException e) {
            server.close();
            throw new IOException("cannot listen on " + endpoint + ": " + e.getMessage(), e);
        }
        listeners.add(server);
        Thread accepting = start("acceptor", () -> acceptAll(server, options, acceptor));
        URI actual = Endpoints.withPort(endpoint, server.getLocalPort());
        return new Listener() {
            @Override
            public URI endpoint() {
                return actual;
            }

            @Override
            public void close() {
                listeners.remove(server);
                ReferenceConnection.closeQuietly(server);
                // The kernel keeps the address while a thread is still on its way out of accept().
                join(accepting);
            }
        };
    }

    private void acceptAll(ServerSocket server, ListenOptions options, Acceptor acceptor) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open(new ReferenceConnection(this, socket, null, null, options.connection(), acceptor));
            } catch (IOException e) {
                // Closed, or out of file descriptors: then a pause lets somebody close one.
                ReferenceConnection.pause(server.isClosed() ? 0 : 100);
            }
        }
    }

    @Override
    public synchronized void connect(URI endpoint, ConnectOptions options, Acceptor acceptor) {
        requireOpen();
        open(new ReferenceConnection(this, newSocket(), endpoint, options.timeout(), options.connection(), acceptor));
    }

    /** Setting an option creates the descriptor; a close that came before that would leave a later connect unhindered. */
    private static Socket newSocket() {
        try {
            Socket socket = new Socket();
            socket.setTcpNoDelay(true);
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void open(ReferenceConnection connection) {
        if (closed) {
            connection.abort();
        }
        connections.add(connection);
        start("reader", connection);
    }

    Thread start(String name, Runnable body) {
        Thread thread = new Thread(
                () -> {
                    try {
                        body.run();
                    } finally {
                        threads.remove(Thread.currentThread());
                    }
                },
                "recado-reference-" + name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
        return thread;
    }

    void forget(ReferenceConnection connection) {
        connections.remove(connection);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this transport is closed");
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        listeners.forEach(ReferenceConnection::closeQuietly);
        listeners.clear();
        connections.forEach(ReferenceConnection::abort);
        if (threads.contains(Thread.currentThread())) {
            return;
        }
        threads.forEach(ReferenceTransport::join);
    }

    private static void join(Thread thread) {
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
