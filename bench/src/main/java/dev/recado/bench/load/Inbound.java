package dev.recado.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Counts what one connection receives, whole packets by their length, without decoding them. */
public abstract class Inbound {

    /** Sees each message; for latency only. */
    public interface Listener {
        /** @param end index behind the payload */
        void message(ByteBuffer bytes, int end);
    }

    long messages;

    /** Messages sent that the broker has acknowledged for good. */
    long completed;

    /** Answers to connect, subscribe and unsubscribe. */
    long replies;

    Listener listener;

    /**
     * Counts the whole packets between position and limit and leaves the position before the first that is not whole.
     *
     * @throws IOException when the broker refuses something, or says what no broker says
     */
    abstract void count(ByteBuffer bytes) throws IOException;

    public final long messages() {
        return messages;
    }

    public final long completed() {
        return completed;
    }

    public final long replies() {
        return replies;
    }

    public final void listener(Listener sees) {
        listener = sees;
    }
}
