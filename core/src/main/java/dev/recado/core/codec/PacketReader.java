package dev.recado.core.codec;

import dev.recado.ReasonCode;
import java.nio.ByteBuffer;

/**
 * Cuts a stream of bytes into packets. Not thread-safe; one for each connection.
 *
 * <pre>{@code
 * reader.feed(bytes);
 * try {
 *     while (reader.next()) {
 *         ... reader.type(), reader.buffer(), reader.start(), reader.end() ...
 *     }
 * } finally {
 *     reader.finish();
 * }
 * }</pre>
 *
 * <p>A packet that lies in one piece is read where it is: in the buffer that was fed, or among the bytes kept from before.
 * One that is cut by the end of a buffer is gathered in an array of its own, which grows with the bytes that came and
 * never with the length that was claimed, and is let go when its packets have been read: between packets an idle
 * connection holds no memory.
 *
 * <p>Whoever reads packets checks their bodies: {@link PublishView}, {@link AckView} or {@link PacketDecoder}, also for
 * those that should have none. Here only the fixed header (section 2.1) is checked.
 */
public final class PacketReader {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Type and flags, and up to four bytes of Remaining Length. */
    private static final int MAX_FIXED_HEADER = 5;

    private static final int TLS_ALERT = 0x15;
    private static final int TLS_HANDSHAKE = 0x16;
    private static final int TLS_MAJOR_VERSION = 3;

    private int maxPacketSize;

    /** Bytes kept from earlier buffers: those between the two indexes come before the ones fed. */
    private ByteBuffer kept = NOTHING;

    private int keptStart;
    private int keptEnd;

    /** The borrowed buffer, and what of it has not been read. {@code null}: nothing is borrowed. */
    private ByteBuffer fed;

    private int fedStart;
    private int fedEnd;

    /** The current packet. */
    private ByteBuffer buffer = NOTHING;

    private PacketType type;
    private int flags;
    private int size;
    private int start;
    private int end;

    /** The last fixed header that {@link #header} read. */
    private int headerLength;

    private int packetSize;

    /**
     * Holds no memory until it is fed.
     *
     * @param maxPacketSize bytes of a whole packet, at least 2; a larger one is PACKET_TOO_LARGE
     * @throws IllegalArgumentException when less than 2
     */
    public PacketReader(int maxPacketSize) {
        maxPacketSize(maxPacketSize);
    }

    /**
     * Changes the bound, for the packets that {@link #next} has not given yet.
     *
     * @param bytes of a whole packet, at least 2
     * @throws IllegalArgumentException when less than 2
     */
    public void maxPacketSize(int bytes) {
        if (bytes < 2) {
            throw new IllegalArgumentException(
                    "maximum packet size is " + bytes + ", but the shortest packet has 2 bytes (MQTT 5, section 2.1)");
        }
        maxPacketSize = bytes;
    }

    /**
     * Takes the bytes from position to limit, in any byte order, and moves the position there. Borrows the buffer until
     * {@link #finish}: until then its content must not change.
     *
     * @param bytes direct or not; may be empty, to go on with what was kept
     * @throws IllegalStateException when a buffer is borrowed already
     */
    public void feed(ByteBuffer bytes) {
        if (fed != null) {
            throw new IllegalStateException("feed() called again before finish()");
        }
        fed = bytes;
        fedStart = bytes.position();
        fedEnd = bytes.limit();
        bytes.position(fedEnd);
    }

    /**
     * Goes to the next complete packet.
     *
     * @return {@code false} when more bytes are needed, or none were fed since {@link #finish}
     * @throws CodecException MALFORMED_PACKET for a reserved type, wrong reserved flags or a wrong Remaining Length,
     *     PACKET_TOO_LARGE: as soon as the header shows it. A further call throws it again
     */
    public boolean next() throws CodecException {
        buffer = NOTHING;
        if (fed == null || !header()) {
            return false;
        }
        int keptLength = keptEnd - keptStart;
        if (keptLength + (long) (fedEnd - fedStart) < packetSize) {
            return false;
        }
        if (keptLength == 0) {
            current(fed, fedStart);
            fedStart += packetSize;
        } else {
            if (keptLength < packetSize) {
                keep(packetSize - keptLength);
            }
            current(kept, keptStart);
            keptStart += packetSize;
        }
        return true;
    }

    /**
     * Puts the current packet back: {@link #next} gives it again, also after {@link #finish}. Only right after {@code next},
     * and once.
     */
    public void putBack() {
        if (buffer == fed) {
            fedStart -= size;
        } else {
            keptStart -= size;
        }
        buffer = NOTHING;
    }

    private void current(ByteBuffer where, int index) {
        int first = where.get(index) & 0xFF;
        buffer = where;
        type = PacketType.of(first >>> 4);
        flags = first & 0x0F;
        size = packetSize;
        start = index + headerLength;
        end = index + packetSize;
    }

