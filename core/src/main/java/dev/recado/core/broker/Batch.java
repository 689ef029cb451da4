package dev.recado.core.broker;

import dev.recado.core.codec.AckView;
import dev.recado.core.codec.PublishView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What the handling of one batch of received bytes needs: scratch memory, the connections that it has written to and must
 * flush, and counts. Lent by {@link Batches}, so that an idle connection holds none of it. Used by one thread at a time.
 */
final class Batch {

    /** What {@link #lentFrom} is while nobody has it. */
    static final long IDLE = Long.MAX_VALUE;

    /** What {@link #undeliveredFrom} is while there is nothing that was stored and not delivered. */
    static final long NOTHING = Long.MAX_VALUE;

    final PublishView publish = new PublishView();
    final AckView ack = new AckView();
    final OutboundPublish outbound = new OutboundPublish();
    final Run run = new Run();
    final PubAcks pubAcks = new PubAcks();

    /** Answers to the connection whose bytes are being handled; they go out together. */
    final ByteBuffer responses = ByteBuffer.allocate(4096);

    final Losses losses = new Losses();

    /** Sessions for which the publisher of the last message should wait. */
    final List<Session> overflowing = new ArrayList<>();

    private final List<Session> written = new ArrayList<>();

    /** See {@link Batches}. */
    long number;

    /**
     * From which number on messages are stored by the {@link Run} that is being delivered. Stated before the first is stored,
     * and taken back when all have been delivered.
     */
    volatile long undeliveredFrom = NOTHING;

    /** Those whose replay waits until the run has been delivered. */
    final Queue<Session> waiting = new ConcurrentLinkedQueue<>();

    /** Not over {@link #number} while it is lent, and so for all to see. */
    volatile long lentFrom = IDLE;

    long packetsReceived;
    long bytesReceived;
    long bytesSent;
    long messagesReceived;
    long messagesDelivered;
    long messagesDropped;

    /** Remembers a session that was written to, which sees to it that it is in one batch at a time. */
    void flushLater(Session session) {
        written.add(session);
    }

    /** Nobody waits for those that overflow: their publisher cannot. */
    void endStalls() {
        overflowing.forEach(Session::endStall);
        overflowing.clear();
    }

    /** Everything written in this batch goes out: one system call a connection. */
    void flush() {
        for (int i = 0; i < written.size(); i++) {
            written.get(i).flush();
        }
        written.clear();
        outbound.end();
    }
}
