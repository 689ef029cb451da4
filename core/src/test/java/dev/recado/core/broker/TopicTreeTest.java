package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.core.codec.TopicRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicTreeTest {

    @ParameterizedTest
    @CsvSource({
        "sport/#, sport, true",
        "sport/#, sport/tennis/x, true",
        "sport/+, sport, false",
        "sport/+, sport/, true",
        "+/+, /finance, true",
        "/+, /finance, true",
        "+, /finance, false",
        "#, a/b, true",
        "#, $own/x, false",
        "+/x, $own/x, false",
        "$own/#, $own/x, true",
        "$own/+, $own/x, true",
        "a/+/c, a//c, true",
        "A, a, false",
    })
    void shouldMatchAsTheStandardSays(String filter, String name, boolean matches) {
        TopicTree<String> filters = new TopicTree<>();
        filters.computeIfAbsent(filter, () -> filter);
        List<String> found = new ArrayList<>();
        filters.forEachFilterMatching(name, found::add);
        assertThat(found).hasSize(matches ? 1 : 0);

        TopicTree<String> names = new TopicTree<>();
        names.computeIfAbsent(name, () -> name);
        found.clear();
        names.forEachNameMatching(filter, found::add);
        assertThat(found).hasSize(matches ? 1 : 0);
    }

    @Test
    void shouldAgreeWithMatchingOneByOne() {
        long seed = Long.getLong("recado.test.seed", new Random().nextLong());
        Random random = new Random(seed);
        TopicTree<String> filters = new TopicTree<>();
        TopicTree<String> names = new TopicTree<>();
        TreeSet<String> allFilters = new TreeSet<>();
        TreeSet<String> allNames = new TreeSet<>();
        for (int i = 0; i < 400; i++) {
            String name = path(random, "a", "b", "", "$c");
            names.computeIfAbsent(name, () -> name);
            allNames.add(name);
            String filter = path(random, "a", "b", "+", "", "$c") + (random.nextInt(4) == 0 ? "/#" : "");
            filters.computeIfAbsent(filter, () -> filter);
            allFilters.add(filter);
            if (random.nextInt(5) == 0) {
                String gone = allFilters.first();
                filters.remove(gone);
                allFilters.remove(gone);
            }
        }
        for (String name : allNames) {
            List<String> found = new ArrayList<>();
            filters.forEachFilterMatching(name, found::add);
            assertThat(found)
                    .as("filters matching '%s', seed %d", name, seed)
                    .containsExactlyInAnyOrderElementsOf(allFilters.stream()
                            .filter(filter -> TopicRules.matches(filter, name))
                            .toList());
        }
        for (String filter : allFilters) {
            List<String> found = new ArrayList<>();
            names.forEachNameMatching(filter, found::add);
            assertThat(found)
                    .as("names matched by '%s', seed %d", filter, seed)
                    .containsExactlyInAnyOrderElementsOf(allNames.stream()
                            .filter(name -> TopicRules.matches(filter, name))
                            .toList());
        }
    }

    private static String path(Random random, String... levels) {
        List<String> path = new ArrayList<>();
        int depth = 1 + random.nextInt(4);
        for (int i = 0; i < depth; i++) {
            path.add(levels[random.nextInt(levels.length)]);
        }
        String joined = String.join("/", path);
        return joined.isEmpty() ? "/" : joined;
    }

    @Test
    void shouldCreateOneValueForEachPath() {
        TopicTree<Object> tree = new TopicTree<>();
        Object value = new Object();

        assertThat(tree.computeIfAbsent("a/b", () -> value)).isSameAs(value);
        assertThat(tree.computeIfAbsent("a/b", Object::new)).isSameAs(value);
        assertThat(tree.get("a/b")).isSameAs(value);
        assertThat(tree.get("a")).isNull();
        assertThat(tree.get("a/b/c")).isNull();
    }

    @Test
    void shouldKeepWhatStandsBelowAPathTakenOut() {
        TopicTree<String> tree = new TopicTree<>();
        tree.computeIfAbsent("a/b", () -> "x");
        tree.computeIfAbsent("a/b/c", () -> "y");

        tree.remove("a/b/d");
        tree.remove("a/b");

        assertThat(tree.get("a/b")).isNull();
        assertThat(tree.get("a/b/c")).isEqualTo("y");
    }

    @Test
    void shouldTakeOutWhatLeadsNowhere() {
        TopicTree<String> tree = new TopicTree<>();
        tree.computeIfAbsent("a/b/c", () -> "x");
        tree.computeIfAbsent("a", () -> "y");

        tree.remove("a/b/c");
        tree.remove("never/there");

        assertThat(tree.get("a/b/c")).isNull();
        assertThat(tree.get("a")).isEqualTo("y");
        List<String> all = new ArrayList<>();
        tree.forEachNameMatching("#", all::add);
        assertThat(all).containsExactly("y");
    }
}
