package dev.recado;

import java.time.Duration;
import java.util.Objects;

/**
 * A broker's bounds. Immutable and thread-safe; each setter returns a changed copy, or throws
 * {@link IllegalArgumentException} when the value is out of the range that it states. Nothing in a broker grows without one of
 * these.
 *
 * @since 0.1.0
 */
public final class Limits {

    /** What Session Expiry Interval 0xFFFFFFFF stands for (MQTT 5, section 3.1.2.11.2). */
    private static final Duration NEVER = Duration.ofSeconds(0xFFFF_FFFFL);

    private static final Limits DEFAULTS = new Limits();

    private int maxPacketSize = 16 * 1024 * 1024;
    private int maxPacketSizeBeforeConnect = 64 * 1024;
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration closeTimeout = Duration.ofSeconds(5);
    private int maxConnections = 100_000;
    private int maxTopics = 1_000_000;
    private int maxTopicLevels = 128;
    private int maxRetainedMessages = 1_000_000;
    private long maxRetainedBytes = 1024L * 1024 * 1024;
    private long maxHistoryBytes = 256L * 1024 * 1024;
    private int maxSubscriptionsPerClient = 10_000;
    private int maxUserProperties = 256;
    private int receiveMaximum = 1_024;
    private int maxQueuedMessages = 10_000;
    private long maxQueuedBytes = 64L * 1024 * 1024;
    private int maxOutboundBytes = 1024 * 1024;
    private Duration stallLimit = Duration.ofMillis(100);
    private int maxSessions = 100_000;
    private Duration maxSessionExpiry = NEVER;
    private QueuePolicy whenQueueFull = QueuePolicy.DROP_NEWEST;
    private int topicAliasMaximum = 64;
    private Duration maxKeepAlive = Duration.ZERO;
    private int maxFailedLogins = 10;

    private Limits() {}

    private Limits(Limits from) {
        maxPacketSize = from.maxPacketSize;
        maxPacketSizeBeforeConnect = from.maxPacketSizeBeforeConnect;
        connectTimeout = from.connectTimeout;
        closeTimeout = from.closeTimeout;
        maxConnections = from.maxConnections;
        maxTopics = from.maxTopics;
        maxTopicLevels = from.maxTopicLevels;
        maxRetainedMessages = from.maxRetainedMessages;
        maxRetainedBytes = from.maxRetainedBytes;
        maxHistoryBytes = from.maxHistoryBytes;
        maxSubscriptionsPerClient = from.maxSubscriptionsPerClient;
        maxUserProperties = from.maxUserProperties;
        receiveMaximum = from.receiveMaximum;
        maxQueuedMessages = from.maxQueuedMessages;
        maxQueuedBytes = from.maxQueuedBytes;
        maxOutboundBytes = from.maxOutboundBytes;
        stallLimit = from.stallLimit;
        maxSessions = from.maxSessions;
        maxSessionExpiry = from.maxSessionExpiry;
        whenQueueFull = from.whenQueueFull;
        topicAliasMaximum = from.topicAliasMaximum;
        maxKeepAlive = from.maxKeepAlive;
        maxFailedLogins = from.maxFailedLogins;
    }

    /**
     * The bounds that each method here states.
     *
     * @return the defaults
     */
    public static Limits defaults() {
        return DEFAULTS;
    }

    /**
     * The largest packet accepted, announced to MQTT 5 clients.
     *
     * @return bytes; default 16 MiB
     */
    public int maxPacketSize() {
        return maxPacketSize;
    }

