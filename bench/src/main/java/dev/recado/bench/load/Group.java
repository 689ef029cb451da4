package dev.recado.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Publishers and subscribers such that each subscriber gets every message of each publisher. A closed loop: so many messages at
 * most are under way that no broker has to drop any.
 */
public final class Group {

    private record Source(Client client, MessageRing ring) {}

    private static final int UNACKNOWLEDGED = 500;
    private static final Duration SILENCE = Duration.ofSeconds(10);

    private final List<Source> publishers = new ArrayList<>();
    private final List<Client> subscribers = new ArrayList<>();
    private final long window;
    private final boolean acknowledged;
    private int turn;
    private long sent;

    /**
     * Connects, and subscribes.
     *
     * @param ring makes a publisher's messages
     * @param filter what the subscribers subscribe to
     * @param window messages under way at most: not yet with every subscriber, or not yet acknowledged
     */
    public Group(
            Loop loop,
            int publisherCount,
            int subscriberCount,
            Supplier<MessageRing> ring,
            String filter,
            int qos,
            int window)
            throws IOException {
        this.window = window;
        this.acknowledged = qos > 0;
        for (int i = 0; i < subscriberCount; i++) {
            Client subscriber = loop.connect();
            loop.subscribe(subscriber, 1, filter, qos);
            subscribers.add(subscriber);
        }
        for (int i = 0; i < publisherCount; i++) {
            publishers.add(new Source(loop.connect(), ring.get()));
        }
    }

    /** Publishes so many messages of QoS 1 to whoever is there, and waits until all have been acknowledged. */
    public static void publishAll(Loop loop, MessageRing ring, int count) throws IOException {
        Client publisher = loop.connect();
        long sent = 0;
        while (publisher.inbound().completed() < count) {
            long known = publisher.inbound().completed();
            int next = ring.nextCount(Math.min(count - sent, UNACKNOWLEDGED - (sent - known)));
            if (next > 0 && publisher.isIdle()) {
                publisher.send(ring.take(next));
                sent += next;
            }
            if (!loop.await(() -> publisher.inbound().completed() != known || publisher.failure() != null, SILENCE)
                    || publisher.failure() != null) {
                throw new IOException(known + " of " + count + " messages were acknowledged");
            }
        }
    }

    /** Messages received by all subscribers together. */
    long received() {
        long received = 0;
        for (int i = 0; i < subscribers.size(); i++) {
            received += subscribers.get(i).inbound().messages();
        }
        return received;
    }

    /** What the subscribers together have to receive. */
    long due() {
        return sent * subscribers.size();
    }

    boolean isSettled() {
        return received() >= due() && (!acknowledged || completed() >= sent);
    }

    private long completed() {
        long completed = 0;
        for (int i = 0; i < publishers.size(); i++) {
            completed += publishers.get(i).client.inbound().completed();
        }
        return completed;
    }

    /** Messages that could be sent now. */
    private long room() {
        long done = acknowledged ? completed() : Long.MAX_VALUE;
        for (int i = 0; i < subscribers.size(); i++) {
            done = Math.min(done, subscribers.get(i).inbound().messages());
        }
        return window - (sent - done);
    }

    /** Each publisher sends a batch, in turn, while the window has room. Returns whether one did. */
    boolean publish() {
        long room = room();
        boolean any = false;
        for (int i = 0; i < publishers.size(); i++) {
            Source publisher = publishers.get(turn);
            // Not one by one, or the loop would answer each message received with one sent.
            if (room < Math.min(publisher.ring.batchMessages(), Math.max(1, window / 4))) {
                return any;
            }
            turn = (turn + 1) % publishers.size();
            if (publisher.client.isIdle()) {
                int count = publisher.ring.nextCount(room);
                publisher.client.send(publisher.ring.take(count));
                sent += count;
                room -= count;
                any = true;
            }
        }
        return any;
    }
}
