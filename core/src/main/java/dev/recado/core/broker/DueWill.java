package dev.recado.core.broker;

/**
 * A will that is to be published now, by whoever comes first: the timers' thread, or the client's next connection. A client that
 * says it is here again must not be contradicted by what it left to be said earlier. Thread-safe.
 */
final class DueWill {

    private final Wills wills;
    private final Session session;
    private final GrantedWill will;

    /** An earlier one of the same client; null for none, or when it has been published. */
    private DueWill before;

    private boolean published;

    DueWill(Wills wills, Session session, GrantedWill will, DueWill before) {
        this.wills = wills;
        this.session = session;
        this.will = will;
        this.before = before;
    }

    /** Publishes it once; when this returns it has been routed, or its authorizer takes its time. */
    synchronized void publish() {
        if (published) {
            return;
        }
        published = true;
        if (before != null) {
            before.publish();
            before = null;
        }
        wills.publish(session, will);
    }
}
