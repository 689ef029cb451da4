package dev.recado.core.broker;

/**
 * The packet identifiers of PUBACKs that came one behind the other: they are taken under one lock, for the lock is also wanted by
 * whoever publishes to this client meanwhile. Used by the thread that has the {@link Batch}.
 */
final class PubAcks {

    /** So many are taken in some microseconds. */
    private static final int MOST = 256;

    private final int[] packetIds = new int[MOST];
    private int count;

    void add(int packetId) {
        packetIds[count++] = packetId;
    }

    boolean isEmpty() {
        return count == 0;
    }

    boolean isFull() {
        return count == MOST;
    }

    int count() {
        return count;
    }

    int packetId(int i) {
        return packetIds[i];
    }

    void clear() {
        count = 0;
    }
}
