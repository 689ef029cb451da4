package dev.recado.auth;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/**
 * Who may read and write which topics, in the format of Mosquitto's {@code acl_file}.
 *
 * <pre>
 * # clients that are nobody in particular
 * topic read news/#
 *
 * user ana
 * topic chat/#
 * topic deny chat/secret
 *
 * # everybody
 * pattern write users/%u/out
 * pattern read users/%c/in/#
 * </pre>
 *
 * <p>{@code topic} and {@code pattern} take {@code read}, {@code write}, {@code readwrite} or {@code deny} and a topic filter;
 * without one of these words it is {@code readwrite}. {@code topic} lines are for the {@code user} above them, those before the
 * first {@code user} for clients that are nobody in particular, and for no others. {@code pattern} lines are for everybody; a
 * whole level {@code %u} in them stands for the user, {@code %c} for the client identifier. A line that starts with {@code #} is a
 * comment. What no line grants is denied.
 *
 * <p>The order of lines does not matter. First the client's {@code topic} lines count: denials, then grants; then {@code
 * pattern} lines: denials, then grants.
 *
 * <p>What is stricter than in Mosquitto:
 * <ul>
 *   <li>The user is the {@linkplain Identity#principal principal}, so one that an {@link Authenticator} vouches for, not what a
 *       client says of itself.
 *   <li>A subscription is granted when every topic that its filter matches may be read, and refused otherwise; Mosquitto
 *       grants it and drops messages later.
 *   <li>When some pattern has {@code %u} and the user's name holds {@code +}, {@code #} or {@code /}, patterns grant that user nothing;
 *       likewise {@code %c} and the client identifier. So do those that start with {@code $} where the placeholder is the first
 *       level. Nobody gets more by choosing a name.
 *   <li>{@code %u} and {@code %c} inside a longer level are errors.
 * </ul>
 *
 * <p>Thread-safe; one object may serve several brokers.
 *
 * @since 0.1.0
 */
public final class AclFile implements Authorizer {

    private static final String USER = "%u";
    private static final String CLIENT = "%c";

    private final Path file;
    private volatile Rules rules;

    /**
     * Reads the file.
     *
     * @param file in UTF-8, 64 MiB at most
     * @throws IOException when it cannot be read, or is not what it should be: with file and line
     */
    public AclFile(Path file) throws IOException {
        this.file = Objects.requireNonNull(file, "file");
        rules = Rules.read(file);
    }

    /**
     * Reads the file again. Call {@link dev.recado.Broker#reauthorize} afterwards, so that it counts for what was granted before.
     *
     * @throws IOException as when it was read first; then what was read before stays in force
     */
    public void reload() throws IOException {
        rules = Rules.read(file);
    }

    @Override
    public CompletionStage<Permission> authorize(Identity who, Access access, String topic) {
        if (rules.permit(who, access, TopicPattern.of(topic))) {
            return Permission.granted().now();
        }
        return Permission.denied(
                        access == Access.PUBLISH
                                ? "not allowed to publish to '" + topic + "'"
                                : "not allowed to read every topic that '" + topic + "' matches")
                .now();
    }

    @Override
    public String toString() {
        return "AclFile[" + file + "]";
    }

    /** Denials and grants that count together. */
    private static final class Section {
        final List<TopicPattern> denied = new ArrayList<>();
        final List<TopicPattern> readable = new ArrayList<>();
        final List<TopicPattern> writable = new ArrayList<>();

        List<TopicPattern> granted(Access access) {
            return access == Access.PUBLISH ? writable : readable;
        }

        void add(String access, TopicPattern pattern) {
            switch (access) {
                case "deny" -> denied.add(pattern);
                case "read" -> readable.add(pattern);
                case "write" -> writable.add(pattern);
                case "readwrite" -> {
                    readable.add(pattern);
                    writable.add(pattern);
                }
                default ->
                    throw new IllegalArgumentException("'" + access + "' is none of read, write, readwrite and deny");
            }
        }
    }

    private static final class Rules {

        private final Section anonymous = new Section();
        private final Map<String, Section> byUser = new HashMap<>();
        private final Section patterns = new Section();
        private boolean userInPatterns;
        private boolean userFirst;
        private boolean clientInPatterns;
        private boolean clientFirst;
        private int longest;

        /** While the file is read. */
        private Section current = anonymous;

