package dev.recado.core.broker;

import dev.recado.Limits;
import dev.recado.QoS;
import dev.recado.core.codec.PublishView;
import dev.recado.core.codec.TopicRules;
import dev.recado.core.time.Timers;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongFunction;

/**
 * From a message to the sessions that want it: the topic catalogue, last values and subscriptions together. Thread-safe; its
 * methods run on the thread of the connection that published.
 */
final class Router {

    final TopicCatalogue catalogue;
    final Subscriptions subscriptions = new Subscriptions();
    final Stores stores;

    private final Limits limits;
    private final Batches batches;
    private final Timers timers;

    Router(Limits limits, HistoryDepths history, Batches batches, Timers timers) {
        this.limits = limits;
        this.catalogue = new TopicCatalogue(limits, history, this::announce);
        this.stores = new Stores(limits);
        this.batches = batches;
        this.timers = timers;
    }

    /** What became of a message that was routed. */
    enum Routed {
        DELIVERED,
        NOBODY_SUBSCRIBES,
        NO_ROOM_FOR_LAST_VALUE
    }

    /**
     * Stores a message as its topic's last value, if it is to be one, and in its topic's history, if there is one, and hands
     * it to every matching session.
     *
     * @param batch what it needs; written sessions are flushed with it, and it gets those for which the publisher should wait
     * @param message read in place
     * @param topic where to
     * @param publisher whose subscriptions may be "no local"; null when there is none
     */
    Routed route(Batch batch, PublishView message, Topic topic, Session publisher) {
        Routed inRun = addToRun(batch, message, topic);
        if (inRun != null) {
            return inRun;
        }
        // What was published before goes out first: a replay that finds this one would send it before them.
        finishRun(batch);
        long now = message.messageExpiry() >= 0 ? timers.nanoTime() : 0;
        long sequence = 0;
        boolean begun = topic.history != null;
        if (begun) {
            if (!topic.history.store(batch, message, topic, stores, now)) {
                return Routed.NO_ROOM_FOR_LAST_VALUE;
            }
        } else if (message.retain()) {
            sequence = topic.lastValue().store(message, stores, now, batch.number);
            if (sequence == LastValue.NO_ROOM) {
                return Routed.NO_ROOM_FOR_LAST_VALUE;
            }
        }
        batch.messagesReceived++;
        Matches matches = topic.matches(subscriptions);
        if (matches.isEmpty()) {
            return Routed.NOBODY_SUBSCRIBES;
        }
        if (!begun) {
            batch.outbound.begin(message, topic, sequence, batch.number, now);
        }
        deliver(batch, matches, message.qos(), message.retain(), publisher);
        return Routed.DELIVERED;
    }

    /** Keeps a message to be delivered with those behind it; null when it is to be routed now. */
    private Routed addToRun(Batch batch, PublishView message, Topic topic) {
        Run run = batch.run;
        Matches matches = topic.matches(subscriptions);
        if (!run.takes(message, topic, matches)) {
            return null;
        }
        batch.messagesReceived++;
        if (matches.isEmpty() && !message.retain()) {
            return Routed.NOBODY_SUBSCRIBES;
        }
        if (!run.goesOnWith(message, matches)) {
            finishRun(batch);
        }
        run.add(message, topic, matches);
        return matches.isEmpty() ? Routed.NOBODY_SUBSCRIBES : Routed.DELIVERED;
    }

    /** Delivers the messages that were kept together; to be called before anything is done that others could see. */
    void finishRun(Batch batch) {
        Run run = batch.run;
        if (run.isEmpty()) {
            return;
        }
        if (!run.hasRetained()) {
            deliver(batch, run);
            return;
        }
        // A message that is stored can be found by a replay, which then waits: what was published before it goes out
        // first.
        batch.undeliveredFrom = stores.lastSequence() + 1;
        try {
            storeLastValues(batch, run);
            deliver(batch, run);
        } finally {
            batch.undeliveredFrom = Batch.NOTHING;
            pumpWaiting(batch);
        }
    }

    private void storeLastValues(Batch batch, Run run) {
        for (int i = 0; i < run.count(); i++) {
            if (run.retain(i) && !run.isSuperseded(i)) {
                run.storedAs(i, run.topic(i).lastValue().store(run, i, stores, batch.number));
            }
        }
    }

    private void pumpWaiting(Batch batch) {
        for (Session session; (session = batch.waiting.poll()) != null; ) {
            session.pump(batch, timers.nanoTime());
        }
    }

    private void deliver(Batch batch, Run run) {
        try {
            if (run.hasRetained() && run.version() != subscriptions.version()) {
                // Who has come since the messages were matched may have looked for last values before they were stored.
                deliverAnew(batch, run);
                return;
            }
            for (Matches.Target[] part : run.targets()) {
                for (Matches.Target target : part) {
                    deliver(batch, run, target);
                }
            }
            if (!run.singly.isEmpty()) {
                deliverSingly(batch, run);
            }
        } finally {
            run.end();
        }
    }

    private void deliverAnew(Batch batch, Run run) {
        for (int i = 0; i < run.count(); i++) {
            batch.outbound.begin(run, i, batch.number);
            deliver(batch, run.topic(i).matches(subscriptions), QoS.AT_MOST_ONCE, run.retain(i), run.publisher());
        }
    }

    private static void deliver(Batch batch, Run run, Matches.Target target) {
        Session session = target.session();
        Terms terms = session == run.publisher() ? target.own() : target.others();
        if (terms == null) {
            return;
        }
        switch (session.deliver(batch, run, terms)) {
            case DECLINED -> run.singly.add(target);
            case OVERFLOWING -> overflows(batch, session);
            default -> {} // it has them, or has ended
        }
    }

