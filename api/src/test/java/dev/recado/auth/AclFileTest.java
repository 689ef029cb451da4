package dev.recado.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.spi.Peer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AclFileTest {

    private static final Map<String, Pattern> EXPRESSIONS = new ConcurrentHashMap<>();

    @TempDir
    Path folder;

    private AclFile acl(String... lines) throws IOException {
        return new AclFile(Files.write(folder.resolve("acl"), List.of(lines)));
    }

    private static Identity who(String clientId, String principal) {
        return new Identity(clientId, principal, "claimed", Peer.of(InetSocketAddress.createUnresolved("here", 1)));
    }

    private static boolean may(AclFile acl, Identity who, Access access, String topic) {
        return acl.authorize(who, access, topic).toCompletableFuture().join().isGranted();
    }

    private static boolean mayRead(AclFile acl, String principal, String filter) {
        return may(acl, who("c", principal), Access.SUBSCRIBE, filter);
    }

    private static boolean mayWrite(AclFile acl, String principal, String topic) {
        return may(acl, who("c", principal), Access.PUBLISH, topic);
    }

    // ---- Sections ----

    @Test
    void shouldGiveTheFirstTopicsToAnonymousClientsOnly() throws Exception {
        AclFile acl = acl(
                "topic read news/#",
                "",
                "# for ana",
                "user ana",
                "topic chat",
                "user bia",
                "user ana",
                "topic write x y");

        assertThat(mayRead(acl, "", "news/br")).isTrue();
        assertThat(mayRead(acl, "ana", "news/br")).isFalse();
        assertThat(mayRead(acl, "", "chat")).isFalse();
        assertThat(mayRead(acl, "ana", "chat")).isTrue();
        assertThat(mayWrite(acl, "ana", "chat")).isTrue();
        assertThat(mayWrite(acl, "ana", "x y")).isTrue();
        assertThat(mayRead(acl, "ana", "x y")).isFalse();
        assertThat(mayRead(acl, "bia", "chat")).isFalse();
        assertThat(mayRead(acl, "stranger", "chat")).isFalse();
    }

    @Test
    void shouldNotBelieveWhatAClientSaysOfItself() throws Exception {
        AclFile acl = acl("user claimed", "topic #", "pattern users/%u");
        assertThat(mayRead(acl, "", "a")).isFalse();
        assertThat(mayRead(acl, "", "users/claimed")).isFalse();
    }

    @Test
    void shouldCountDenialsFirstAndTopicsBeforePatterns() throws Exception {
        AclFile acl = acl(
                "user ana",
                "topic read a/#",
                "topic deny a/secret",
                "topic own",
                "pattern readwrite p/#",
                "pattern deny p/secret",
                "pattern deny own");

        assertThat(mayRead(acl, "ana", "a/b")).isTrue();
        assertThat(mayRead(acl, "ana", "a/secret")).isFalse();
        assertThat(mayRead(acl, "ana", "a/#")).isFalse();
        assertThat(mayRead(acl, "ana", "a/+")).isFalse();
        assertThat(mayRead(acl, "ana", "a/+/x")).isTrue();
        assertThat(mayWrite(acl, "ana", "p/x")).isTrue();
        assertThat(mayWrite(acl, "ana", "p/secret")).isFalse();
        assertThat(mayWrite(acl, "ana", "own")).isTrue();
    }

    @Test
    void shouldKeepNamesWithADollarApart() throws Exception {
        AclFile acl = acl("topic read #", "topic deny $SYS/x/#");
        assertThat(mayRead(acl, "", "#")).isTrue();
        assertThat(mayRead(acl, "", "+/x")).isTrue();
        assertThat(mayRead(acl, "", "$SYS/y")).isFalse();

        AclFile system = acl("topic read $SYS/#", "topic deny +/secret");
        assertThat(mayRead(system, "", "$SYS/#")).isTrue();
        assertThat(mayRead(system, "", "$SYS/secret")).isTrue();
        assertThat(mayRead(system, "", "#")).isFalse();
    }

    // ---- Patterns ----

    @Test
    void shouldPutNamesInPlaceOfPlaceholders() throws Exception {
        AclFile acl = acl("pattern write users/%u/from/%c", "pattern read in/%c/#");

        assertThat(may(acl, who("c1", "ana"), Access.PUBLISH, "users/ana/from/c1"))
                .isTrue();
        assertThat(may(acl, who("c1", "ana"), Access.PUBLISH, "users/bia/from/c1"))
                .isFalse();
        assertThat(may(acl, who("c1", "ana"), Access.PUBLISH, "users/%u/from/%c"))
                .isFalse();
        assertThat(may(acl, who("c1", ""), Access.PUBLISH, "users//from/c1"))
                .as("anonymous")
                .isFalse();
        assertThat(may(acl, who("c1", ""), Access.SUBSCRIBE, "in/c1/+")).isTrue();
        assertThat(may(acl, who("c1", ""), Access.SUBSCRIBE, "in/+/a")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {"+ a", "# a", "a/b a/b", "a/# a/b", "+/+ a/b", "x+ x", "$SYS $SYS"})
    void shouldNotLetANameWidenAPattern(String name, String topic) throws Exception {
        AclFile byUser = acl("pattern %u", "pattern readwrite open/#", "pattern deny open/%u");
        assertThat(mayRead(byUser, name, topic)).isFalse();
        assertThat(mayWrite(byUser, name, "open/" + topic)).isFalse();
        AclFile byClient = acl("pattern %c", "pattern readwrite open/#", "pattern deny open/%c");
        assertThat(may(byClient, who(name, "ana"), Access.SUBSCRIBE, topic)).isFalse();
        assertThat(may(byClient, who(name, "ana"), Access.PUBLISH, "open/" + topic))
                .isFalse();
        AclFile byNone = acl("pattern readwrite open/#", "user " + name, "topic own");
        assertThat(may(byNone, who(name, name), Access.PUBLISH, "open/x")).isTrue();
        assertThat(may(byNone, who(name, name), Access.PUBLISH, "own")).isTrue();
    }

    // ---- Containment ----

    @Test
    void shouldSeeThatSeveralRulesTogetherGrantAFilter() throws Exception {
        AclFile acl = acl("topic read a", "topic read a/+", "topic read a/+/+/#");
        assertThat(mayRead(acl, "", "a/#")).isTrue();
        assertThat(mayRead(acl, "", "#")).isFalse();
        assertThat(mayRead(acl("topic read a", "topic read a/+/+/#"), "", "a/#"))
                .isFalse();
    }

    private static final String[] LEVELS = {"a", "b", "", "$s"};

    /** No rule and no filter knows of it: it stands for all the texts that there are besides. */
    private static final String OTHER = "z";

    @Test
    void shouldGrantAFilterExactlyWhenEveryTopicThatItMatchesMayBeRead() throws Exception {
        Random random = new Random(42);
        List<String> names = names(4);
        int granted = 0;
        int questions = 0;
        for (int file = 0; file < 150; file++) {
            List<Rule> rules = new ArrayList<>();
            for (int i = random.nextInt(8); i >= 0; i--) {
                rules.add(randomRule(random));
            }
            AclFile acl = acl(lines(rules));
            for (int i = 0; i < 20; i++) {
                String filter = randomFilter(random, 3);
                boolean expected =
                        names.stream().filter(name -> matches(filter, name)).allMatch(name -> may(rules, name));
                assertThat(mayRead(acl, "u", filter))
                        .as("%s under %s", filter, rules)
                        .isEqualTo(expected);
                granted += expected ? 1 : 0;
                questions++;
            }
            for (int i = 0; i < 5; i++) {
                String name = names.get(random.nextInt(names.size()));
                assertThat(mayRead(acl, "u", name))
                        .as("%s under %s", name, rules)
                        .isEqualTo(may(rules, name));
            }
        }
        assertThat(granted).as("granted of %d", questions).isBetween(questions / 20, questions - questions / 20);
    }

    private record Rule(boolean pattern, boolean deny, String filter) {}

    private static Rule randomRule(Random random) {
        return new Rule(random.nextBoolean(), random.nextInt(4) == 0, randomFilter(random, 2));
    }

    private static String[] lines(List<Rule> rules) {
        List<String> lines = new ArrayList<>(List.of("user u"));
        rules.forEach(rule -> lines.add(
                (rule.pattern() ? "pattern " : "topic ") + (rule.deny() ? "deny " : "read ") + rule.filter()));
        return lines.toArray(new String[0]);
    }

    private static String randomFilter(Random random, int longest) {
        while (true) {
            List<String> levels = new ArrayList<>();
            for (int i = random.nextInt(longest + 1); i > 0; i--) {
                int kind = random.nextInt(6);
                levels.add(kind < LEVELS.length ? LEVELS[kind] : "+");
            }
            if (random.nextInt(2) == 0) {
                levels.add("#");
            }
            String filter = String.join("/", levels);
            if (!filter.isEmpty()) {
                return filter;
            }
        }
    }

    private static List<String> names(int longest) {
        List<String> all = new ArrayList<>();
        List<String> last = List.of("");
        for (int length = 1; length <= longest; length++) {
            List<String> next = new ArrayList<>();
            for (String before : last) {
                for (String level : new String[] {"a", "b", "", "$s", OTHER}) {
                    next.add(length == 1 ? level : before + "/" + level);
                }
            }
            all.addAll(next);
            last = next;
        }
        all.remove("");
        return all;
    }

    /** What Mosquitto does with a message: topics before patterns, in each the denials first. */
    private static boolean may(List<Rule> rules, String name) {
        for (boolean pattern : new boolean[] {false, true}) {
            for (boolean deny : new boolean[] {true, false}) {
                if (rules.stream()
                        .anyMatch(rule ->
                                rule.pattern() == pattern && rule.deny() == deny && matches(rule.filter(), name))) {
                    return !deny;
                }
            }
        }
        return false;
    }

    /** By a regular expression, so that it has nothing in common with what it checks. */
    private static boolean matches(String filter, String name) {
        if (name.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"))) {
            return false;
        }
        if (filter.equals("#")) {
            return true;
        }
        String expression = filter.replace("$", "\\$").replaceAll("(?<=^|/)\\+(?=/|$)", "[^/]*");
        if (expression.endsWith("/#")) {
            expression = expression.substring(0, expression.length() - 2) + "(/.*)?";
        }
        return EXPRESSIONS
                .computeIfAbsent(expression, Pattern::compile)
                .matcher(name)
                .matches();
    }

    // ---- The file ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "users ana|'users' is none of user, topic and pattern",
                "user|name is missing",
                "topic|topic filter is missing",
                "topic all a|'all' is none of read, write, readwrite and deny",
                "topic a b|'a' is none of",
                "topic a/#/b|no topic filter",
                "topic read a+|no topic filter",
                "pattern users-%u|must be whole levels",
                "pattern a/%c.x|must be whole levels",
            })
    void shouldSayWhatIsWrongAndWhere(String line, String what) {
        assertThatThrownBy(() -> acl("# comment", "topic a", line))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folder.resolve("acl") + ", line 3: ")
                .hasMessageContaining(what);
    }

    @Test
    void shouldReadAgainAndKeepWhatItHasWhenTheNewFileIsBroken() throws Exception {
        AclFile acl = acl("topic read a");
        Files.writeString(folder.resolve("acl"), "topic read b\n");
        acl.reload();
        assertThat(mayRead(acl, "", "a")).isFalse();
        assertThat(mayRead(acl, "", "b")).isTrue();

        Files.writeString(folder.resolve("acl"), "topic read c\nbroken\n");
        assertThatThrownBy(acl::reload).isInstanceOf(IOException.class);
        assertThat(mayRead(acl, "", "b")).isTrue();
        assertThat(mayRead(acl, "", "c")).isFalse();
    }

    @Test
    void shouldNameTheFilterThatItRefuses() throws Exception {
        Permission refused = acl("topic read a/+")
                .authorize(who("c", ""), Access.SUBSCRIBE, "a/#")
                .toCompletableFuture()
                .join();
        assertThat(refused.refusal()).contains("'a/#'");
    }
}
