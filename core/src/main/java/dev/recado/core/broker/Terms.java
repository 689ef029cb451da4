package dev.recado.core.broker;

import dev.recado.QoS;
import java.util.Arrays;

/**
 * How a session wants the messages of a topic: those of its matching subscriptions taken together.
 *
 * @param maxQoS the highest QoS granted by any of them (MQTT-3.3.4-2)
 * @param retainAsPublished whether any of them keeps the publisher's RETAIN flag
 * @param identifiers the Subscription Identifiers of them all (MQTT-3.3.4-4); null for none. Shared, never changed
 */
record Terms(QoS maxQoS, boolean retainAsPublished, int[] identifiers) {

    /** These terms and those; either may be null, which stands for no subscription. */
    static Terms and(Terms one, Terms other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return new Terms(
                one.maxQoS.value() >= other.maxQoS.value() ? one.maxQoS : other.maxQoS,
                one.retainAsPublished || other.retainAsPublished,
                join(one.identifiers, other.identifiers));
    }

    private static int[] join(int[] some, int[] others) {
        if (some == null || others == null) {
            return some == null ? others : some;
        }
        int[] joined = Arrays.copyOf(some, some.length + others.length);
        System.arraycopy(others, 0, joined, some.length, others.length);
        return joined;
    }
}
