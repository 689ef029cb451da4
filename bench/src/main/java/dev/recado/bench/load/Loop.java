package dev.recado.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** The load side: any number of connections, served by the one thread that calls. Closing it closes them all. */
public final class Loop implements AutoCloseable {

    private static final int READ_BUFFER = 1 << 18;
    private static final long REPLY_SECONDS = 30;
    private static final int SUBSCRIPTIONS_AT_ONCE = 200;

    /** So that no two have clients of the same name. */
    private static final AtomicInteger LOOPS = new AtomicInteger();

    private final Selector selector;
    private final InetSocketAddress broker;
    private final Wire wire;
    private final ByteBuffer shared = ByteBuffer.allocateDirect(READ_BUFFER);
    private final Set<Client> clients = new LinkedHashSet<>();
    private final String clientIds = "bench-" + ProcessHandle.current().pid() + "-" + LOOPS.getAndIncrement() + "-";
    private int named;

    public Loop(InetSocketAddress broker, Wire wire) throws IOException {
        this.selector = Selector.open();
        this.broker = broker;
        this.wire = wire;
    }

    public Wire wire() {
        return wire;
    }

    /** Begins to connect; the connection is there when it has had a reply. */
    public Client begin() throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            Client client = new Client(channel, wire, wire.connect(clientIds + named++));
            clients.add(client);
            client.connect(broker, selector);
            return client;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Closes at once, with a reset: the system keeps nothing of the connection, so that its port is free for another. */
    void drop(Client client) {
        clients.remove(client);
        client.reset();
    }

    /** Connects and waits for it. */
    public Client connect() throws IOException {
        Client client = begin();
        awaitReplies(client, 1);
        return client;
    }

    /** Subscribes and waits for it. */
    public void subscribe(Client client, int id, String filter, int qos) throws IOException {
        long replies = client.inbound().replies();
        client.command(wire.subscribe(id, filter, qos));
        awaitReplies(client, replies + 1);
    }

    /** Subscribes to many filters, a few hundred at a time. */
    public void subscribeAll(Client client, List<String> filters) throws IOException {
        long replies = client.inbound().replies();
        for (int i = 0; i < filters.size(); i++) {
            client.command(wire.subscribe(i + 1, filters.get(i), 0));
            if (i % SUBSCRIPTIONS_AT_ONCE == 0) {
                awaitReplies(client, replies + i + 1);
            }
        }
        awaitReplies(client, replies + filters.size());
    }

    /** Waits until the broker has answered so often. */
    public void awaitReplies(Client client, long replies) throws IOException {
        boolean there = await(
                () -> client.inbound().replies() >= replies || client.failure() != null,
                Duration.ofSeconds(REPLY_SECONDS));
        if (client.failure() != null) {
            throw new IOException(
                    "connection to the broker: " + client.failure().getMessage(), client.failure());
        }
        if (!there) {
            throw new IOException("no reply from the broker within " + REPLY_SECONDS + " s");
        }
    }

    /** Serves the connections until the condition holds. */
    public boolean await(BooleanSupplier condition, Duration atMost) throws IOException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            turn(10);
        }
        return true;
    }

    /**
     * Serves what is ready.
     *
     * @param waitMillis at most, until something is; 0 does not wait
     */
    public void turn(long waitMillis) throws IOException {
        int ready = waitMillis == 0 ? selector.selectNow() : selector.select(waitMillis);
        if (ready == 0) {
            return;
        }
        Set<SelectionKey> keys = selector.selectedKeys();
        for (SelectionKey key : keys) {
            if (key.isValid()) {
                ((Client) key.attachment()).ready(shared);
            }
        }
        keys.clear();
    }

    /** Fails when a connection has ended that nobody closed. */
    public void requireAlive() throws IOException {
        for (Client client : clients) {
            if (client.failure() != null) {
                throw new IOException("a connection ended: " + client.failure().getMessage(), client.failure());
            }
        }
    }

    @Override
    public void close() throws IOException {
        clients.forEach(Client::close);
        selector.close();
    }
}
