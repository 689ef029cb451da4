package dev.recado.core.broker;

import dev.recado.Role;
import dev.recado.RolePolicy;
import dev.recado.core.codec.TopicRules;
import java.util.List;

/**
 * Holds a client to the role and the topics that it stated when it connected, or, under {@link RolePolicy#EXCLUSIVE}, to what
 * it did first. Used by the thread that handles the connection's input; only {@link #role} may be asked by others.
 */
final class RoleGuard {

    private final List<String> topics;
    private final String responseInformation;
    private final RolePolicy policy;
    private volatile Role role;

    /**
     * For one client.
     *
     * @param responseInformation the beginning of topics that the broker itself told the client to subscribe to, which it could
     *     not state before; null for none
     */
    RoleGuard(Role stated, List<String> topics, String responseInformation, RolePolicy policy) {
        this.role = stated;
        this.topics = topics;
        this.responseInformation = responseInformation;
        this.policy = policy;
    }

    Role role() {
        return role;
    }

    /** Why this client may not publish to a topic; null when it may. */
    String violationOfPublish(String topic) {
        switch (role) {
            case SUBSCRIBER -> {
                return "a subscriber must not publish, but published to '" + topic + "'";
            }
            case PUBLISHER -> {
                return topics.isEmpty() || isStated(topic)
                        ? null
                        : "this publisher stated " + topics + ", but published to '" + topic + "'";
            }
            default -> {
                decideFor(Role.PUBLISHER);
                return null;
            }
        }
    }

    /** Without a stream, which is several objects: a publisher that goes from topic to topic is asked for each message. */
    private boolean isStated(String topic) {
        for (int i = 0; i < topics.size(); i++) {
            if (TopicRules.matches(topics.get(i), topic)) {
                return true;
            }
        }
        return false;
    }

    /** Why this client may not subscribe to a filter; null when it may. */
    String violationOfSubscribe(String filter) {
        switch (role) {
            case PUBLISHER -> {
                return "a publisher must not subscribe, but subscribed to '" + filter + "'";
            }
            case SUBSCRIBER -> {
                return topics.isEmpty() || topics.contains(filter) || isForResponses(filter)
                        ? null
                        : "this subscriber stated " + topics + ", but subscribed to '" + filter + "'";
            }
            default -> {
                decideFor(Role.SUBSCRIBER);
                return null;
            }
        }
    }

    private boolean isForResponses(String filter) {
        return responseInformation != null && filter.startsWith(responseInformation);
    }

    /** The first act decides. Roles decided so have no topics, and so no restriction to them. */
    private void decideFor(Role first) {
        if (policy == RolePolicy.EXCLUSIVE) {
            role = first;
        }
    }
}
