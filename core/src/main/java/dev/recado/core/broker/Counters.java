package dev.recado.core.broker;

import java.util.concurrent.atomic.LongAdder;

/** What happened since the start. Thread-safe. */
final class Counters {

    final LongAdder connectionsTotal = new LongAdder();
    final LongAdder refusals = new LongAdder();
    final LongAdder packetsReceived = new LongAdder();
    final LongAdder bytesReceived = new LongAdder();
    final LongAdder bytesSent = new LongAdder();
    final LongAdder messagesReceived = new LongAdder();
    final LongAdder messagesDelivered = new LongAdder();
    final LongAdder messagesDropped = new LongAdder();
    final LongAdder messagesQueued = new LongAdder();
    final LongAdder stalls = new LongAdder();
    final LongAdder eventsDropped = new LongAdder();

    /** Takes over what a batch counted, and clears it there: one addition a batch, not one a message. */
    void add(Batch batch) {
        packetsReceived.add(batch.packetsReceived);
        bytesReceived.add(batch.bytesReceived);
        bytesSent.add(batch.bytesSent);
        messagesReceived.add(batch.messagesReceived);
        messagesDelivered.add(batch.messagesDelivered);
        messagesDropped.add(batch.messagesDropped);
        batch.packetsReceived = 0;
        batch.bytesReceived = 0;
        batch.bytesSent = 0;
        batch.messagesReceived = 0;
        batch.messagesDelivered = 0;
        batch.messagesDropped = 0;
    }
}
