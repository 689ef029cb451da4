package dev.recado.bench.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * The ceiling: what one thread can move that looks at no message. It answers CONNECT and SUBSCRIBE with fixed bytes; whatever
 * else a connection sends goes to every connection that has subscribed, as it came. QoS 0, and one topic for all.
 */
public final class Relay implements AutoCloseable {

    private static final int BUFFER = 1 << 18;
    private static final int CONNECT = 0x10;
    private static final int SUBSCRIBE = 0x82;
    private static final byte[] CONNACK = {0x20, 2, 0, 0};
    private static final byte[] SUBACK = {(byte) 0x90, 3, 0, 1, 0};

    /** What a connection is, by the first byte of what it sent last but data. */
    private enum Peer {
        NEW,
        CONNECTED,
        SUBSCRIBER,
        PUBLISHER
    }

    private static final class Link {
        final SocketChannel channel;
        Peer is = Peer.NEW;

        Link(SocketChannel channel) {
            this.channel = channel;
        }
    }

    private final Selector selector;
    private final ServerSocketChannel server;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(BUFFER);
    private final List<Link> subscribers = new ArrayList<>();

    /** Bytes of publishers that are thrown away before any is relayed. */
    private int toDrop;

    private volatile boolean closed;

    /**
     * Listens.
     *
     * @param port 0 for a free one
     * @param dropFirst so many bytes of publishers are lost: for those who want to see a loss noticed
     */
    public Relay(int port, int dropFirst) throws IOException {
        selector = Selector.open();
        server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10_000);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        toDrop = dropFirst;
    }

    public InetSocketAddress address() throws IOException {
        return (InetSocketAddress) server.getLocalAddress();
    }

    /** Relays on the calling thread until closed. */
    public void run() throws IOException {
        while (!closed) {
            selector.select();
            for (SelectionKey key : selector.selectedKeys()) {
                if (!key.isValid()) {
                    continue;
                }
                if (key.isAcceptable()) {
                    accept();
                } else {
                    serve(key, (Link) key.attachment());
                }
            }
            selector.selectedKeys().clear();
        }
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }

    private void accept() throws IOException {
        for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.register(selector, SelectionKey.OP_READ, new Link(channel));
        }
    }

    private void serve(SelectionKey key, Link from) {
        try {
            if (from.channel.read(bytes.clear()) < 0) {
                throw new IOException("the peer has gone");
            }
            bytes.flip();
            if (from.is == Peer.PUBLISHER) {
                relay();
            } else if (bytes.hasRemaining()) {
                first(from, bytes.get(0) & 0xFF);
            }
        } catch (IOException e) {
            end(key, from);
        }
    }

    /** A client waits for its answers, so CONNECT and SUBSCRIBE come whole and alone. */
    private void first(Link from, int first) throws IOException {
        if (from.is == Peer.NEW && first == CONNECT) {
            from.is = Peer.CONNECTED;
            write(from.channel, ByteBuffer.wrap(CONNACK));
        } else if (from.is == Peer.CONNECTED && first == SUBSCRIBE) {
            from.is = Peer.SUBSCRIBER;
            subscribers.add(from);
            write(from.channel, ByteBuffer.wrap(SUBACK));
        } else if (from.is == Peer.CONNECTED) {
            from.is = Peer.PUBLISHER;
            relay();
        }
    }

    private void relay() {
        int dropped = Math.min(toDrop, bytes.remaining());
        toDrop -= dropped;
        int start = dropped;
        int end = bytes.limit();
        for (int i = 0; i < subscribers.size(); i++) {
            try {
                write(subscribers.get(i).channel, bytes.limit(end).position(start));
            } catch (IOException e) {
                // Its own key says so next.
            }
        }
    }

    /** Waits for one that is slow: this loses nothing and holds the others up, as a relay may. */
    private void write(SocketChannel to, ByteBuffer what) throws IOException {
        while (what.hasRemaining() && !closed) {
            if (to.write(what) == 0) {
                Thread.yield();
            }
        }
    }

    private void end(SelectionKey key, Link from) {
        subscribers.remove(from);
        key.cancel();
        try {
            from.channel.close();
        } catch (IOException e) {
            // It has gone.
        }
    }

    @Override
    public void close() {
        closed = true;
        selector.wakeup();
    }
}
