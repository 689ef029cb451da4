package dev.recado.core.broker;

import dev.recado.Limits;

/**
 * What a batch dropped because there was no room for it: told to the operator when the batch is over and nothing is locked any
 * more. Only the last of each kind is named, the others are counted. Messages that have expired, and QoS 0 messages for a client
 * that is away, are no losses: nobody was to get them. Used by one thread at a time.
 */
final class Losses {

    /** What there was no room in. */
    enum Room {
        CONNECTION {
            @Override
            String line(Session whose, Limits limits) {
                return "dropped a message of QoS 0 for client '" + whose.clientId
                        + "', which takes its messages more slowly than they come: more than maxOutboundBytes "
                        + limits.maxOutboundBytes() + " waited";
            }
        },
        QUEUE {
            @Override
            String line(Session whose, Limits limits) {
                return "dropped a message for client '" + whose.clientId
                        + "', because its queue is full: the limits are maxQueuedMessages " + limits.maxQueuedMessages()
                        + " and maxQueuedBytes " + limits.maxQueuedBytes();
            }
        },
        PACKET {
            @Override
            String line(Session whose, Limits limits) {
                return "dropped a message for client '" + whose.clientId
                        + "', because it is over the client's Maximum Packet Size (MQTT-3.1.2-25)";
            }
        };

        /** For the log. */
        abstract String line(Session whose, Limits limits);
    }

    private Session session;
    private Room room;
    private long messages;
    private Topic topic;
    private long stored;

    void of(Session whose, Room inWhich, long count) {
        session = whose;
        room = inWhich;
        messages += count;
    }

    /** A message that the topic's history would have, but for the limit of bytes. */
    void ofHistory(Topic whose) {
        topic = whose;
        stored++;
    }

    /** Writes it down, and forgets it. */
    void tell(WarnLog warnings, Limits limits) {
        if (messages > 0) {
            Session whose = session;
            Room inWhich = room;
            warnings.warn(WarnLog.Kind.DROPPED, messages, () -> inWhich.line(whose, limits));
            session = null;
            messages = 0;
        }
        if (stored > 0) {
            Topic whose = topic;
            warnings.warn(
                    WarnLog.Kind.HISTORY_DROPPED,
                    stored,
                    () -> "dropped a message from the history of '" + whose + "': maxHistoryBytes is "
                            + limits.maxHistoryBytes());
            topic = null;
            stored = 0;
        }
    }
}
