package dev.recado.core.codec;

import dev.recado.ReasonCode;
import java.nio.ByteBuffer;

/**
 * What topic names and filters look like and when they match (MQTT 5, section 4.7), and how shared subscriptions are
 * written (section 4.8.2). Stateless.
 */
public final class TopicRules {

    private static final String SHARE = "$share/";

    private TopicRules() {}

    /**
     * What keeps this from being a topic name.
     *
     * @param name any text
     * @return a sentence with the value, the rule and its statement; {@code null} when it is a topic name
     */
    public static String nameViolation(String name) {
        String violation = textViolation("topic name", name);
        if (violation != null) {
            return violation;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '+' || c == '#') {
                return "topic name " + quoted(name) + " contains the wildcard '" + c + "' at index " + i
                        + " (MQTT-3.3.2-2)";
            }
        }
        return null;
    }

    /** The same for bytes from the wire, which are UTF-8 already; allocates nothing. */
    static void checkName(String field, ByteBuffer bytes, int from, int to) throws CodecException {
        if (from == to) {
            throw new CodecException(ReasonCode.TOPIC_NAME_INVALID, field + " is empty (MQTT-4.7.3-1)");
        }
        for (int i = from; i < to; i++) {
            byte b = bytes.get(i);
            if (b == '+' || b == '#') {
                throw new CodecException(
                        ReasonCode.TOPIC_NAME_INVALID,
                        field + " contains the wildcard '" + (char) b + "' at offset " + (i - from)
                                + " (MQTT-4.7.0-1)");
            }
        }
    }

    /**
     * What keeps this from being a topic filter. A filter that starts with {@code $share/} must be a shared subscription:
     * a share name and a filter.
     *
     * @param filter any text
     * @return a sentence with the value, the rule and its statement; {@code null} when it is a topic filter
     */
    public static String filterViolation(String filter) {
        String violation = textViolation("topic filter", filter);
        if (violation != null) {
            return violation;
        }
        if (!isShared(filter)) {
            return wildcardViolation(filter, 0);
        }
        int nameEnd = filter.indexOf('/', SHARE.length());
        if (nameEnd < 0 || nameEnd == filter.length() - 1) {
            return "topic filter " + quoted(filter) + " has no filter after its share name (MQTT-4.8.2-2)";
        }
        if (nameEnd == SHARE.length()) {
            return "topic filter " + quoted(filter) + " has an empty share name (MQTT-4.8.2-1)";
        }
        for (int i = SHARE.length(); i < nameEnd; i++) {
            char c = filter.charAt(i);
            if (c == '+' || c == '#') {
                return "topic filter " + quoted(filter) + " has the wildcard '" + c + "' in its share name at index "
                        + i + " (MQTT-4.8.2-2)";
            }
        }
        return wildcardViolation(filter, nameEnd + 1);
    }

    private static String textViolation(String what, String text) {
        if (text.isEmpty()) {
            return what + " is empty (MQTT-4.7.3-1)";
        }
        String violation = Utf8.violation(text);
        return violation == null ? null : what + " " + quoted(text) + " " + violation;
    }

    private static String wildcardViolation(String filter, int from) {
        for (int i = from; i < filter.length(); i++) {
            char c = filter.charAt(i);
            boolean startsLevel = i == from || filter.charAt(i - 1) == '/';
            boolean last = i == filter.length() - 1;
            if (c == '#' && !(startsLevel && last)) {
                return "topic filter " + quoted(filter) + " has '#' at index " + i
                        + " where it is not the whole last level (MQTT-4.7.1-1)";
            }
            if (c == '+' && !(startsLevel && (last || filter.charAt(i + 1) == '/'))) {
                return "topic filter " + quoted(filter) + " has '+' at index " + i
                        + " where it is not a whole level (MQTT-4.7.1-2)";
            }
        }
        return null;
    }

    private static String quoted(String text) {
        return "'" + Utf8.abbreviate(text) + "'";
    }

    /**
     * Whether this filter asks for a shared subscription.
     *
     * @param filter any text
     * @return {@code true} when it starts with {@code $share/}
     */
    public static boolean isShared(String filter) {
        return filter.startsWith(SHARE);
    }

    /**
     * The filter that topics are matched with.
     *
     * @param filter a valid topic filter
     * @return of a shared subscription what follows the share name, otherwise all of it
     */
    public static String withoutShare(String filter) {
        return isShared(filter) ? filter.substring(filter.indexOf('/', SHARE.length()) + 1) : filter;
    }

    /**
     * The Share Name of a shared subscription.
     *
     * @param filter a valid topic filter
     * @return {@code null} when it is not a shared one
     */
    public static String shareName(String filter) {
        return isShared(filter) ? filter.substring(SHARE.length(), filter.indexOf('/', SHARE.length())) : null;
    }

    /**
     * How many levels it has: one more than slashes; the prefix of a shared subscription counts.
     *
     * @param nameOrFilter a topic name or filter
     * @return at least 1
     */
    public static int levels(String nameOrFilter) {
        int levels = 1;
        for (int i = 0; i < nameOrFilter.length(); i++) {
            if (nameOrFilter.charAt(i) == '/') {
                levels++;
            }
        }
        return levels;
    }

    /**
     * Whether it stands for more than one name.
     *
     * @param filter a topic filter
     * @return {@code true} when {@code +} or {@code #} is in it
     */
    public static boolean hasWildcard(String filter) {
        return filter.indexOf('+') >= 0 || filter.indexOf('#') >= 0;
    }

    /**
     * Whether a message to this name goes to a subscription with this filter. No normalization, case matters
     * (MQTT-4.7.3-4); a filter that starts with a wildcard matches no name that starts with {@code $} (MQTT-4.7.2-1).
     *
     * @param filter a valid topic filter; of a shared subscription, what follows the share name counts
     * @param name a valid topic name
     * @return {@code true} when it does
     */
    public static boolean matches(String filter, String name) {
        int f = isShared(filter) ? filter.indexOf('/', SHARE.length()) + 1 : 0;
        int n = 0;
        char first = filter.charAt(f);
        if (name.charAt(0) == '$' && (first == '+' || first == '#')) {
            return false;
        }
        while (true) {
            if (f < filter.length() && filter.charAt(f) == '#') {
                return true;
            }
            int filterEnd = levelEnd(filter, f);
            int nameEnd = levelEnd(name, n);
            boolean any = filterEnd - f == 1 && filter.charAt(f) == '+';
            if (!any && !(filterEnd - f == nameEnd - n && filter.regionMatches(f, name, n, nameEnd - n))) {
                return false;
            }
            if (filterEnd == filter.length() || nameEnd == name.length()) {
                // The parent level matches '#' as well: "sport/#" matches "sport" (section 4.7.1.2).
                return filterEnd == filter.length() ? nameEnd == name.length() : filter.startsWith("/#", filterEnd);
            }
            f = filterEnd + 1;
            n = nameEnd + 1;
        }
    }

    private static int levelEnd(String topic, int from) {
        int slash = topic.indexOf('/', from);
        return slash < 0 ? topic.length() : slash;
    }
}
