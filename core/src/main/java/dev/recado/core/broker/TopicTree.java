package dev.recado.core.broker;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Values at topic names or topic filters, in a tree of topic levels. It answers both questions: which stored filters match a
 * name, and which stored names a filter matches.
 *
 * <p>Reading takes no lock and may run beside changes: it sees each value that is there throughout, and may or may not see one
 * that comes or goes meanwhile. Changes take one short lock, for a node that is emptied is taken out, which must not race with
 * a value that is put into it; they touch only the nodes on their own path, whatever the size of the tree.
 *
 * @param <V> what is stored; one value at a path
 */
final class TopicTree<V> {

    private static final String SINGLE_LEVEL = "+";
    private static final String MULTI_LEVEL = "#";

    private static final class Node<V> {
        final ConcurrentHashMap<String, Node<V>> children = new ConcurrentHashMap<>(2);
        volatile V value;
    }

    private final Node<V> root = new Node<>();

    /** The value at this path, created when there is none. */
    V computeIfAbsent(String path, Supplier<V> create) {
        synchronized (root) {
            Node<V> node = root;
            for (String level : levels(path)) {
                node = node.children.computeIfAbsent(level, absent -> new Node<>());
            }
            if (node.value == null) {
                node.value = create.get();
            }
            return node.value;
        }
    }

    /** The value at exactly this path, or null. */
    V get(String path) {
        Node<V> node = root;
        for (String level : levels(path)) {
            node = node.children.get(level);
            if (node == null) {
                return null;
            }
        }
        return node.value;
    }

    /** Takes the value at this path out, and with it the nodes that then lead nowhere. */
    void remove(String path) {
        synchronized (root) {
            remove(root, levels(path), 0);
        }
    }

    private boolean remove(Node<V> node, String[] levels, int depth) {
        if (depth == levels.length) {
            node.value = null;
        } else {
            Node<V> child = node.children.get(levels[depth]);
            if (child != null && remove(child, levels, depth + 1)) {
                node.children.remove(levels[depth]);
            }
        }
        return node.value == null && node.children.isEmpty();
    }

    /** Visits the value of each stored filter that matches a topic name. */
    void forEachFilterMatching(String name, Consumer<? super V> visitor) {
        String[] levels = levels(name);
        if (name.startsWith("$")) {
            // MQTT-4.7.2-1: a leading wildcard does not match a name that begins with $.
            Node<V> child = root.children.get(levels[0]);
            if (child != null) {
                filtersMatching(child, levels, 1, visitor);
            }
        } else {
            filtersMatching(root, levels, 0, visitor);
        }
    }

    private static <V> void filtersMatching(Node<V> node, String[] levels, int depth, Consumer<? super V> visitor) {
        // "sport/#" also matches "sport" (MQTT 5, section 4.7.1.2), hence before looking at the depth.
        visit(node.children.get(MULTI_LEVEL), visitor);
        if (depth == levels.length) {
            visit(node, visitor);
            return;
        }
        Node<V> same = node.children.get(levels[depth]);
        if (same != null) {
            filtersMatching(same, levels, depth + 1, visitor);
        }
        Node<V> any = node.children.get(SINGLE_LEVEL);
        if (any != null) {
            filtersMatching(any, levels, depth + 1, visitor);
        }
    }

    /** Visits the value of each stored topic name that a filter matches. */
    void forEachNameMatching(String filter, Consumer<? super V> visitor) {
        namesMatching(root, levels(filter), 0, visitor);
    }

    private void namesMatching(Node<V> node, String[] levels, int depth, Consumer<? super V> visitor) {
        if (depth == levels.length) {
            visit(node, visitor);
            return;
        }
        switch (levels[depth]) {
            case MULTI_LEVEL -> everythingUnder(node, visitor);
            case SINGLE_LEVEL ->
                node.children.forEach((level, child) -> {
                    if (isVisible(node, level)) {
                        namesMatching(child, levels, depth + 1, visitor);
                    }
                });
            default -> {
                Node<V> child = node.children.get(levels[depth]);
                if (child != null) {
                    namesMatching(child, levels, depth + 1, visitor);
                }
            }
        }
    }

    private void everythingUnder(Node<V> node, Consumer<? super V> visitor) {
        visit(node, visitor);
        node.children.forEach((level, child) -> {
            if (isVisible(node, level)) {
                everythingUnder(child, visitor);
            }
        });
    }

    /** MQTT-4.7.2-1 again, from the other side. */
    private boolean isVisible(Node<V> parent, String level) {
        return parent != root || !level.startsWith("$");
    }

    private static <V> void visit(Node<V> node, Consumer<? super V> visitor) {
        if (node != null) {
            V value = node.value;
            if (value != null) {
                visitor.accept(value);
            }
        }
    }

    private static String[] levels(String path) {
        return path.split("/", -1);
    }
}