    private static void deliverSingly(Batch batch, Run run) {
        for (int i = 0; i < run.count(); i++) {
            batch.outbound.begin(run, i, batch.number);
            for (int k = 0; k < run.singly.size(); k++) {
                deliver(batch, run.singly.get(k), QoS.AT_MOST_ONCE, run.retain(i), run.publisher());
            }
        }
    }

    private static void deliver(Batch batch, Matches matches, QoS qos, boolean retain, Session publisher) {
        for (Matches.Target[] part : matches.parts()) {
            for (Matches.Target target : part) {
                deliver(batch, target, qos, retain, publisher);
            }
        }
        for (ShareGroup group : matches.groups()) {
            deliver(batch, group, qos, retain);
        }
    }

    private static void deliver(Batch batch, Matches.Target target, QoS qos, boolean retain, Session publisher) {
        Session session = target.session();
        Terms terms = session == publisher ? target.own() : target.others();
        if (terms == null) {
            return;
        }
        Session.Outcome outcome = session.deliver(
                batch,
                qos.min(terms.maxQoS()),
                retain && terms.retainAsPublished(),
                terms.identifiers(),
                null,
                Session.Demand.WHENEVER);
        if (outcome == Session.Outcome.OVERFLOWING) {
            overflows(batch, session);
        }
    }

    /** With a run it may do so before, and with what comes behind it again. */
    private static void overflows(Batch batch, Session session) {
        if (!batch.overflowing.contains(session)) {
            batch.overflowing.add(session);
        }
    }

    /** One member gets it: in turn, one that can take it at once; failing that, one whose client is there; failing that, any. */
    private static boolean deliver(Batch batch, ShareGroup group, QoS qos, boolean retain) {
        Subscription[] members = group.members();
        if (members.length == 0) {
            return false;
        }
        int first = group.nextTurn(members.length);
        for (Session.Demand demand : DEMANDS) {
            for (int i = 0; i < members.length; i++) {
                Subscription member = members[(first + i) % members.length];
                Session.Outcome outcome = member.session()
                        .deliver(
                                batch,
                                qos.min(member.qos()),
                                retain && member.retainAsPublished(),
                                member.identifiers(),
                                group,
                                demand);
                switch (outcome) {
                    case DECLINED, GONE -> {}
                    case OVERFLOWING -> {
                        overflows(batch, member.session());
                        return true;
                    }
                    case SENT, QUEUED, DROPPED -> {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static final Session.Demand[] DEMANDS = Session.Demand.values();

    /** Gives messages of shared subscriptions, whose session has ended, to others of their groups. */
    void reassign(Collection<Waiting> orphans) {
        long now = timers.nanoTime();
        Batch batch = batches.take();
        try {
            for (Waiting orphan : orphans) {
                boolean expired = orphan.message().isExpired(now);
                if (!expired) {
                    batch.outbound.begin(orphan.message(), now);
                }
                if (expired
                        || !deliver(
                                batch,
                                orphan.group(),
                                orphan.message().qos(),
                                orphan.message().retained())) {
                    batch.messagesDropped++;
                }
            }
            batch.endStalls();
        } finally {
            batches.finish(batch);
        }
    }

    /**
     * The stored messages that a new subscription gets.
     *
     * @param depth how many of each topic's history, oldest first over all topics; 0 for the last values alone, topic by topic
     */
    Iterator<LongFunction<StoredMessage>> stored(String filter, int depth) {
        if (VirtualTopics.concerns(filter)) {
            return VirtualTopics.matching(filter, catalogue).stream()
                    .map(topic -> (LongFunction<StoredMessage>) now -> VirtualTopics.message(topic))
                    .iterator();
        }
        List<Topic> topics;
        if (TopicRules.hasWildcard(filter)) {
            topics = catalogue.matching(filter);
        } else {
            Topic topic = catalogue.find(filter);
            topics = topic == null ? List.of() : List.of(topic);
        }
        if (depth > 0) {
            return new HistoryMerge(topics, depth, stores, limits.maxQueuedBytes());
        }
        // Lazily: each topic is looked at when those before it have been sent.
        return topics.stream()
                .map(topic -> (LongFunction<StoredMessage>) now -> topic.readLastValue(stores, now))
                .iterator();
    }

    /** Takes topics out of the catalogue, with their last values. */
    int forget(String filter) {
        List<Topic> forgotten = catalogue.forget(filter);
        forgotten.forEach(topic -> topic.forget(stores));
        return forgotten.size();
    }

    /** Tells those who follow the catalogue of a new topic. */
    private void announce(Topic topic) {
        StoredMessage message = VirtualTopics.message(topic);
        if (message == null) {
            return;
        }
        Matches matches = subscriptions.matching(
                VirtualTopics.nameFor(topic),
                // A wildcard that covers a name with $ here does not cover it where it counts (MQTT-4.7.2-1).
                subscription -> TopicRules.matches(VirtualTopics.neededFor(subscription.filter()), topic.name));
        if (matches.isEmpty()) {
            return;
        }
        Batch batch = batches.take();
        try {
            batch.outbound.begin(message, timers.nanoTime());
            deliver(batch, matches, message.qos(), message.retained(), null);
            // Whoever named the topic is not made to wait for those who follow the catalogue.
            batch.endStalls();
        } finally {
            batches.finish(batch);
        }
    }

    String noRoomForTopic(String name) {
        return "no room for topic '" + name + "' in the catalogue: the limit is " + limits.maxTopics() + " topics";
    }

    String noRoomForLastValue(Topic topic) {
        return "no room for the last value of '" + topic + "': the limits are " + limits.maxRetainedMessages()
                + " messages and " + limits.maxRetainedBytes() + " bytes";
    }
}
