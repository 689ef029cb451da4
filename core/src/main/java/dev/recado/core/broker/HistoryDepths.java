package dev.recado.core.broker;

import dev.recado.core.codec.TopicRules;
import java.util.ArrayList;
import java.util.List;

/** How many messages of which topics are kept, as the program stated it. Immutable. */
final class HistoryDepths {

    /** No topic has a history. */
    static final HistoryDepths NONE = new HistoryDepths(List.of());

    private record Rule(String filter, int depth) {}

    private final List<Rule> rules;

    private HistoryDepths(List<Rule> rules) {
        this.rules = rules;
    }

    /** With one more rule, which goes before those stated earlier. */
    HistoryDepths with(String filter, int depth) {
        List<Rule> more = new ArrayList<>();
        more.add(new Rule(filter, depth));
        more.addAll(rules);
        return new HistoryDepths(List.copyOf(more));
    }

    /** 0 for none. */
    int of(String topic) {
        for (Rule rule : rules) {
            if (TopicRules.matches(rule.filter(), topic)) {
                return rule.depth();
            }
        }
        return 0;
    }
}
