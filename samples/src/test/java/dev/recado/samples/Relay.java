package dev.recado.samples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A way to a server that can break so that only the client notices, as with a router that forgets connections. */
public final class Relay implements AutoCloseable {

    private final URI server;
    private final ServerSocket listening;
    private final List<Path> paths = new CopyOnWriteArrayList<>();

    public Relay(URI server) throws IOException {
        this.server = server;
        listening = new ServerSocket(0, 50, InetAddress.getByName(server.getHost()));
        start(this::accept);
    }

    /** Where clients connect to. */
    public URI endpoint() {
        return URI.create(server.getScheme() + "://" + server.getHost() + ":" + listening.getLocalPort());
    }

    /** Resets the clients' connections, and leaves the server's open. Those made later are whole. */
    public void breakOnTheClientsSide() {
        paths.forEach(Path::breakOnTheClientsSide);
    }

    private void accept() {
        try {
            while (true) {
                Path path = new Path(listening.accept(), new Socket(server.getHost(), server.getPort()));
                paths.add(path);
                start(() -> path.carry(path.client, path.server));
                start(() -> path.carry(path.server, path.client));
            }
        } catch (IOException e) {
            // Closed, as the server may be.
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        paths.forEach(Path::close);
    }

    private static final class Path {

        final Socket client;
        final Socket server;

        /** Guarded by this. */
        private boolean broken;

        Path(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void carry(Socket from, Socket to) {
            try {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException e) {
                // As good as the end.
            }
            end();
        }

        /** What ends on one side ends on the other, too, unless it was broken. */
        private synchronized void end() {
            if (!broken) {
                close();
            }
        }

        synchronized void breakOnTheClientsSide() {
            if (client.isClosed()) {
                return;
            }
            broken = true;
            try {
                client.setSoLinger(true, 0);
                client.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void close() {
            try (client;
                    server) {
                // Both.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
