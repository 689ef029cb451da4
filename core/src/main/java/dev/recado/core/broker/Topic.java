package dev.recado.core.broker;

import dev.recado.core.codec.NameBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A topic of the catalogue: its name, its last value, and who is known to want its messages. Or a reply topic, which each of its
 * publishers has an object of its own for. Thread-safe.
 */
final class Topic {

    final String name;
    final byte[] utf8;

    /** Null when none is kept. */
    final History history;

    /** What matching found last; it carries the routing version that it is true for. */
    private volatile Matches matches;

    /** Null until one is stored: between a topic and its name, it would have them lie apart, and most lookups want both. */
    private volatile LastValue lastValue;

    private volatile boolean forgotten;
    private final boolean forReplies;

    Topic(String name, int historyDepth) {
        this(name, historyDepth, false);
    }

    private Topic(String name, int historyDepth, boolean forReplies) {
        this.name = name;
        this.history = historyDepth == 0 ? null : new History(historyDepth);
        this.utf8 = name.getBytes(StandardCharsets.UTF_8);
        this.forReplies = forReplies;
    }

    /** See {@link ReplyTopics}. */
    static Topic ofReplies(String name) {
        return new Topic(name, 0, true);
    }

    /** A name outside the catalogue: whoever has it must look it up, for what it stands for may have changed. */
    static Topic outsideCatalogue(String name) {
        Topic topic = new Topic(name, 0);
        topic.forgotten = true;
        return topic;
    }

    Matches matches(Subscriptions subscriptions) {
        Matches known = matches;
        if (known == null || known.version() != subscriptions.version()) {
            known = forReplies ? subscriptions.to(name) : subscriptions.matching(name);
            matches = known.isToBeRemembered() ? known : null;
        }
        return known;
    }

    /** The slot, which is made if there is none. */
    LastValue lastValue() {
        LastValue known = lastValue;
        return known != null ? known : newLastValue();
    }

    private synchronized LastValue newLastValue() {
        if (lastValue == null) {
            lastValue = new LastValue();
        }
        return lastValue;
    }

    /** The slot; null when nothing was ever stored. */
    LastValue knownLastValue() {
        return lastValue;
    }

    /** The last value, to be sent; null when there is none. */
    StoredMessage readLastValue(Stores stores, long now) {
        LastValue known = lastValue;
        return known == null ? null : known.read(this, stores.lastValues, now);
    }

    /**
     * The number of the oldest of so many messages, the last that were stored with the number {@code last} or before; where
     * there is no history, that of the last value; 0 for none.
     */
    long oldestStored(int messages, long last) {
        if (history != null) {
            return history.oldestOf(messages, last);
        }
        LastValue known = lastValue;
        return known == null ? 0 : known.sequence();
    }

    /** The messages that were stored with these numbers or between them, as far as they still are, oldest first. */
    List<StoredMessage> stored(long first, long last, Stores stores, long now) {
        if (history != null) {
            return history.between(first, last);
        }
        StoredMessage value = readLastValue(stores, now);
        return value == null || value.stored().sequence() > last ? List.of() : List.of(value);
    }

    /** Taken out of the catalogue; whoever remembers it has to look it up anew. */
    void forget(Stores stores) {
        forgotten = true;
        // Made, if need be, only to be closed: what is stored from now on comes too late.
        lastValue().close(stores.lastValues);
        if (history != null) {
            history.close(stores.history);
        }
    }

    boolean isForgotten() {
        return forgotten;
    }

    boolean isForReplies() {
        return forReplies;
    }

    boolean isCalled(ByteBuffer buffer, int start, int length) {
        return NameBytes.isSame(utf8, buffer, start, length);
    }

    @Override
    public String toString() {
        return name;
    }
}