    /**
     * Reads the fixed header of the next packet, as far as it is there.
     *
     * @return whether it is complete
     */
    private boolean header() throws CodecException {
        if (keptStart == keptEnd && fedEnd - fedStart >= 2 && fed.get(fedStart + 1) >= 0) {
            // In one piece, and at most 127 bytes long, as most packets are.
            headerLength = 2;
            packetSize = headerLength + fed.get(fedStart + 1);
            checkFirst(fed.get(fedStart) & 0xFF);
            checkSize();
            return true;
        }
        int available = (int) Math.min(MAX_FIXED_HEADER, keptEnd - keptStart + (long) (fedEnd - fedStart));
        if (available == 0) {
            return false;
        }
        checkFirst(peek(0));
        int remaining = 0;
        for (int i = 1; i < available; i++) {
            int digit = peek(i);
            remaining |= (digit & 0x7F) << 7 * (i - 1);
            if (digit <= 0x7F) {
                if (digit == 0 && i > 1) {
                    throw CodecException.malformed("Remaining Length " + remaining + " takes " + i
                            + " bytes, which is not the shortest form (MQTT-1.5.5-1)");
                }
                headerLength = 1 + i;
                packetSize = headerLength + remaining;
                checkSize();
                return true;
            }
        }
        if (available == MAX_FIXED_HEADER) {
            throw CodecException.malformed("Remaining Length takes more than 4 bytes (MQTT 5, section 1.5.5)");
        }
        return false;
    }

    private int peek(int i) {
        int keptLength = keptEnd - keptStart;
        return (i < keptLength ? kept.get(keptStart + i) : fed.get(fedStart + i - keptLength)) & 0xFF;
    }

    /**
     * Whether what {@link #next} has just refused is TLS: the record of a handshake, with which a client begins, or of an alert,
     * with which a server ends one that does not (RFC 8446, section 5.1). No packet begins so.
     *
     * @return {@code false} after {@link #finish}
     */
    public boolean isAtTlsRecord() {
        long available = keptEnd - keptStart + (long) (fedEnd - fedStart);
        return fed != null
                && available > 0
                && (peek(0) == TLS_HANDSHAKE || peek(0) == TLS_ALERT)
                && (available == 1 || peek(1) == TLS_MAJOR_VERSION);
    }

    private static void checkFirst(int first) throws CodecException {
        if (first >>> 4 == 0) {
            throw CodecException.malformed("packet type 0 is reserved (MQTT 5, section 2.1.2)");
        }
        PacketType type = PacketType.of(first >>> 4);
        if (type.flags() != PacketType.ANY_FLAGS && type.flags() != (first & 0x0F)) {
            throw CodecException.malformed(
                    "flags of " + type + " are " + (first & 0x0F) + ", allowed is " + type.flags() + " (MQTT-2.1.3-1)");
        }
    }

    private void checkSize() throws CodecException {
        if (packetSize > maxPacketSize) {
            throw new CodecException(
                    ReasonCode.PACKET_TOO_LARGE,
                    PacketType.of(peek(0) >>> 4) + " has " + packetSize + " bytes, allowed are " + maxPacketSize
                            + " (MQTT-3.2.2-15, MQTT-3.1.2-24)");
        }
    }

    /** Moves this many of the fed bytes to those kept. */
    private void keep(int bytes) {
        int keptLength = keptEnd - keptStart;
        int needed = Math.addExact(keptLength, bytes);
        if (needed > kept.capacity()) {
            // Doubled, so that a long packet in many pieces is copied a few times only.
            int capacity = (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * keptLength));
            moveKept(ByteBuffer.allocate(capacity));
        } else if (needed > kept.capacity() - keptStart) {
            moveKept(kept);
        }
        kept.put(keptEnd, fed, fedStart, bytes);
        keptEnd += bytes;
        fedStart += bytes;
    }

    private void moveKept(ByteBuffer target) {
        int keptLength = keptEnd - keptStart;
        target.put(0, kept, keptStart, keptLength);
        kept = target;
        keptStart = 0;
        keptEnd = keptLength;
    }

    /**
     * The type of the current packet.
     *
     * @return what {@link #next} found
     */
    public PacketType type() {
        return type;
    }

    /**
     * The lower half of the current packet's first byte.
     *
     * @return 0 to 15; for all but PUBLISH the value that the type has to have
     */
    public int flags() {
        return flags;
    }

    /**
     * The size of the current packet.
     *
     * @return bytes of the whole packet
     */
    public int size() {
        return size;
    }

    /**
     * Where the current packet is: read it by absolute index only. Valid until {@link #next} or {@link #finish} is called.
     *
     * @return a buffer whose position, limit and byte order mean nothing
     */
    public ByteBuffer buffer() {
        return buffer;
    }

    /**
     * Where the body of the current packet starts: what follows the fixed header.
     *
     * @return an absolute index into {@link #buffer}
     */
    public int start() {
        return start;
    }

    /**
     * Where the current packet ends.
     *
     * @return the absolute index behind its last byte
     */
    public int end() {
        return end;
    }

    /** Gives the borrowed buffer back and keeps a copy of what {@link #next} has not given: also complete packets. */
    public void finish() {
        buffer = NOTHING;
        if (fed == null) {
            return;
        }
        if (fedStart < fedEnd) {
            keep(fedEnd - fedStart);
        }
        fed = null;
        int keptLength = keptEnd - keptStart;
        if (keptLength == 0) {
            kept = NOTHING;
            keptStart = 0;
            keptEnd = 0;
        } else if (kept.capacity() > 4L * keptLength) {
            // The rest of a long packet's array must not stay for the first bytes of a short one.
            moveKept(ByteBuffer.allocate(keptLength));
        }
    }

    /**
     * Whether bytes are kept from one buffer to the next: in {@link #finish}'s wake, part of a packet or more.
     *
     * @return {@code true} when there are
     */
    public boolean hasLeftover() {
        return keptStart < keptEnd;
    }

    /** Bytes of memory held between packets; for tests. */
    int retained() {
        return kept.capacity();
    }
}
