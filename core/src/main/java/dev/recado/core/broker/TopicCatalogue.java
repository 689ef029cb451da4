package dev.recado.core.broker;

import dev.recado.Limits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * The topic catalogue: every topic name stated or used, whoever has gone, until it is forgotten by hand. Thread-safe; looking
 * up takes no lock and allocates nothing.
 */
final class TopicCatalogue {

    /** A topic name as a key. Two kinds of it find each other: the stored one, and a {@link Probe} over received bytes. */
    private abstract static class Key {
        int hash;

        @Override
        public final int hashCode() {
            return hash;
        }
    }

    private static final class Entry extends Key {
        final Topic topic;

        Entry(Topic topic, int hash) {
            this.topic = topic;
            this.hash = hash;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Entry entry && entry.topic.name.equals(topic.name);
        }
    }

    /** Asks for a topic by bytes in a buffer, again and again with the same object. Not thread-safe. */
    static final class Probe extends Key {
        private ByteBuffer buffer;
        private int start;
        private int length;

        /** {@code ConcurrentHashMap} asks the key it was given, not the one it holds. */
        @Override
        public boolean equals(Object other) {
            return other instanceof Entry entry && entry.topic.isCalled(buffer, start, length);
        }
    }

    private final int maxTopics;
    private final HistoryDepths depths;
    private final ConcurrentHashMap<Key, Entry> byName = new ConcurrentHashMap<>();
    private final TopicTree<Topic> tree = new TopicTree<>();
    private final Consumer<Topic> whenAdded;

    /** Odd and secret, so that nobody can choose names that share a hash. */
    private final int multiplier = ThreadLocalRandom.current().nextInt() | 1;

    TopicCatalogue(Limits limits, HistoryDepths depths, Consumer<Topic> whenAdded) {
        this.maxTopics = limits.maxTopics();
        this.depths = depths;
        this.whenAdded = whenAdded;
    }

    /** The topic with this name, in UTF-8 in a buffer; null when there is none. */
    Topic find(Probe probe, ByteBuffer buffer, int start, int length) {
        int hash = 0;
        for (int i = start; i < start + length; i++) {
            hash = hash * multiplier + buffer.get(i);
        }
        probe.hash = spread(hash);
        probe.buffer = buffer;
        probe.start = start;
        probe.length = length;
        Entry entry = byName.get(probe);
        return entry == null ? null : entry.topic;
    }

    /** The topic with this name; null when there is none. */
    Topic find(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return find(new Probe(), ByteBuffer.wrap(utf8), 0, utf8.length);
    }

    /** The topic with this name, added when it is new; null when it is new and there is no room. */
    Topic findOrAdd(String name) {
        Topic known = find(name);
        if (known != null) {
            return known;
        }
        Topic added;
        synchronized (tree) {
            known = find(name);
            if (known != null) {
                return known;
            }
            if (byName.size() >= maxTopics) {
                return null;
            }
            added = tree.computeIfAbsent(name, () -> new Topic(name, depths.of(name)));
            Entry entry = new Entry(added, hash(added.utf8));
            byName.put(entry, entry);
        }
        whenAdded.accept(added);
        return added;
    }

    /** Forgets the topics that a filter matches; their last values are for the caller to clear. */
    List<Topic> forget(String filter) {
        synchronized (tree) {
            List<Topic> forgotten = matching(filter);
            for (Topic topic : forgotten) {
                tree.remove(topic.name);
                byName.remove(new Entry(topic, hash(topic.utf8)));
            }
            return forgotten;
        }
    }

    /** The topics that a filter matches. */
    List<Topic> matching(String filter) {
        List<Topic> found = new ArrayList<>();
        tree.forEachNameMatching(filter, found::add);
        return found;
    }

    /** All names, sorted. */
    List<String> names() {
        return byName.values().stream().map(entry -> entry.topic.name).sorted().toList();
    }

    int size() {
        return byName.size();
    }

    private int hash(byte[] utf8) {
        int hash = 0;
        for (byte b : utf8) {
            hash = hash * multiplier + b;
        }
        return spread(hash);
    }

    private static int spread(int hash) {
        int mixed = hash * 0x9E3779B9;
        return mixed ^ (mixed >>> 16);
    }
}
