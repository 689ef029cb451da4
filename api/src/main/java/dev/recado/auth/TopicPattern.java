package dev.recado.auth;

import java.util.Arrays;

/**
 * A topic filter as a set of topic names, by levels (MQTT 5, section 4.7). Names of one length and form are compared as <em>shapes</em>:
 * levels, where {@code +} stands for any text; a name is a shape without any. Immutable.
 */
final class TopicPattern {

    static final String ANY = "+";

    private final String[] levels;

    /** Whether {@code #} follows: then names may be longer. */
    private final boolean open;

    private TopicPattern(String[] levels, boolean open) {
        this.levels = levels;
        this.open = open;
    }

    static TopicPattern of(String filter) {
        if (filter.isEmpty()) {
            throw new IllegalArgumentException("the topic filter is missing");
        }
        String[] levels = filter.split("/", -1);
        boolean open = levels[levels.length - 1].equals("#");
        String[] before = Arrays.copyOf(levels, open ? levels.length - 1 : levels.length);
        for (String level : before) {
            if (level.indexOf('#') >= 0 || level.indexOf('+') >= 0 && !level.equals(ANY)) {
                throw new IllegalArgumentException(
                        "'" + filter + "' is no topic filter: '+' must be a whole level, and '#' the"
                                + " whole last one (MQTT 5, section 4.7.1)");
            }
        }
        return new TopicPattern(before, open);
    }

    int length() {
        return levels.length;
    }

    String level(int index) {
        return levels[index];
    }

    /** With other levels at the same places. */
    TopicPattern with(String[] others) {
        return new TopicPattern(others, open);
    }

    String[] levels() {
        return levels.clone();
    }

    /** The length of the longest shape that differs in kind from all longer ones, where patterns have this many levels at most. */
    int longestShape(int longestPattern) {
        return open ? Math.max(levels.length, longestPattern) + 1 : levels.length;
    }

    /** The length of the shortest name. */
    int shortestShape() {
        // "sport/#" matches "sport" too, but no name is empty.
        return open && isEmptyName(levels) ? 2 : Math.max(1, levels.length);
    }

    /** Its names of this length, which is one that it has. */
    String[] shape(int length) {
        String[] shape = Arrays.copyOf(levels, length);
        Arrays.fill(shape, Math.min(levels.length, length), length, ANY);
        return shape;
    }

    /** Whether it matches every name of a shape. */
    boolean covers(String[] shape) {
        if (!hasLength(shape.length) || startsWithAny() && shape[0].startsWith("$")) {
            return false;
        }
        for (int i = 0; i < levels.length; i++) {
            if (!levels[i].equals(ANY) && !levels[i].equals(shape[i])) {
                return false;
            }
        }
        return true;
    }

    /** The names of a shape that it matches; null for none. */
    String[] within(String[] shape) {
        // A leading wildcard matches no name that starts with $, on either side (MQTT-4.7.2-1).
        boolean apart = startsWithAny() && shape[0].startsWith("$")
                || !startsWithAny() && levels[0].startsWith("$") && shape[0].equals(ANY);
        if (!hasLength(shape.length) || apart) {
            return null;
        }
        String[] both = shape.clone();
        for (int i = 0; i < levels.length; i++) {
            if (shape[i].equals(ANY)) {
                both[i] = levels[i];
            } else if (!levels[i].equals(ANY) && !levels[i].equals(shape[i])) {
                return null;
            }
        }
        return isEmptyName(both) ? null : both;
    }

    private static boolean isEmptyName(String[] shape) {
        return shape.length == 1 && shape[0].isEmpty();
    }

    private boolean hasLength(int length) {
        return open ? length >= levels.length : length == levels.length;
    }

    private boolean startsWithAny() {
        return levels.length == 0 || levels[0].equals(ANY);
    }
}
