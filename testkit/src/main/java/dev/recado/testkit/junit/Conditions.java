package dev.recado.testkit.junit;

/** What happens to the bytes that go one way. Of the network's thread. */
final class Conditions {

    /** Something that happens once, to whatever comes first of all that it may happen to. */
    static final class Corruption {

        private boolean done;
    }

    long delayNanos;
    boolean stalled;

    /** Null for none. */
    Corruption corruption;

    void clear() {
        delayNanos = 0;
        stalled = false;
        corruption = null;
    }

    Conditions copy() {
        Conditions copy = new Conditions();
        copy.delayNanos = delayNanos;
        copy.stalled = stalled;
        copy.corruption = corruption;
        return copy;
    }

    /** Whether the next byte is the one. */
    boolean takeCorruption() {
        Corruption due = corruption;
        corruption = null;
        if (due == null || due.done) {
            return false;
        }
        due.done = true;
        return true;
    }
}
