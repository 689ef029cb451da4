package dev.recado.core.broker;

import dev.recado.Limits;
import dev.recado.ReasonCode;
import dev.recado.auth.Permission;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import java.util.ArrayList;
import java.util.List;

/** SUBSCRIBE and UNSUBSCRIBE of one connection. Used by the thread that handles the connection's input. */
final class Subscribing {

    private final BrokerConnection connection;
    private final RecadoBroker broker;
    private final Replies replies;
    private final Router router;
    private final Batches batches;
    private final Limits limits;
    private final Session session;
    private final Link link;
    private final RoleGuard guard;
    private final Permissions permissions;

    Subscribing(
            BrokerConnection connection,
            RecadoBroker broker,
            Replies replies,
            Session session,
            Link link,
            RoleGuard guard,
            Permissions permissions) {
        this.connection = connection;
        this.broker = broker;
        this.replies = replies;
        this.router = broker.router;
        this.batches = broker.batches;
        this.limits = broker.limits;
        this.session = session;
        this.link = link;
        this.guard = guard;
        this.permissions = permissions;
    }

    /** A replay that holds its place, and what it is to send. */
    private record Pending(String filter, Replay replay, int depth) {}

    /** What is to be refused, for each filter in its order, null for nothing; null while the authorizer is deciding. */
    List<Refused> decide(Packet.Subscribe subscribe) {
        List<Refused> refusals = new ArrayList<>(subscribe.subscriptions().size());
        boolean pending = false;
        for (Packet.Subscription wanted : subscribe.subscriptions()) {
            Refused refused = violationOf(wanted.filter());
            if (refused == null) {
                Permission permission = permissions.toSubscribe(wanted.filter());
                pending |= permission == null;
                refused = permission == null || permission.isGranted()
                        ? null
                        : new Refused(ReasonCode.NOT_AUTHORIZED, permission.refusal());
            }
            refusals.add(refused);
        }
        return pending ? null : refusals;
    }

    private Refused violationOf(String filter) {
        String violation = Handshake.filterViolation(filter, limits);
        if (violation != null) {
            return new Refused(ReasonCode.TOPIC_FILTER_INVALID, violation);
        }
        violation = ReplyTopics.violationOfSubscribe(filter, session.clientId);
        if (violation == null) {
            violation = guard.violationOfSubscribe(filter);
        }
        return violation == null ? null : new Refused(ReasonCode.NOT_AUTHORIZED, violation);
    }

    /** Handles a SUBSCRIBE that is decided; returns whether something is to be sent now. */
    boolean subscribe(Batch batch, Packet.Subscribe subscribe, List<Refused> refusals) {
        ReplayDepth depth = ReplayDepth.of(subscribe.properties());
        List<Integer> stated = subscribe.properties().subscriptionIdentifiers();
        int[] identifiers = stated.isEmpty() ? null : new int[] {stated.get(0)};
        List<ReasonCode> answers = new ArrayList<>(subscribe.subscriptions().size());
        List<Pending> replays = new ArrayList<>();
        String refusal = null;
        for (int i = 0; i < refusals.size(); i++) {
            Packet.Subscription wanted = subscribe.subscriptions().get(i);
            Refused refused =
                    refusals.get(i) == null ? subscribe(wanted, identifiers, depth, replays) : refuse(refusals.get(i));
            answers.add(refused == null ? granted(wanted) : refused.reason());
            refusal = refusal == null && refused != null ? refused.what() : refusal;
        }
        if (!permissions.isCurrent()) {
            // Whoever asks again about every subscription may have missed these.
            broker.reauthorize(session);
        }
        connection.respond(batch, new Packet.SubAck(subscribe.packetId(), replies.reason(refusal), answers));
        if (replays.isEmpty()) {
            return false;
        }
        // SUBACK first: then a client knows its subscription before the first message of it.
        replies.send(batch);
        replays.forEach(pending -> session.begin(pending.replay(), router.stored(pending.filter(), pending.depth())));
        return true;
    }

    private static ReasonCode granted(Packet.Subscription wanted) {
        return switch (wanted.qos()) {
            case AT_MOST_ONCE -> ReasonCode.SUCCESS;
            case AT_LEAST_ONCE -> ReasonCode.GRANTED_QOS_1;
            case EXACTLY_ONCE -> ReasonCode.GRANTED_QOS_2;
        };
    }

    record Refused(ReasonCode reason, String what) {}

    private Refused refuse(ReasonCode reason, String what) {
        return refuse(new Refused(reason, what));
    }

    private Refused refuse(Refused refused) {
        connection.refused(refused.reason(), refused.what());
        return refused;
    }

    /** Null when the subscription is granted. */
    private Refused subscribe(Packet.Subscription wanted, int[] identifiers, ReplayDepth depth, List<Pending> replays) {
        String filter = wanted.filter();
        Subscription subscription = new Subscription(
                session, filter, wanted.qos(), wanted.noLocal(), wanted.retainAsPublished(), identifiers);
        String violation = depth.violationFor(filter, subscription.isShared());
        if (violation != null) {
            return refuse(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, violation);
        }
        // Shared subscriptions get no last values, for nobody could say which member had them (section 4.8.2).
        boolean wantsStored = (wanted.retainHandling() < 2 || depth.isWanted()) && !subscription.isShared();
        Replay replay = wantsStored ? new Replay(subscription, depth.isWanted(), batches.finishedUpTo()) : null;
        boolean evenIfKnown = wanted.retainHandling() == 0 || depth.isWanted();
        Session.Subscribed subscribed = session.subscribe(link, subscription, replay, evenIfKnown);
        if (subscribed == Session.Subscribed.TOO_MANY) {
            return refuse(
                    ReasonCode.QUOTA_EXCEEDED,
                    "subscription to '" + filter + "' is over the limit of " + limits.maxSubscriptionsPerClient()
                            + " for one client");
        }
        if (replay != null && (evenIfKnown || subscribed == Session.Subscribed.NEW)) {
            replays.add(new Pending(filter, replay, depth.messages()));
        }
        return null;
    }

    void unsubscribe(Batch batch, Packet.Unsubscribe unsubscribe) {
        List<ReasonCode> answers = unsubscribe.filters().stream()
                .map(filter ->
                        session.unsubscribe(link, filter) ? ReasonCode.SUCCESS : ReasonCode.NO_SUBSCRIPTION_EXISTED)
                .toList();
        connection.respond(batch, new Packet.UnsubAck(unsubscribe.packetId(), Properties.NONE, answers));
    }
}
