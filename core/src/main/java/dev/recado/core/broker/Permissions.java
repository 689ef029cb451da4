package dev.recado.core.broker;

import dev.recado.auth.Access;
import dev.recado.auth.Identity;
import dev.recado.auth.Permission;
import dev.recado.core.time.Timers;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one client may do, as far as its connection has asked. A question that is not answered at once has the packet that it is
 * about wait: it is handled again, from its beginning, when all that it has asked is answered, and finds the answers here.
 *
 * <p>Used by the thread that handles the connection's input; the authorizer may answer on any thread, and {@link #isPending} and
 * {@link #cancel} may be called by any.
 */
final class Permissions {

    private static final int MOST_REMEMBERED = 1_000;

    private final Authorization authorization;
    private final Identity who;
    private final Runnable whenAnswered;

    /** For which what is remembered holds. */
    private long epoch;

    /** Topics that this client may publish to, the latest used at the end; null until there is one. */
    private Map<String, Boolean> granted;

    /** What the packet in hand has asked; null when nothing had to wait. */
    private volatile Round round;

    /**
     * Asks nothing yet.
     *
     * @param whenAnswered called on any thread when {@link #isPending} has become false
     */
    Permissions(Authorization authorization, Identity who, Runnable whenAnswered) {
        this.authorization = authorization;
        this.who = who;
        this.whenAnswered = whenAnswered;
        this.epoch = authorization.epoch();
    }

    private record Wish(Access access, String topic) {}

    private static final class Question {
        volatile Permission answer;
    }

    private static final class Round {
        final Map<Wish, Question> asked = new HashMap<>();
        final AtomicInteger unanswered = new AtomicInteger();
        volatile boolean late;
        volatile Timers.Timer limit;

        boolean isOpen() {
            return unanswered.get() > 0 && !late;
        }

        void cancel() {
            Timers.Timer waiting = limit;
            if (waiting != null) {
                waiting.cancel();
            }
        }
    }

    Identity who() {
        return who;
    }

    /** Whether what was granted before still holds. */
    boolean isCurrent() {
        return epoch == authorization.epoch();
    }

    /** Whether there is nobody to be asked: everybody may do everything. */
    boolean areNotNeeded() {
        return authorization.isOpen();
    }

    /** Whether this client may publish to a topic; null while that is being decided. */
    Permission toPublish(String topic) {
        if (areNotNeeded()) {
            return Permission.granted();
        }
        forgetIfVoid();
        if (granted != null && granted.get(topic) != null) {
            return Permission.granted();
        }
        Permission permission = ask(Access.PUBLISH, topic);
        if (permission != null && permission.isGranted()) {
            remember(topic);
        }
        return permission;
    }

    /** Whether this client may subscribe to a filter; null while that is being decided. */
    Permission toSubscribe(String filter) {
        if (areNotNeeded()) {
            return Permission.granted();
        }
        forgetIfVoid();
        return ask(Access.SUBSCRIBE, VirtualTopics.neededFor(filter));
    }

    private void forgetIfVoid() {
        long now = authorization.epoch();
        if (now != epoch) {
            epoch = now;
            granted = null;
            done();
        }
    }

    private void remember(String topic) {
        if (granted == null) {
            granted = new LinkedHashMap<>(8, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                    return size() > MOST_REMEMBERED;
                }
            };
        }
        granted.put(topic, true);
    }

    private Permission ask(Access access, String topic) {
        Round current = round;
        if (current != null) {
            Question question = current.asked.get(new Wish(access, topic));
            if (question != null) {
                Permission answer = question.answer;
                return answer == null && current.late ? authorization.late(who, access, topic) : answer;
            }
        }
        CompletionStage<Permission> answer = authorization.ask(who, access, topic);
        Permission now = Authorization.decided(answer);
        return now != null ? now : await(answer, access, topic);
    }

    private Permission await(CompletionStage<Permission> answer, Access access, String topic) {
        Round current = round;
        if (current == null) {
            current = new Round();
            round = current;
        }
        Round asking = current;
        Question question = new Question();
        asking.asked.put(new Wish(access, topic), question);
        asking.unanswered.incrementAndGet();
        answer.whenComplete((permission, failure) -> {
            question.answer = authorization.checked(who, access, topic, permission, failure);
            if (asking.unanswered.decrementAndGet() == 0) {
                whenAnswered.run();
            }
        });
        return question.answer;
    }

    /** The packet in hand has to wait for what it has asked: for so long at most. */
    void await() {
        Round current = round;
        if (current != null && current.limit == null) {
            current.limit = authorization.limit(() -> {
                current.late = true;
                whenAnswered.run();
            });
        }
    }

    /** The packet in hand has been handled. */
    void done() {
        cancel();
        round = null;
    }

    /** Whether the packet in hand has to wait. */
    boolean isPending() {
        Round current = round;
        return current != null && current.isOpen();
    }

    void cancel() {
        Round current = round;
        if (current != null) {
            current.cancel();
        }
    }
}
