package dev.recado.core.broker;

import dev.recado.QoS;
import dev.recado.core.codec.PublishView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * QoS 0 messages that lie one behind the other in what a connection received, and go to the same sessions. What such a session
 * is to get are in most cases those very bytes: so they are copied at once, under one lock for all, and nothing is encoded.
 * They are delivered one by one to those sessions that want another form of them.
 *
 * <p>Last values are stored when the run is delivered, just before: of several messages to one topic only the last one need be.
 * A replay that finds one meanwhile waits, or it would send it before those that were published earlier.
 *
 * <p>A run ends, at the latest, before its connection's bytes are given back. Used by the thread that has the {@link Batch}.
 */
final class Run {

    /** What a session may get over its bound before its publisher is held up. */
    static final int MOST_BYTES = 16 * 1024;

    static final int MOST_MESSAGES = 256;

    /** In the first byte of a PUBLISH. */
    private static final int RETAIN = 1;

    private final Topic[] topics = new Topic[MOST_MESSAGES];
    private final int[] starts = new int[MOST_MESSAGES];
    private final int[] propertiesStarts = new int[MOST_MESSAGES];
    private final int[] payloadStarts = new int[MOST_MESSAGES];
    private final boolean[] retains = new boolean[MOST_MESSAGES];
    private final long[] sequences = new long[MOST_MESSAGES];
    private final ByteBuffer[] part = new ByteBuffer[1];

    /** For messages that are not sent as they came; null until there are such. */
    private ByteBuffer copy;

    /** Those that do not take the bytes as they are. */
    final List<Matches.Target> singly = new ArrayList<>();

    /** Null while no run can begin. */
    private ByteBuffer received;

    private int receivedEnd;

    private Session publisher;
    private boolean hasProperties;
    private int mostBytes;

    private Matches.Target[][] targets;
    private long version;
    private boolean hasRetained;
    private int count;
    private int end;
    private int largest;
    private int longestTopic;

    /**
     * Runs may begin.
     *
     * @param bytes what the publisher's connection received, up to its limit; not changed until {@link #close}
     * @param by the publisher
     * @param link its connection
     * @param most bytes of a run, unless {@link #MOST_BYTES} are fewer
     */
    void open(ByteBuffer bytes, Session by, Link link, long most) {
        received = bytes;
        receivedEnd = bytes.limit();
        publisher = by;
        hasProperties = link.version().hasProperties();
        mostBytes = (int) Math.min(most, MOST_BYTES);
    }

    /** No run begins any more; the last one has ended. */
    void close() {
        received = null;
        publisher = null;
    }

    /** Whether a message may be in a run at all. */
    boolean takes(PublishView message, Topic topic, Matches matches) {
        return message.buffer() == received
                && message.qos() == QoS.AT_MOST_ONCE
                && message.topicAlias() == 0
                && message.messageExpiry() < 0
                && matches.groups().length == 0
                && message.size() <= mostBytes
                && topic.history == null
                && (!message.retain() || takesRetained(message, topic));
    }

    /** Not one that clears the last value, and not one for whose memory there might be no room: its publisher is told so. */
    private boolean takesRetained(PublishView message, Topic topic) {
        LastValue last = topic.knownLastValue();
        return last != null
                && message.payloadLength() > 0
                && last.takes(message.forwardableLength() + message.payloadLength());
    }

    /** Whether this run goes on with a message that may be in one. */
    boolean goesOnWith(PublishView message, Matches matches) {
        return count > 0
                && count < MOST_MESSAGES
                && message.start() == end
                && message.end() - starts[0] <= mostBytes
                && isSame(matches.parts());
    }

    private boolean isSame(Matches.Target[][] parts) {
        if (parts == targets) {
            return true;
        }
        if (parts.length != targets.length) {
            return false;
        }
        for (int i = 0; i < parts.length; i++) {
            if (parts[i] != targets[i]) {
                return false;
            }
        }
        return true;
    }

    void add(PublishView message, Topic topic, Matches matches) {
        if (count == 0) {
            targets = matches.parts();
            version = matches.version();
            largest = 0;
            longestTopic = 0;
        }
        topics[count] = topic;
        starts[count] = message.start();
        propertiesStarts[count] = message.payloadStart() - message.forwardableLength();
        payloadStarts[count] = message.payloadStart();
        retains[count] = message.retain();
        sequences[count] = 0;
        hasRetained |= message.retain();
        count++;
        end = message.end();
        largest = Math.max(largest, message.size());
        longestTopic = Math.max(longestTopic, message.topicLength());
    }

    /** Ends the run: the next message begins another one. */
    void end() {
        Arrays.fill(topics, 0, count, null);
        count = 0;
        targets = null;
        hasRetained = false;
        part[0] = null;
        singly.clear();
        received.limit(receivedEnd).position(receivedEnd);
    }

    /** All messages in one piece, as one client gets them; valid until the run is changed. */
    ByteBuffer[] bytes() {
        if (part[0] == null) {
            // Not a view of it, which would be an object for each run.
            part[0] = hasRetained ? withoutRetain() : received.limit(end).position(starts[0]);
        }
        return part;
    }

    /** Those who are subscribed when a message comes get it without the flag (MQTT-3.3.1-12; of MQTT 3.1.1: MQTT-3.3.1-9). */
    private ByteBuffer withoutRetain() {
        if (copy == null) {
            copy = ByteBuffer.allocate(MOST_BYTES);
        }
        int first = starts[0];
        copy.clear().put(0, received, first, end - first).limit(end - first);
        for (int i = 0; i < count; i++) {
            if (retains[i]) {
                int header = starts[i] - first;
                copy.put(header, (byte) (copy.get(header) & ~RETAIN));
            }
        }
        return copy;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Messages. */
    int count() {
        return count;
    }

    /** Bytes. */
    int length() {
        return end - starts[0];
    }

    /** Bytes of the largest message. */
    int largest() {
        return largest;
    }

    /** Bytes of the longest topic name. */
    int longestTopic() {
        return longestTopic;
    }

    /** Whether they are encoded with properties, as MQTT 5 has it. */
    boolean hasProperties() {
        return hasProperties;
    }

    Matches.Target[][] targets() {
        return targets;
    }

    /** The routing version that {@link #targets} is true for; of the first message, if others were matched later. */
    long version() {
        return version;
    }

    Session publisher() {
        return publisher;
    }

    /** Whether there are messages that become their topics' last values. */
    boolean hasRetained() {
        return hasRetained;
    }

    // ---- One message of it ----

    Topic topic(int i) {
        return topics[i];
    }

    /** Whether it was published with RETAIN, which {@link #bytes} do not say any more. */
    boolean retain(int i) {
        return retains[i];
    }

    /** Whether nobody will ever find it as last value, for the next message replaces it. */
    boolean isSuperseded(int i) {
        return i + 1 < count && retains[i + 1] && topics[i + 1] == topics[i];
    }

    /** Its number among the stored messages; 0 when it is not stored. */
    long sequence(int i) {
        return sequences[i];
    }

    void storedAs(int i, long sequence) {
        sequences[i] = sequence;
    }

    /** To be read by absolute index. */
    ByteBuffer buffer() {
        return received;
    }

    int propertiesStart(int i) {
        return propertiesStarts[i];
    }

    int payloadStart(int i) {
        return payloadStarts[i];
    }

    int payloadEnd(int i) {
        return i + 1 < count ? starts[i + 1] : end;
    }
}
