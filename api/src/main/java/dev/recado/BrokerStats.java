package dev.recado;

/**
 * A broker in numbers. Totals count from the start.
 *
 * @param connections clients connected now
 * @param connectionsTotal clients accepted
 * @param refusals connections, subscriptions and messages refused
 * @param packetsReceived packets of any type from clients
 * @param bytesReceived bytes from clients
 * @param bytesSent bytes handed to transports
 * @param messagesReceived messages accepted from publishers
 * @param messagesDelivered messages handed to subscribers' connections, one for each subscriber
 * @param messagesDropped messages not handed to a subscriber because it was too slow, or the message larger than it takes
 * @param messagesQueued messages that wait in sessions now
 * @param stalls how often a publishing connection was paused for a slow subscriber
 * @param topics names in the catalogue now
 * @param retainedMessages last values stored now
 * @param retainedBytes bytes that their payloads and properties take: at most 4 KiB more than they have, each, where a larger
 *     one was stored before
 * @param historyMessages messages in histories now
 * @param historyBytes bytes of their names, payloads and properties
 * @param historyDropped messages that their topic's history lacks because of {@link Limits#maxHistoryBytes()}
 * @param subscriptions subscriptions held now
 * @param eventsDropped calls that a slow {@link BrokerListener} missed
 * @since 0.1.0
 */
public record BrokerStats(
        long connections,
        long connectionsTotal,
        long refusals,
        long packetsReceived,
        long bytesReceived,
        long bytesSent,
        long messagesReceived,
        long messagesDelivered,
        long messagesDropped,
        long messagesQueued,
        long stalls,
        long topics,
        long retainedMessages,
        long retainedBytes,
        long historyMessages,
        long historyBytes,
        long historyDropped,
        long subscriptions,
        long eventsDropped) {}