    /**
     * Sets {@link #maxPacketSize()}.
     *
     * @param limit 16 to 268,435,460
     * @return a changed copy
     */
    public Limits maxPacketSize(int limit) {
        if (limit < 16 || limit > 268_435_460) {
            throw new IllegalArgumentException("maxPacketSize must be 16 to 268435460, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxPacketSize = limit;
        return changed;
    }

    /**
     * The largest CONNECT accepted.
     *
     * @return bytes; default 64 KiB
     */
    public int maxPacketSizeBeforeConnect() {
        return maxPacketSizeBeforeConnect;
    }

    /**
     * Sets {@link #maxPacketSizeBeforeConnect()}.
     *
     * @param limit 64 to 268,435,460
     * @return a changed copy
     */
    public Limits maxPacketSizeBeforeConnect(int limit) {
        if (limit < 64 || limit > 268_435_460) {
            throw new IllegalArgumentException("maxPacketSizeBeforeConnect must be 64 to 268435460, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxPacketSizeBeforeConnect = limit;
        return changed;
    }

    /**
     * How long a connection may take to send its CONNECT.
     *
     * @return default 10 seconds
     */
    public Duration connectTimeout() {
        return connectTimeout;
    }

    /**
     * Sets {@link #connectTimeout()}.
     *
     * @param limit positive
     * @return a changed copy
     */
    public Limits connectTimeout(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("connectTimeout must be positive, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.connectTimeout = limit;
        return changed;
    }

    /**
     * How long closing a connection, or the broker, may wait for peers.
     *
     * @return default 5 seconds
     */
    public Duration closeTimeout() {
        return closeTimeout;
    }

    /**
     * Sets {@link #closeTimeout()}.
     *
     * @param limit positive
     * @return a changed copy
     */
    public Limits closeTimeout(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("closeTimeout must be positive, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.closeTimeout = limit;
        return changed;
    }

    /**
     * Connections at a time; one more is refused with 0x97.
     *
     * @return connections; default 100,000
     */
    public int maxConnections() {
        return maxConnections;
    }

    /**
     * Sets {@link #maxConnections()}.
     *
     * @param limit 1 or more
     * @return a changed copy
     */
    public Limits maxConnections(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("maxConnections must be 1 or more, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxConnections = limit;
        return changed;
    }

    /**
     * Names in the topic catalogue; one more is refused with 0x97.
     *
     * @return topics; default 1,000,000
     */
    public int maxTopics() {
        return maxTopics;
    }

    /**
     * Sets {@link #maxTopics()}.
     *
     * @param limit 1 or more
     * @return a changed copy
     */
    public Limits maxTopics(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("maxTopics must be 1 or more, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxTopics = limit;
        return changed;
    }

    /**
     * Levels of a topic name or filter; more are refused.
     *
     * @return levels; default 128
     */
    public int maxTopicLevels() {
        return maxTopicLevels;
    }

    /**
     * Sets {@link #maxTopicLevels()}.
     *
     * @param limit 1 to 32,768
     * @return a changed copy
     */
    public Limits maxTopicLevels(int limit) {
        if (limit < 1 || limit > 32_768) {
            throw new IllegalArgumentException("maxTopicLevels must be 1 to 32768, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxTopicLevels = limit;
        return changed;
    }

    /**
     * Last values stored; a message that would need one more is refused with 0x97.
     *
     * @return messages; default 1,000,000
     */
    public int maxRetainedMessages() {
        return maxRetainedMessages;
    }

    /**
     * Sets {@link #maxRetainedMessages()}.
     *
     * @param limit 0 or more
     * @return a changed copy
     */
    public Limits maxRetainedMessages(int limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("maxRetainedMessages must be 0 or more, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxRetainedMessages = limit;
        return changed;
    }

    /**
     * Bytes of stored last values, payloads and properties; likewise.
     *
     * @return bytes; default 1 GiB
     */
    public long maxRetainedBytes() {
        return maxRetainedBytes;
    }

    /**
     * Sets {@link #maxRetainedBytes()}.
     *
     * @param limit 0 or more
     * @return a changed copy
     */
    public Limits maxRetainedBytes(long limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("maxRetainedBytes must be 0 or more, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxRetainedBytes = limit;
        return changed;
    }

    /**
     * Bytes of all topics' {@linkplain Broker.Builder#history(String, int) histories}, names, payloads and properties. Where
     * there is no room for a new message, its topic's oldest ones make room; if that is not enough, it is not kept. Either
     * is counted in {@link BrokerStats#historyDropped()}.
     *
     * @return bytes; default 256 MiB
     */
    public long maxHistoryBytes() {
        return maxHistoryBytes;
    }

    /**
     * Sets {@link #maxHistoryBytes()}.
     *
     * @param limit 0 or more
     * @return a changed copy
     */
    public Limits maxHistoryBytes(long limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("maxHistoryBytes must be 0 or more, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxHistoryBytes = limit;
        return changed;
    }

    /**
     * Subscriptions of one client; one more is refused with 0x97.
     *
     * @return subscriptions; default 10,000
     */
    public int maxSubscriptionsPerClient() {
        return maxSubscriptionsPerClient;
    }

    /**
     * Sets {@link #maxSubscriptionsPerClient()}.
     *
     * @param limit 1 or more
     * @return a changed copy
     */
    public Limits maxSubscriptionsPerClient(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("maxSubscriptionsPerClient must be 1 or more, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxSubscriptionsPerClient = limit;
        return changed;
    }

    /**
     * User properties in one packet; more are refused with 0x97.
     *
     * @return properties; default 256
     */
    public int maxUserProperties() {
        return maxUserProperties;
    }

    /**
     * Sets {@link #maxUserProperties()}.
     *
     * @param limit 0 to 65,535
     * @return a changed copy
     */
    public Limits maxUserProperties(int limit) {
        if (limit < 0 || limit > 65_535) {
            throw new IllegalArgumentException("maxUserProperties must be 0 to 65535, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxUserProperties = limit;
        return changed;
    }

    /**
     * QoS 1 messages that one client may have unacknowledged, announced to MQTT 5 clients.
     *
     * @return messages; default 1,024
     */
    public int receiveMaximum() {
        return receiveMaximum;
    }

    /**
     * Sets {@link #receiveMaximum()}.
     *
     * @param limit 1 to 65,535
     * @return a changed copy
     */
    public Limits receiveMaximum(int limit) {
        if (limit < 1 || limit > 65_535) {
            throw new IllegalArgumentException("receiveMaximum must be 1 to 65535, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.receiveMaximum = limit;
        return changed;
    }

    /**
     * QoS 1 messages that wait in one session; the newest beyond are dropped and counted.
     *
     * @return messages; default 10,000
     */
    public int maxQueuedMessages() {
        return maxQueuedMessages;
    }

    /**
     * Sets {@link #maxQueuedMessages()}.
     *
     * @param limit 0 or more
     * @return a changed copy
     */
    public Limits maxQueuedMessages(int limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("maxQueuedMessages must be 0 or more, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxQueuedMessages = limit;
        return changed;
    }

    /**
     * Bytes that wait in one session; likewise. A {@linkplain Subscriber.Builder#replay replay} that the client takes slowly
     * may hold as many again, and one topic's history beyond.
     *
     * @return bytes; default 64 MiB
     */
    public long maxQueuedBytes() {
        return maxQueuedBytes;
    }

    /**
     * Sets {@link #maxQueuedBytes()}.
     *
     * @param limit 0 or more
     * @return a changed copy
     */
    public Limits maxQueuedBytes(long limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("maxQueuedBytes must be 0 or more, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxQueuedBytes = limit;
        return changed;
    }

    /**
     * Bytes that wait for one client to read them, beyond which it counts as slow.
     *
     * @return bytes; default 1 MiB
     */
    public int maxOutboundBytes() {
        return maxOutboundBytes;
    }

    /**
     * Sets {@link #maxOutboundBytes()}.
     *
     * @param limit 1,024 or more
     * @return a changed copy
     */
    public Limits maxOutboundBytes(int limit) {
        if (limit < 1_024) {
            throw new IllegalArgumentException("maxOutboundBytes must be 1024 or more, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxOutboundBytes = limit;
        return changed;
    }

    /**
     * For how long in each second a publishing connection may be paused for all its slow subscribers together; zero never pauses.
     *
     * @return default 100 milliseconds
     */
    public Duration stallLimit() {
        return stallLimit;
    }

    /**
     * Sets {@link #stallLimit()}.
     *
     * @param limit 0 to 1 second
     * @return a changed copy
     */
    public Limits stallLimit(Duration limit) {
        if (limit.isNegative() || limit.compareTo(Duration.ofSeconds(1)) > 0) {
            throw new IllegalArgumentException("stallLimit must be 0 to 1 second, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.stallLimit = limit;
        return changed;
    }

    /**
     * Sessions that the broker keeps, those of connected clients included. A client over the limit is refused with 0x97.
     *
     * @return default 100,000
     */
    public int maxSessions() {
        return maxSessions;
    }

    /**
     * Sets {@link #maxSessions()}.
     *
     * @param limit 1 or more
     * @return a changed copy
     */
    public Limits maxSessions(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("maxSessions must be 1 or more, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxSessions = limit;
        return changed;
    }

    /**
     * For how long a session may outlive its connection. A client that asks for more is told so (Session Expiry Interval of
     * CONNACK); one of MQTT 3.1.1, which cannot say how long, gets as much when Clean Session is 0.
     *
     * @return whole seconds; default 4,294,967,295 seconds, which stands for ever
     */
    public Duration maxSessionExpiry() {
        return maxSessionExpiry;
    }

    /**
     * Sets {@link #maxSessionExpiry()}.
     *
     * @param limit 0 to 4,294,967,295 seconds; fractions of a second are cut off
     * @return a changed copy
     */
    public Limits maxSessionExpiry(Duration limit) {
        if (limit.isNegative() || limit.compareTo(NEVER) > 0) {
            throw new IllegalArgumentException("maxSessionExpiry must be 0 to " + NEVER + ", but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxSessionExpiry = Duration.ofSeconds(limit.toSeconds());
        return changed;
    }

    /**
     * What becomes of a message for a session whose queue is at {@link #maxQueuedMessages()} or {@link #maxQueuedBytes()}.
     *
     * @return default {@link QueuePolicy#DROP_NEWEST}
     */
    public QueuePolicy whenQueueFull() {
        return whenQueueFull;
    }

    /**
     * Sets {@link #whenQueueFull()}.
     *
     * @param policy which message to give up
     * @return a changed copy
     */
    public Limits whenQueueFull(QueuePolicy policy) {
        Limits changed = new Limits(this);
        changed.whenQueueFull = Objects.requireNonNull(policy, "policy");
        return changed;
    }

    /**
     * Topic aliases that each publishing connection may set, and at most as many are used towards a subscriber that takes
     * them.
     *
     * @return default 64; 0 for none
     */
    public int topicAliasMaximum() {
        return topicAliasMaximum;
    }

    /**
     * Sets {@link #topicAliasMaximum()}.
     *
     * @param limit 0 to 65,535
     * @return a changed copy
     */
    public Limits topicAliasMaximum(int limit) {
        if (limit < 0 || limit > 65_535) {
            throw new IllegalArgumentException("topicAliasMaximum must be 0 to 65535, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.topicAliasMaximum = limit;
        return changed;
    }

    /**
     * The longest Keep Alive that a client may have. One of MQTT 5 that asks for more, or for none, is told to keep this one
     * (Server Keep Alive); an earlier client has its own.
     *
     * @return whole seconds; default 0: clients decide
     */
    public Duration maxKeepAlive() {
        return maxKeepAlive;
    }

    /**
     * Sets {@link #maxKeepAlive()}.
     *
     * @param limit 0 to 65,535 seconds; fractions of a second are cut off
     * @return a changed copy
     */
    public Limits maxKeepAlive(Duration limit) {
        if (limit.isNegative() || limit.toSeconds() > 65_535) {
            throw new IllegalArgumentException("maxKeepAlive must be 0 to 65535 seconds, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxKeepAlive = Duration.ofSeconds(limit.toSeconds());
        return changed;
    }

    /**
     * Failed logins from one address in a minute. When there have been so many, nobody from that address is let in until some
     * time has passed: 0x9F, before MQTT 5 Connect Return code 3. Those count that the {@link dev.recado.auth.Authenticator}
     * answered with 0x86, 0x87 or 0x8A. Of IPv6 addresses the first 64 bits count. The last 10,000 addresses are remembered. Clients
     * in the broker's own process, and those behind transports without IP addresses, are not counted.
     *
     * @return failures; default 10; 0 for any number
     */
    public int maxFailedLogins() {
        return maxFailedLogins;
    }

    /**
     * Sets {@link #maxFailedLogins()}.
     *
     * @param limit 0 or more
     * @return a changed copy
     */
    public Limits maxFailedLogins(int limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("maxFailedLogins must be 0 or more, but is " + limit);
        }
        Limits changed = new Limits(this);
        changed.maxFailedLogins = limit;
        return changed;
    }
}
