package dev.recado.transport.blocking;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** An address that lets connects wait for ever: its backlog is full and nobody accepts. */
final class SilentServer {

    private SilentServer() {}

    static ServerSocket on(String address, int port) throws IOException {
        List<Socket> waiting = new ArrayList<>();
        ServerSocket server = new ServerSocket(port, 1, InetAddress.getByName(address)) {
            @Override
            public void close() throws IOException {
                super.close();
                for (Socket socket : waiting) {
                    socket.close();
                }
            }
        };
        try {
            while (true) {
                Socket socket = new Socket();
                waiting.add(socket);
                socket.connect(server.getLocalSocketAddress(), 200);
            }
        } catch (IOException full) {
            return server;
        }
    }
}
