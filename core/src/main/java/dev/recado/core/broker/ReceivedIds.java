package dev.recado.core.broker;

import java.util.BitSet;

/**
 * The packet identifiers of QoS 2 messages that were taken and not released yet, so that none is taken twice
 * (MQTT-4.3.3-10). Guarded by the session's lock.
 */
final class ReceivedIds {

    private final BitSet ids = new BitSet();
    private int size;

    boolean contains(int id) {
        return ids.get(id);
    }

    void add(int id) {
        ids.set(id);
        size++;
    }

    /** Returns whether it was there. */
    boolean remove(int id) {
        if (!ids.get(id)) {
            return false;
        }
        ids.clear(id);
        size--;
        return true;
    }

    int size() {
        return size;
    }
}
