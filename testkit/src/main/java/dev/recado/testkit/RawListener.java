package dev.recado.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;

/** A plain TCP server socket on loopback, for a client transport to connect to. */
final class RawListener implements AutoCloseable {

    private static final int FILL_TIMEOUT_MILLIS = 200;

    private final ServerSocket socket;
    private final Deque<Socket> fillers = new ArrayDeque<>();

    RawListener() throws IOException {
        socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
    }

    int port() {
        return socket.getLocalPort();
    }

    URI endpoint(String scheme) {
        return URI.create(scheme + "://127.0.0.1:" + port());
    }

    Socket accept(int timeoutMillis) throws IOException {
        socket.setSoTimeout(timeoutMillis);
        return socket.accept();
    }

    /** Fills the queue of connections to accept, so that the next ones get no answer; false where systems differ. */
    boolean stopAnswering() throws IOException {
        for (int i = 0; i < 16; i++) {
            Socket filler = new Socket();
            fillers.add(filler);
            try {
                filler.connect(socket.getLocalSocketAddress(), FILL_TIMEOUT_MILLIS);
            } catch (SocketTimeoutException e) {
                return true;
            } catch (IOException e) {
                return false;
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        while (!fillers.isEmpty()) {
            fillers.poll().close();
        }
        socket.close();
    }
}
