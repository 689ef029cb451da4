package dev.recado.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** One connection of the load side. Used by the thread of its {@link Loop} only. */
public final class Client implements Replies, AutoCloseable {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int MOST_REPLIES = 1 << 20;
    private static final int FIRST_REPLIES = 1 << 10;
    private static final int ACK_LENGTH = 4;

    private final SocketChannel channel;
    private final Wire wire;
    private final Inbound inbound;

    /** What opens the connection; null once it is on its way. */
    private byte[] opening;

    private SelectionKey key;

    /** The beginning of a packet whose rest has not come yet. */
    private byte[] leftover = {};

    /** Goes out first, then the replies. Between two batches everything has gone out, so no packet is cut in two by another. */
    private ByteBuffer batch = NOTHING;

    private ByteBuffer replies = NOTHING;

    /** Why the connection has ended; null while it has not. */
    private IOException failure;

    Client(SocketChannel channel, Wire wire, byte[] opening) {
        this.channel = channel;
        this.wire = wire;
        this.inbound = wire.inbound(this);
        this.opening = opening;
    }

    /** Begins to. On loopback that is all: the system answers that it is under way, and has done it. */
    void connect(InetSocketAddress broker, Selector selector) {
        try {
            boolean connected = channel.connect(broker) || channel.finishConnect();
            key = channel.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
            if (connected) {
                open();
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    private void open() {
        command(opening);
        opening = null;
    }

    public Wire wire() {
        return wire;
    }

    public Inbound inbound() {
        return inbound;
    }

    public IOException failure() {
        return failure;
    }

    void fail(IOException cause) {
        if (failure == null) {
            failure = cause;
        }
        close();
    }

    @Override
    public void close() {
        if (key != null) {
            key.cancel();
        }
        try {
            channel.close();
        } catch (IOException e) {
            // Nobody waits for anything from it any more.
        }
        if (failure == null) {
            failure = new IOException("closed by this side");
        }
    }

    /** Closes without the farewell of TCP. */
    void reset() {
        if (channel.isOpen()) {
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                // It has ended by itself.
            }
        }
        close();
    }

    /** Whatever its key is ready for. */
    void ready(ByteBuffer shared) {
        try {
            if (key.isConnectable()) {
                channel.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                open();
            }
            if (key.isValid() && key.isReadable()) {
                read(shared);
            }
            if (key.isValid()) {
                flush();
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    private void read(ByteBuffer shared) throws IOException {
        shared.clear().put(leftover);
        if (channel.read(shared) < 0) {
            throw new IOException("the broker closed the connection");
        }
        inbound.count(shared.flip());
        if (shared.remaining() != leftover.length) {
            leftover = new byte[shared.remaining()];
        }
        shared.get(leftover);
    }

    // ---- Sending ----

    /** Whether everything has gone out, so that a new batch may be sent. */
    boolean isIdle() {
        return !batch.hasRemaining() && replies.position() == 0;
    }

    /**
     * Sends whole packets; to be called while {@link #isIdle}.
     *
     * @param packets is kept and its position moved until they have gone out
     */
    void send(ByteBuffer packets) {
        if (!isIdle()) {
            throw new IllegalStateException("a batch while another is under way");
        }
        batch = packets;
        flush();
    }

    @Override
    public void send(byte[] packet) {
        room(packet.length).put(packet);
    }

    /** Sends now what opens a connection or asks for something. */
    public void command(byte[] packet) {
        send(packet);
        flush();
    }

    @Override
    public void acknowledge(int first, int packetId) {
        room(ACK_LENGTH).put((byte) first).put((byte) 2).putShort((short) packetId);
    }

    private ByteBuffer room(int bytes) {
        if (replies.remaining() < bytes) {
            int needed = Math.max(FIRST_REPLIES, 2 * (replies.position() + bytes));
            if (needed > MOST_REPLIES) {
                throw new IllegalStateException(
                        needed + " bytes of replies wait, allowed are " + MOST_REPLIES + ": the broker does not read");
            }
            replies = ByteBuffer.allocateDirect(needed).put(replies.flip());
        }
        return replies;
    }

    void flush() {
        if (failure != null || !channel.isConnected()) {
            return;
        }
        try {
            if (batch.hasRemaining()) {
                channel.write(batch);
                if (!batch.hasRemaining()) {
                    // Its owner sets it to the next bytes before it sends them.
                    batch = NOTHING;
                }
            }
            if (!batch.hasRemaining() && replies.position() > 0) {
                channel.write(replies.flip());
                replies.compact();
            }
            int wanted = isIdle() ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
            if (key.interestOps() != wanted) {
                key.interestOps(wanted);
            }
        } catch (IOException e) {
            fail(e);
        }
    }
}
