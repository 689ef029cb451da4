package dev.recado.core.broker;

/**
 * Who gets the messages of a topic.
 *
 * @param targets one for each session; shared, never changed
 * @param groups those of shared subscriptions: of each, one member gets a message; shared, never changed
 * @param version the routing version that this is true for
 */
record Matches(Target[] targets, ShareGroup[] groups, long version) {

    /** Up to this many targets a topic remembers them. */
    static final int MOST_REMEMBERED = 64;

    boolean isEmpty() {
        return targets.length == 0 && groups.length == 0;
    }

    int size() {
        return targets.length + groups.length;
    }

    /**
     * A session, once however many of its subscriptions match.
     *
     * @param session who
     * @param others on which terms it gets what others publish
     * @param own on which terms it gets what it publishes itself; null when it does not (No Local)
     */
    record Target(Session session, Terms others, Terms own) {

        static Target of(Subscription subscription) {
            Terms terms = subscription.terms();
            return new Target(subscription.session(), terms, subscription.noLocal() ? null : terms);
        }

        Target and(Subscription also) {
            Terms terms = also.terms();
            return new Target(session, Terms.and(others, terms), also.noLocal() ? own : Terms.and(own, terms));
        }
    }
}
