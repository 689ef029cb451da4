package dev.recado.core.broker;

import dev.recado.Limits;
import dev.recado.QoS;
import dev.recado.core.codec.PublishView;
import dev.recado.core.codec.TopicRules;
import dev.recado.core.time.Timers;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * From a message to the sessions that want it: the topic catalogue, last values and subscriptions together. Thread-safe; its
 * methods run on the thread of the connection that published.
 */
final class Router {

    final TopicCatalogue catalogue;
    final Subscriptions subscriptions = new Subscriptions();
    final RetainedBudget retained;

    private final Batches batches;
    private final Timers timers;

    Router(Limits limits, Batches batches, Timers timers) {
        this.catalogue = new TopicCatalogue(limits, this::announce);
        this.retained = new RetainedBudget(limits);
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
     * Stores a message as its topic's last value, if it is to be one, and hands it to every matching session.
     *
     * @param batch what it needs; written sessions are flushed with it
     * @param message read in place
     * @param topic where to
     * @param publisher whose subscriptions may be "no local"; null when there is none
     * @param overflowing gets the sessions for which the publisher should wait
     */
    Routed route(Batch batch, PublishView message, Topic topic, Session publisher, List<Session> overflowing) {
        long now = message.messageExpiry() >= 0 ? timers.nanoTime() : 0;
        if (message.retain() && topic.lastValue.store(message, retained, now) == LastValue.Stored.NO_ROOM) {
            return Routed.NO_ROOM_FOR_LAST_VALUE;
        }
        batch.messagesReceived++;
        Matches.Target[] targets = topic.matches(subscriptions).targets();
        if (targets.length == 0) {
            return Routed.NOBODY_SUBSCRIBES;
        }
        batch.outbound.begin(message, topic, now);
        for (Matches.Target target : targets) {
            if (target.noLocal() && target.session() == publisher) {
                continue;
            }
            QoS qos = message.qos().min(target.maxQoS());
            boolean retain = message.retain() && target.retainAsPublished();
            if (target.session().deliver(batch, qos, retain) == Session.Outcome.OVERFLOWING) {
                overflowing.add(target.session());
            }
        }
        return Routed.DELIVERED;
    }

    /** The last values that a new subscription gets. */
    Replay replay(String filter, QoS maxQoS) {
        List<Topic> topics;
        if (VirtualTopics.concerns(filter)) {
            topics = VirtualTopics.matching(filter, catalogue);
            return new Replay(sources(topics, topic -> now -> VirtualTopics.message(topic)), maxQoS);
        }
        if (TopicRules.hasWildcard(filter)) {
            topics = catalogue.matching(filter);
        } else {
            Topic topic = catalogue.find(filter);
            topics = topic == null ? List.of() : List.of(topic);
        }
        return new Replay(sources(topics, topic -> now -> topic.lastValue.read(topic, retained, now)), maxQoS);
    }

    private static Iterator<LongFunction<StoredMessage>> sources(
            List<Topic> topics, Function<Topic, LongFunction<StoredMessage>> source) {
        return topics.stream().map(source).iterator();
    }

    /** Takes topics out of the catalogue, with their last values. */
    int forget(String filter) {
        List<Topic> forgotten = catalogue.forget(filter);
        forgotten.forEach(topic -> topic.forget(retained));
        return forgotten.size();
    }

    /** Tells those who follow the catalogue of a new topic. */
    private void announce(Topic topic) {
        StoredMessage message = VirtualTopics.message(topic);
        if (message == null) {
            return;
        }
        Matches matches = subscriptions.matching(VirtualTopics.nameFor(topic));
        if (matches.targets().length == 0) {
            return;
        }
        Batch batch = batches.take();
        try {
            long now = timers.nanoTime();
            batch.outbound.begin(message, now);
            for (Matches.Target target : matches.targets()) {
                Session session = target.session();
                QoS qos = message.qos().min(target.maxQoS());
                if (session.deliver(batch, qos, target.retainAsPublished()) == Session.Outcome.OVERFLOWING) {
                    // Whoever named the topic is not made to wait for those who follow the catalogue.
                    session.endStall();
                }
            }
        } finally {
            batches.finish(batch);
        }
    }
}
