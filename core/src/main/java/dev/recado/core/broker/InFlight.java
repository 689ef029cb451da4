package dev.recado.core.broker;

/**
 * The packet identifiers of messages sent to a client and not acknowledged yet, handed out in a circle (MQTT-2.2.1-4). A
 * client acknowledges in the order in which it received (MQTT-4.6.0-2), so a window that slides suffices: an acknowledgement
 * out of turn is noted, and frees room when those before it have come. Allocates nothing after its creation. Not thread-safe.
 */
final class InFlight {

    private static final int IDENTIFIERS = 65_535;

    private final int capacity;
    private final long[] acknowledged;

    /** Counts on and on; the identifier of number n is n mod 65,535, plus 1. */
    private long oldest;

    private long next;

    InFlight(int capacity) {
        this.capacity = capacity;
        this.acknowledged = new long[(capacity + Long.SIZE - 1) / Long.SIZE];
    }

    boolean isFull() {
        return next - oldest == capacity;
    }

    boolean isEmpty() {
        return next == oldest;
    }

    /** A free identifier; only when not {@link #isFull() full}. */
    int take() {
        set(next, false);
        return identifier(next++);
    }

    /** Gives an identifier back; {@code false} when it was not in use. */
    boolean acknowledge(int identifier) {
        long number = oldest + Math.floorMod(identifier - identifier(oldest), IDENTIFIERS);
        if (number >= next || isSet(number)) {
            return false;
        }
        set(number, true);
        while (oldest < next && isSet(oldest)) {
            oldest++;
        }
        return true;
    }

    private static int identifier(long number) {
        return (int) (number % IDENTIFIERS) + 1;
    }

    private boolean isSet(long number) {
        int bit = (int) (number % capacity);
        return (acknowledged[bit >>> 6] & 1L << bit) != 0;
    }

    private void set(long number, boolean value) {
        int bit = (int) (number % capacity);
        if (value) {
            acknowledged[bit >>> 6] |= 1L << bit;
        } else {
            acknowledged[bit >>> 6] &= ~(1L << bit);
        }
    }
}