        static Rules read(Path file) throws IOException {
            Rules rules = new Rules();
            AccountLines.read(file, rules::add);
            return rules;
        }

        // ---- Lines ----

        private void add(String line) {
            String[] words = line.strip().split("[ \t]+", 2);
            String rest = words.length < 2 ? "" : words[1];
            switch (words[0]) {
                case "user" -> {
                    if (rest.isEmpty()) {
                        throw new IllegalArgumentException("the user's name is missing");
                    }
                    current = byUser.computeIfAbsent(rest, name -> new Section());
                }
                case "topic" -> addTo(current, rest);
                case "pattern" -> notePlaceholders(addTo(patterns, rest));
                default -> throw new IllegalArgumentException("'" + words[0] + "' is none of user, topic and pattern");
            }
        }

        private TopicPattern addTo(Section section, String rest) {
            String[] words = rest.split("[ \t]+", 2);
            String access = words.length == 2 ? words[0] : "readwrite";
            TopicPattern pattern = TopicPattern.of(words[words.length - 1]);
            section.add(access, pattern);
            longest = Math.max(longest, pattern.length());
            return pattern;
        }

        private void notePlaceholders(TopicPattern pattern) {
            for (int i = 0; i < pattern.length(); i++) {
                String level = pattern.level(i);
                if (level.equals(USER)) {
                    userInPatterns = true;
                    userFirst |= i == 0;
                } else if (level.equals(CLIENT)) {
                    clientInPatterns = true;
                    clientFirst |= i == 0;
                } else if (level.contains(USER) || level.contains(CLIENT)) {
                    throw new IllegalArgumentException("%u and %c must be whole levels, but one is in '" + level + "'");
                }
            }
        }

        // ---- Decisions ----

        boolean permit(Identity who, Access access, TopicPattern wanted) {
            Section own = who.principal().isEmpty() ? anonymous : byUser.getOrDefault(who.principal(), new Section());
            Section everybody = patternsFor(who);
            // Names of one length are granted alike, or the rules distinguish them; those longer than any rule are all
            // alike.
            for (int length = wanted.shortestShape(); length <= wanted.longestShape(longest); length++) {
                if (!permit(own, everybody, access, wanted.shape(length))) {
                    return false;
                }
            }
            return true;
        }

        /** Whether everything of this shape is granted. One rule has to cover all of it: {@code +} stands for names of which no rule knows. */
        private static boolean permit(Section own, Section everybody, Access access, String[] shape) {
            if (own.denied.stream().anyMatch(rule -> rule.within(shape) != null)) {
                return false;
            }
            List<TopicPattern> granted = own.granted(access);
            if (covers(granted, shape)) {
                return true;
            }
            if (!covers(everybody.granted(access), shape)) {
                return false;
            }
            for (TopicPattern denial : everybody.denied) {
                String[] denied = denial.within(shape);
                if (denied != null && !covers(granted, denied)) {
                    return false;
                }
            }
            return true;
        }

        private static boolean covers(List<TopicPattern> rules, String[] shape) {
            for (TopicPattern rule : rules) {
                if (rule.covers(shape)) {
                    return true;
                }
            }
            return false;
        }

        private Section patternsFor(Identity who) {
            Section mine = new Section();
            boolean fits = (!userInPatterns || isLevel(who.principal(), userFirst))
                    && (!clientInPatterns || isLevel(who.clientId(), clientFirst));
            if (fits) {
                substitute(patterns.denied, who, mine.denied);
                substitute(patterns.readable, who, mine.readable);
                substitute(patterns.writable, who, mine.writable);
            }
            return mine;
        }

        /** Whether a name can stand for a placeholder and mean nothing but itself. */
        private static boolean isLevel(String name, boolean first) {
            return name.chars().noneMatch(c -> c == '+' || c == '#' || c == '/') && !(first && name.startsWith("$"));
        }

        private static void substitute(List<TopicPattern> from, Identity who, List<TopicPattern> to) {
            for (TopicPattern pattern : from) {
                String[] levels = pattern.levels();
                boolean complete = true;
                for (int i = 0; i < levels.length; i++) {
                    if (levels[i].equals(USER)) {
                        complete &= !who.principal().isEmpty();
                        levels[i] = who.principal();
                    } else if (levels[i].equals(CLIENT)) {
                        levels[i] = who.clientId();
                    }
                }
                if (complete) {
                    to.add(pattern.with(levels));
                }
            }
        }
    }
}
