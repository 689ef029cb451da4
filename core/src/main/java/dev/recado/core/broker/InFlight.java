package dev.recado.core.broker;

/**
 * The packet identifiers of messages sent to a client and not acknowledged yet, handed out in a circle (MQTT-2.2.1-4). A
 * client acknowledges in the order in which it received (MQTT-4.6.0-2), so a window that slides suffices: an acknowledgement
 * out of turn is noted, and frees room when those before it have come. Its memory, a bit for each message, grows to the
 * window that is really used: most clients permit 65,535 messages and never have more than a few. Not thread-safe.
 */
final class InFlight {

    private static final int IDENTIFIERS = 65_535;

    private final int capacity;

    /** A ring of bits; the length is a power of two, so the bit of number n is n modulo the number of bits. */
    private long[] acknowledged = new long[1];

    /** Counts on and on; the identifier of number n is n mod 65,535, plus 1. */
    private long oldest;

    private long next;

    InFlight(int capacity) {
        this.capacity = capacity;
    }

    boolean isFull() {
        return next - oldest == capacity;
    }

    boolean isEmpty() {
        return next == oldest;
    }

    /** A free identifier; only when not {@link #isFull() full}. */
    int take() {
        if (next - oldest == (long) acknowledged.length * Long.SIZE) {
            grow();
        }
        set(next, false);
        return identifier(next++);
    }

    private void grow() {
        long[] before = acknowledged;
        acknowledged = new long[2 * before.length];
        for (long number = oldest; number < next; number++) {
            int bit = (int) (number & (before.length * (long) Long.SIZE - 1));
            set(number, (before[bit >>> 6] & 1L << bit) != 0);
        }
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

    private int bit(long number) {
        return (int) (number & (acknowledged.length * (long) Long.SIZE - 1));
    }

    private boolean isSet(long number) {
        int bit = bit(number);
        return (acknowledged[bit >>> 6] & 1L << bit) != 0;
    }

    private void set(long number, boolean value) {
        int bit = bit(number);
        if (value) {
            acknowledged[bit >>> 6] |= 1L << bit;
        } else {
            acknowledged[bit >>> 6] &= ~(1L << bit);
        }
    }
}
