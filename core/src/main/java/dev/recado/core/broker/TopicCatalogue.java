package dev.recado.core.broker;

import dev.recado.Limits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The topic catalogue: every topic name stated or used, whoever has gone, until it is forgotten by hand. Thread-safe; looking
 * up takes no lock and allocates nothing.
 */
final class TopicCatalogue {

    private final int maxTopics;
    private final HistoryDepths depths;
    private final TopicTable byName = new TopicTable();
    private final TopicTree<Topic> tree = new TopicTree<>();
    private final Consumer<Topic> whenAdded;

    TopicCatalogue(Limits limits, HistoryDepths depths, Consumer<Topic> whenAdded) {
        this.maxTopics = limits.maxTopics();
        this.depths = depths;
        this.whenAdded = whenAdded;
    }

    /** The topic with this name, in UTF-8 in a buffer; null when there is none. */
    Topic find(ByteBuffer buffer, int start, int length) {
        return byName.find(buffer, start, length);
    }

    /** The topic with this name; null when there is none. */
    Topic find(String name) {
        return byName.find(name.getBytes(StandardCharsets.UTF_8));
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
            byName.add(added);
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
                byName.remove(topic);
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
        List<String> names = new ArrayList<>();
        byName.forEach(topic -> names.add(topic.name));
        names.sort(null);
        return List.copyOf(names);
    }

    int size() {
        return byName.size();
    }
}
