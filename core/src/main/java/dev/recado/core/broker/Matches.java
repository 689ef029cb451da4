package dev.recado.core.broker;

/**
 * Who gets the messages of a topic.
 *
 * @param parts one target for each session, in arrays that other topics may have, too; none is empty; shared, never changed
 * @param groups those of shared subscriptions: of each, one member gets a message; shared, never changed
 * @param own the targets and groups that are in arrays of this topic alone
 * @param version the routing version that this is true for
 */
record Matches(Target[][] parts, ShareGroup[] groups, int own, long version) {

    /** Up to so many a topic may have for itself. */
    static final int MOST_OWN = 64;

    static final ShareGroup[] NO_GROUPS = {};

    private static final Target[][] NO_PARTS = {};

    /** With all targets in one array. */
    static Matches of(Target[] targets, ShareGroup[] groups, int own, long version) {
        return new Matches(targets.length == 0 ? NO_PARTS : new Target[][] {targets}, groups, own, version);
    }

    boolean isEmpty() {
        return parts.length == 0 && groups.length == 0;
    }

    /** Otherwise it is found anew for each message: remembered, it would take memory of topics x subscribers. */
    boolean isToBeRemembered() {
        return own <= MOST_OWN;
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
