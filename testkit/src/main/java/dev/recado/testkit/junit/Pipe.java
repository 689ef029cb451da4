package dev.recado.testkit.junit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;

/** One direction of a {@link Link}: reads from one socket, holds what is not due, writes to the other one. */
final class Pipe {

    /** Then it stops reading, and in the end the sender has to wait. */
    private static final int MOST_HELD = 256 * 1024;

    /** Some bytes on their way, and when they are to arrive; without any it is the end of the input. */
    private record Chunk(ByteBuffer bytes, long due) {}

    private final SocketChannel from;
    private final SocketChannel to;
    private final Deque<Chunk> held = new ArrayDeque<>();
    private long heldBytes;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean full;

    private final Conditions conditions;

    Pipe(SocketChannel from, SocketChannel to, Conditions conditions) {
        this.from = from;
        this.to = to;
        this.conditions = conditions;
    }

    Conditions conditions() {
        return conditions;
    }

    boolean wantsInput() {
        return !inputEnded && heldBytes < MOST_HELD;
    }

    boolean wantsOutput() {
        return full;
    }

    /** All has been passed on, the end of the input included. */
    boolean isOver() {
        return outputEnded;
    }

    /** How long until something can go on, if nobody intervenes. */
    long nanosUntilDue(long now) {
        Chunk next = held.peekFirst();
        return next == null || conditions.stalled || full ? Long.MAX_VALUE : Math.max(0, next.due() - now);
    }

    void read(ByteBuffer buffer, long now) throws IOException {
        if (!wantsInput()) {
            return;
        }
        int count = from.read(buffer.clear());
        if (count == 0) {
            return;
        }
        inputEnded = count < 0;
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.max(0, count)).put(buffer.flip()).flip();
        held.addLast(new Chunk(bytes, now + conditions.delayNanos));
        heldBytes += bytes.remaining();
    }

    void write(long now) throws IOException {
        full = false;
        while (nanosUntilDue(now) == 0) {
            ByteBuffer bytes = held.getFirst().bytes();
            if (!bytes.hasRemaining()) {
                held.removeFirst();
                to.shutdownOutput();
                outputEnded = true;
                return;
            }
            if (conditions.takeCorruption()) {
                bytes.put(bytes.position(), (byte) ~bytes.get(bytes.position()));
            }
            heldBytes -= to.write(bytes);
            full = bytes.hasRemaining();
            if (!full) {
                held.removeFirst();
            }
        }
    }
}
