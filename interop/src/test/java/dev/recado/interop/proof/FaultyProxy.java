package dev.recado.interop.proof;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Stands between the kit and a broker, and makes of it a broker with one fault. Two threads a connection. */
final class FaultyProxy implements AutoCloseable {

    private final URI broker;
    private final Supplier<Fault> faults;
    private final ServerSocket server;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final Map<String, Object> memory = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(FaultyProxy::daemon);
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(FaultyProxy::daemon);
    private final AtomicReference<Throwable> bug = new AtomicReference<>();
    private Socket aside;

    /** Listens on a free port of the loopback address. {@code faults} makes one for each connection. */
    FaultyProxy(URI broker, Supplier<Fault> faults) throws IOException {
        this.broker = broker;
        this.faults = faults;
        this.server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "faulty-proxy");
        thread.setDaemon(true);
        return thread;
    }

    URI endpoint() {
        return URI.create("mqtt://127.0.0.1:" + server.getLocalPort());
    }

    Map<String, Object> memory() {
        return memory;
    }

    ScheduledExecutorService timer() {
        return timer;
    }

    void noteBug(Throwable thrown) {
        bug.compareAndSet(null, thrown);
    }

    private void accept() {
        while (true) {
            try {
                Socket client = server.accept();
                client.setTcpNoDelay(true);
                Link link = new Link(this, client, connect(), faults.get());
                links.add(link);
                threads.execute(() -> {
                    link.runClient();
                    links.remove(link);
                });
                threads.execute(link::runBroker);
            } catch (IOException closed) {
                return;
            }
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(broker.getHost(), broker.getPort()), 10_000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** Publishes on a connection that the kit knows nothing of, and returns when the broker has the message. */
    synchronized void publishAside(Packet message) {
        try {
            if (aside == null) {
                aside = connect();
                Packet connect = new Packet(Packet.CONNECT, 5);
                connect.level = 5;
                connect.connectFlags = 2;
                aside.getOutputStream().write(connect.bytes());
                awaitAside(Packet.CONNACK);
            }
            Packet copy = new Packet(Packet.PUBLISH, 5);
            copy.topic = message.topic;
            copy.payload = message.payload;
            copy.id = 1;
            copy.qos(1);
            aside.getOutputStream().write(copy.bytes());
            awaitAside(Packet.PUBACK);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitAside(int type) throws IOException {
        InputStream in = aside.getInputStream();
        int first = in.read();
        if (first >> 4 != type) {
            throw new IOException("expected packet type " + type + ", but " + (first >> 4) + " came");
        }
        in.skipNBytes(in.read());
    }

    /** Cuts all connections. Throws when a fault has thrown anything. */
    @Override
    public void close() throws IOException {
        // What throws from now on does so because of this.
        Throwable thrown = bug.get();
        server.close();
        timer.shutdownNow();
        links.forEach(Link::close);
        synchronized (this) {
            if (aside != null) {
                aside.close();
            }
        }
        threads.shutdown();
        if (thrown != null) {
            throw new IllegalStateException("a mutant has a bug of its own", thrown);
        }
    }
}
