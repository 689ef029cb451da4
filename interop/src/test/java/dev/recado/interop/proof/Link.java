package dev.recado.interop.proof;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One connection of the kit, and the one to the broker that stands for it. */
final class Link {

    /** Larger packets pass unseen, so that a length from the wire allocates no more. */
    private static final int LARGEST_PACKET = 4 << 20;

    private final FaultyProxy proxy;
    private final Socket client;
    private final Socket broker;
    private final Fault fault;

    /** That of the last CONNECT; 5 before there is one. */
    private int version = 5;

    /** The last CONNECT as it came; {@code null} before there is one. */
    private Packet connect;

    private boolean clientEnded;

    Link(FaultyProxy proxy, Socket client, Socket broker, Fault fault) {
        this.proxy = proxy;
        this.client = client;
        this.broker = broker;
        this.fault = fault;
    }

    // ---- What a fault may do; with this link's lock ----

    void toBroker(Packet packet) {
        write(broker, packet.bytes());
    }

    void toClient(Packet packet) {
        write(client, packet.bytes());
    }

    void rawToClient(byte... bytes) {
        write(client, bytes);
    }

    /** Closes the connection to the broker, as a client does that is cut off. */
    void cutBroker() {
        close(broker);
    }

    /** Closes the connection to the client behind what has been sent. */
    void endClient() {
        try {
            client.shutdownOutput();
        } catch (IOException gone) {
            // then it has ended
        }
    }

    /** {@code null} before there is one. */
    Packet connect() {
        return connect;
    }

    int version() {
        return version;
    }

    boolean hasClientEnded() {
        return clientEnded;
    }

    /** Whatever this broker's fault remembers beyond one connection. */
    Map<String, Object> memory() {
        return proxy.memory();
    }

    /** Runs this with the lock, unless the proxy has been closed by then. */
    void later(long millis, Runnable action) {
        proxy.timer().schedule(() -> locked(action), millis, TimeUnit.MILLISECONDS);
    }

    /** Runs this with the lock. Two links that lock each other would be stuck: from a fault, use {@link #later}. */
    synchronized void locked(Runnable action) {
        action.run();
    }

    /** Has a client of its own publish this, beside all rules. */
    void publishAside(Packet message) {
        proxy.publishAside(message.copy());
    }

    // ---- Both directions ----

    void pumpClient() {
        try {
            DataInputStream in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
            while (true) {
                byte[] header = header(in);
                if (header == null) {
                    if (fault.passesUnframed()) {
                        copy(in, broker);
                    }
                    in.transferTo(OutputStream.nullOutputStream());
                    break;
                }
                byte[] raw = rest(header, in);
                synchronized (this) {
                    Packet packet = new Packet(raw, header.length, version);
                    if (packet.is(Packet.CONNECT)) {
                        version = packet.version;
                        connect = new Packet(raw, header.length, version);
                    }
                    fault.fromClient(packet, this);
                }
            }
        } catch (IOException ended) {
            // like its end
        }
        synchronized (this) {
            clientEnded = true;
            fault.clientEnded(this);
        }
        close(client);
    }

    void pumpBroker() {
        try {
            DataInputStream in = new DataInputStream(new BufferedInputStream(broker.getInputStream()));
            while (true) {
                byte[] header = header(in);
                if (header == null) {
                    copy(in, client);
                    break;
                }
                byte[] raw = rest(header, in);
                synchronized (this) {
                    fault.fromBroker(new Packet(raw, header.length, version), this);
                }
            }
        } catch (IOException ended) {
            // like its end
        }
        synchronized (this) {
            fault.brokerEnded(this);
        }
        close(broker);
    }

    /** The bytes up to Remaining Length; {@code null}, and nothing consumed, when what follows cannot be one packet. */
    private static byte[] header(DataInputStream in) throws IOException {
        in.mark(5);
        byte[] header = new byte[5];
        header[0] = in.readByte();
        int remaining = 0;
        for (int i = 0; i < 4; i++) {
            header[i + 1] = in.readByte();
            remaining |= (header[i + 1] & 127) << 7 * i;
            if (header[i + 1] >= 0) {
                if (remaining > LARGEST_PACKET) {
                    break;
                }
                return Arrays.copyOf(header, i + 2);
            }
        }
        in.reset();
        return null;
    }

    private static byte[] rest(byte[] header, DataInputStream in) throws IOException {
        int remaining = 0;
        for (int i = 1; i < header.length; i++) {
            remaining |= (header[i] & 127) << 7 * (i - 1);
        }
        byte[] raw = Arrays.copyOf(header, header.length + remaining);
        in.readFully(raw, header.length, remaining);
        return raw;
    }

    private void copy(InputStream from, Socket to) throws IOException {
        byte[] buffer = new byte[8192];
        for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
            byte[] bytes = Arrays.copyOf(buffer, n);
            synchronized (this) {
                write(to, bytes);
            }
        }
    }

    private static void write(Socket to, byte[] bytes) {
        try {
            to.getOutputStream().write(bytes);
        } catch (IOException gone) {
            // who reads from it notices
        }
    }

    void close() {
        close(client);
        close(broker);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
