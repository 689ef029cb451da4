package dev.recado.testkit.junit;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes the network between clients and a {@link TestBroker} bad: that of {@linkplain TestBroker#faults() all} connections,
 * those to come among them, or of {@linkplain TestBroker#faults(String) one client's}.
 *
 * <p>Each call holds when it returns. All methods may be called from any thread, and throw {@link IllegalStateException}
 * when the broker has been closed.
 *
 * @since 0.1.0
 */
public final class Faults {

    private final Network network;

    /** Null for all. */
    private final Link link;

    private final Set<Direction> directions;

    Faults(Network network, Link link) {
        this(network, link, EnumSet.allOf(Direction.class));
    }

    private Faults(Network network, Link link, Set<Direction> directions) {
        this.network = network;
        this.link = link;
        this.directions = directions;
    }

    /**
     * The same connections, in one direction.
     *
     * @param direction where {@link #delay}, {@link #stall}, {@link #corrupt} and {@link #clear} are to work
     * @return other faults; these stay as they are
     */
    public Faults only(Direction direction) {
        return new Faults(network, link, EnumSet.of(direction));
    }

    /**
     * From now on bytes arrive so much later, in the order in which they were sent.
     *
     * @param latency not negative; zero for none
     * @throws IllegalArgumentException when it is negative
     */
    public void delay(Duration latency) {
        if (latency.isNegative()) {
            throw new IllegalArgumentException("a delay must not be negative, but is " + latency);
        }
        long nanos = latency.toNanos();
        change(conditions -> conditions.delayNanos = nanos);
    }

    /**
     * Nothing arrives any more until {@link #clear}, though connections stay open: whoever sends is soon made to wait. The
     * orderly end of a connection does not arrive, either.
     */
    public void stall() {
        change(conditions -> conditions.stalled = true);
    }

    /**
     * Inverts the bits of one byte: the next that passes on any of the connections. It is the first one of a packet, unless
     * something is on its way now.
     */
    public void corrupt() {
        Conditions.Corruption once = new Conditions.Corruption();
        change(conditions -> conditions.corruption = once);
    }

    /** Ends the connections as when the network fails: both sides see a reset. New ones may be made. */
    public void cut() {
        network.reset(link == null ? network.links() : List.of(link));
    }

    /** Ends {@link #delay}, {@link #stall} and a {@link #corrupt} that has not happened: what was held back arrives. */
    public void clear() {
        change(Conditions::clear);
    }

    private void change(Consumer<Conditions> change) {
        if (link == null) {
            network.changeAll(directions, change);
        } else {
            network.change(link, directions, change);
        }
    }
}
