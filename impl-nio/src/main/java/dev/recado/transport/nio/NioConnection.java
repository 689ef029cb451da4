package dev.recado.transport.nio;

import dev.recado.spi.Acceptor;
import dev.recado.spi.Connection;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ConnectionOptions;
import dev.recado.spi.OutboundBuffer;
import dev.recado.spi.Peer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection. Its outbound half may be used by any thread; its state, its key and its handler belong to its loop.
 *
 * <p>Implementation note. What another thread wants of the loop is a bit in {@link #requests}; the first bit puts the
 * connection into the loop's queue, so the queue holds each connection at most once and no call needs a task of its own.
 *
 * <p>The drainer (see {@link OutboundBuffer}) is whoever flushes. When the socket is full, or the turn is over, it keeps
 * the office and passes it on with the bit {@link #DRAIN}; from then on it touches neither the socket nor the batch. Only
 * the loop holds the office for longer than a call, and remembers it in {@link #drainer}.
 */
final class NioConnection implements Connection {

    private static final Logger LOG = LoggerFactory.getLogger(NioConnection.class);

    private static final int START = 1;
    private static final int LOOKED_UP = 2;
    private static final int CLOSE = 4;
    private static final int ABORT = 8;
    /** Writing failed; {@link #failure} says why. */
    private static final int FAIL = 16;
    /** The loop is the drainer now. */
    private static final int DRAIN = 32;
    /** Something that the loop depends on has changed. */
    private static final int LOOK = 64;

    /** A connection that always has more would hold its loop, or the flushing thread, for ever. */
    private static final int BATCHES_A_TURN = 16;

    /** Of what a peer has left behind that took no more bytes. */
    private static final int LAST_READS = 4;

    // Each connection would hold two AtomicIntegers otherwise.
    private static final AtomicIntegerFieldUpdater<NioConnection> REQUESTS =
            AtomicIntegerFieldUpdater.newUpdater(NioConnection.class, "requests");
    private static final AtomicIntegerFieldUpdater<NioConnection> DRAINS_DUE =
            AtomicIntegerFieldUpdater.newUpdater(NioConnection.class, "drainsDue");

    private final EventLoop loop;
    private final ConnectionOptions options;
    private final OutboundBuffer out;
    private volatile int requests;
    private volatile int drainsDue;
    private volatile boolean closing;
    private volatile boolean paused;

    /** Set after {@link ConnectionHandler#opened}: nothing is written to the socket before. */
    private volatile boolean opened;

    private volatile Throwable failure;
    private volatile Peer peer;

    // The loop's:
    private State state = State.CONNECTING;
    private Acceptor acceptor;
    private Connector connector;
    private SocketChannel channel;
    private ConnectionHandler handler;
    private SelectionKey key;
    private int interest;
    private boolean drainer;
    private Deadlines.Deadline deadline;

    /** A connection that has been accepted: {@code channel}; or is to be made: {@code connector}. The other is null. */
    NioConnection(
            EventLoop loop, ConnectionOptions options, Acceptor acceptor, SocketChannel channel, Connector connector) {
        this.loop = loop;
        this.options = options;
        this.acceptor = acceptor;
        this.channel = channel;
        this.connector = connector;
        this.out = new OutboundBuffer(loop.writeBuffers(), options);
    }

    /** Lets the loop ask the acceptor and open the connection. */
    void start() {
        request(START);
    }

    /** The connector's lookup has ended; called by the thread that did it. */
    void lookedUp() {
        request(LOOKED_UP);
    }

    private void request(int what) {
        if (REQUESTS.getAndAccumulate(this, what, (before, bit) -> before | bit) == 0) {
            loop.attend(this);
        }
    }

    // ---- The outbound half, for any thread

    @Override
    public void write(ByteBuffer... bytes) {
        out.write(bytes);
    }

    @Override
    public void flush() {
        // Not opened yet: the loop will flush when it is, and that comes after this thread's write in any case.
        if (!opened || !out.flush()) {
            return;
        }
        try {
            if (!drain()) {
                request(DRAIN);
            }
        } catch (Throwable e) {
            giveUpWriting(e);
        }
    }

    /**
     * Writes what the socket takes. The caller is the drainer.
     *
     * @return whether it has resigned; otherwise the socket is full, or the turn is over
     */
    private boolean drain() throws IOException {
        for (int turn = 0; turn < BATCHES_A_TURN; turn++) {
            boolean full = writeBatch();
            if (out.taken()) {
                DRAINS_DUE.incrementAndGet(this);
                request(LOOK);
            }
            if (full) {
                return false;
            }
            if (out.release()) {
                if (out.finished()) {
                    request(LOOK);
                }
                return true;
            }
        }
        return false;
    }

    /** Returns whether the socket took less than all. */
    private boolean writeBatch() throws IOException {
        ByteBuffer[] batch = loop.batch();
        int count = out.take(batch);
        try {
            channel.write(batch, 0, count);
            return count > 0 && batch[count - 1].hasRemaining();
        } finally {
            Arrays.fill(batch, 0, count, null);
        }
    }

    private void giveUpWriting(Throwable cause) {
        failure = cause;
        out.discard();
        out.release();
        request(FAIL);
    }

    @Override
    public long pending() {
        return out.pending();
    }

    @Override
    public void pauseReading() {
        // The loop finds out when there is something to read.
        paused = true;
    }

    @Override
    public void resumeReading() {
        if (paused) {
            paused = false;
            request(LOOK);
        }
    }

    @Override
    public void close() {
        closing = true;
        boolean nowDrainer = out.end();
        request(nowDrainer ? CLOSE | DRAIN : CLOSE);
    }

    @Override
    public void abort() {
        closing = true;
        out.discard();
        request(ABORT);
    }

    @Override
    public Peer peer() {
        Peer known = peer;
        if (known == null) {
            throw new IllegalStateException("the connection is not open yet: its peer is known from opened() on");
        }
        return known;
    }

    // ---- What follows runs on the loop

    /** Does what was asked for since the last time. */
    void attend() {
        int asked = REQUESTS.getAndSet(this, 0);
        if ((asked & DRAIN) != 0) {
            drainer = true;
        }
        if (state == State.CLOSED) {
            resign();
            return;
        }
        if ((asked & START) != 0) {
            open();
        }
        if ((asked & LOOKED_UP) != 0 && state == State.CONNECTING) {
            connector.lookedUp(this);
        }
        if ((asked & ABORT) != 0) {
            end();
        }
        if ((asked & FAIL) != 0) {
            // The peer's last words, such as a DISCONNECT, may have come before it reset the connection.
            for (int i = 0; i < LAST_READS && read(); i++) {}
            broken(failure);
        }
        deliverDrained();
        if ((asked & CLOSE) != 0) {
            closeAsAsked();
        }
        settle();
    }

    /** Does what the selector found possible. */
    void ready(int operations) {
        if ((operations & SelectionKey.OP_CONNECT) != 0) {
            finishConnecting();
        }
        if ((operations & SelectionKey.OP_READ) != 0) {
            read();
        }
        if ((operations & SelectionKey.OP_WRITE) != 0 && drainer) {
            drainOnLoop();
        }
        settle();
    }

    /** The deadline has come: of connecting, or of closing. */
    void timedOut() {
        deadline = null;
        if (state == State.CONNECTING) {
            abandonAttempt();
            connector.unanswered(this);
            settle();
        } else {
            end();
        }
    }

    /** Ends the connection now, as {@link #abort} does. */
    void end() {
        move(State.Event.ENDED, null);
    }

    /** The connector has nothing left to try. */
    void failed(IOException cause) {
        move(State.Event.ENDED, cause);
    }

    private void open() {
        loop.add(this);
        handler = askAcceptor();
        acceptor = null;
        if (handler == null) {
            end();
        } else if (connector != null) {
            connector.start(this);
        } else {
            try {
                channel.configureBlocking(false);
                key = loop.register(channel, 0, this);
                connected();
            } catch (IOException e) {
                broken(e);
            }
        }
    }

    private ConnectionHandler askAcceptor() {
        try {
            return acceptor.accept(this);
        } catch (Throwable e) {
            LOG.warn("an acceptor failed, its connection is aborted", e);
            return null;
        }
    }

    /** Begins to connect; whether it worked is known here or in {@link #ready}. */
    void connectTo(InetSocketAddress address) throws IOException {
        channel = SocketChannel.open();
        try {
            channel.configureBlocking(false);
            boolean atOnce = channel.connect(address);
            interest = SelectionKey.OP_CONNECT;
            key = loop.register(channel, interest, this);
            if (atOnce) {
                connected();
            }
        } catch (IOException | RuntimeException e) {
            abandonAttempt();
            throw e;
        }
    }

    private void finishConnecting() {
        try {
            if (channel.finishConnect()) {
                connected();
            }
        } catch (IOException e) {
            abandonAttempt();
            connector.refused(this, e);
        }
    }

    private void abandonAttempt() {
        closeChannel();
        channel = null;
        key = null;
        interest = 0;
    }

    private void connected() throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        peer = Peer.of(channel.getRemoteAddress());
        connector = null;
        expireAt(null);
        move(State.Event.CONNECTED, null);
    }

    /** The one place where the state changes. */
    private void move(State.Event event, Throwable cause) {
        State before = state;
        state = before.after(event);
        if (state == before) {
            return;
        }
        switch (state) {
            case OPEN -> enterOpen();
            case FLUSHING, FINISHING -> enterFlushing(before);
            case DISCARDING -> enterDiscarding();
            case CLOSED -> enterClosed(cause);
            case CONNECTING -> throw new AssertionError("no event leads back to " + state);
        }
    }

    private void enterOpen() {
        try {
            handler.opened();
        } catch (Throwable e) {
            move(State.Event.ENDED, e);
            return;
        }
        opened = true;
        // What was written so far. A thread that flushes after this line does it itself.
        if (out.flush()) {
            drainer = true;
        }
        if (drainer) {
            drainOnLoop();
        }
        if (closing) {
            // close() came while connecting, when there was something to send (see closeAsAsked).
            move(State.Event.CLOSE, null);
        }
    }

    private void enterFlushing(State before) {
        if (before == State.OPEN) {
            expireAt(System.nanoTime() + options.closeTimeout().toNanos());
        }
        if (out.end()) {
            drainer = true;
            drainOnLoop();
        }
    }

    private void enterDiscarding() {
        try {
            channel.shutdownOutput();
        } catch (IOException e) {
            broken(e);
        }
    }

    private void enterClosed(Throwable cause) {
        loop.remove(this);
        expireAt(null);
        out.discard();
        resign();
        closeChannel();
        if (connector != null) {
            connector.abandon();
        }
        if (handler == null) {
            return;
        }
        try {
            handler.closed(cause);
        } catch (Throwable e) {
            LOG.warn("a handler's closed() failed", e);
        }
    }

    private void resign() {
        if (drainer) {
            drainer = false;
            out.release();
        }
    }

    private void closeChannel() {
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("a socket did not close", e);
        }
    }

    private void closeAsAsked() {
        if (state == State.CONNECTING && out.pending() == 0) {
            end();
        } else {
            // While connecting this is no transition: what was written is to be sent first, and enterOpen() goes on.
            move(State.Event.CLOSE, null);
        }
    }

    private void broken(Throwable cause) {
        // Once both ends have agreed to end, a reset takes nothing away (T15, T17).
        boolean agreed = state == State.DISCARDING || state == State.FINISHING;
        move(State.Event.ENDED, agreed ? null : cause);
    }

    /** Reads once, for the others of this loop wait; returns whether there may be more. */
    private boolean read() {
        if (!wantsInput()) {
            return false;
        }
        ByteBuffer buffer = loop.readBuffer();
        int count;
        try {
            count = channel.read(buffer);
        } catch (IOException e) {
            broken(e);
            return false;
        }
        if (count < 0) {
            move(State.Event.PEER_ENDED, null);
            return false;
        }
        if (count > 0 && state == State.OPEN) {
            deliver(buffer.flip());
        }
        return count == buffer.capacity();
    }

    private boolean wantsInput() {
        return state.discarding() || (state == State.OPEN && !paused && !closing);
    }

    private void deliver(ByteBuffer bytes) {
        try {
            handler.received(bytes);
        } catch (Throwable e) {
            move(State.Event.ENDED, e);
        }
    }

    private void deliverDrained() {
        for (int due = DRAINS_DUE.getAndSet(this, 0); due > 0 && state != State.CLOSED; due--) {
            try {
                handler.drained();
            } catch (Throwable e) {
                move(State.Event.ENDED, e);
            }
        }
    }

    private void drainOnLoop() {
        try {
            drainer = !drain();
        } catch (Throwable e) {
            drainer = false;
            giveUpWriting(e);
        }
    }

    /** Draws the conclusions from whatever has changed. */
    private void settle() {
        if (state.flushing() && out.finished()) {
            move(State.Event.FLUSHED, null);
        }
        if (state == State.CLOSED || state == State.CONNECTING) {
            return;
        }
        int wanted = (wantsInput() ? SelectionKey.OP_READ : 0) | (drainer ? SelectionKey.OP_WRITE : 0);
        if (wanted != interest) {
            interest = wanted;
            key.interestOps(wanted);
        }
    }

    /** Replaces the deadline; {@code null}: by none. */
    void expireAt(Long nanos) {
        if (deadline != null) {
            loop.deadlines().remove(deadline);
        }
        deadline = nanos == null ? null : loop.deadlines().add(nanos, this);
    }
}
