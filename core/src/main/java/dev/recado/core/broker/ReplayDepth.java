package dev.recado.core.broker;

import dev.recado.UserProperty;
import dev.recado.core.codec.Properties;
import java.util.List;

/**
 * How much history a SUBSCRIBE asks for, in its user property {@code recado-replay}.
 *
 * @param messages of each topic; 0 for none
 * @param nonsense what the property says instead of a number; null when it says one, or is not there
 */
record ReplayDepth(int messages, String nonsense) {

    /** What can be asked for, and so what can be kept, of one topic. */
    static final int MOST = 0xFFFF;

    static ReplayDepth of(Properties subscribe) {
        List<String> stated = subscribe.userProperties().stream()
                .filter(property -> property.name().equals(Handshake.REPLAY_PROPERTY))
                .map(UserProperty::value)
                .toList();
        if (stated.isEmpty()) {
            return new ReplayDepth(0, null);
        }
        String text = String.join(", ", stated);
        try {
            int messages = Integer.parseInt(text);
            return messages < 1 || messages > MOST ? new ReplayDepth(0, text) : new ReplayDepth(messages, null);
        } catch (NumberFormatException e) {
            return new ReplayDepth(0, text);
        }
    }

    boolean isWanted() {
        return messages > 0;
    }

    /** Why a subscription cannot have it; null when it can, or asks for none. */
    String violationFor(String filter, boolean shared) {
        if (nonsense != null) {
            return "user property " + Handshake.REPLAY_PROPERTY + " of SUBSCRIBE must be one number from 1 to " + MOST
                    + ", but is '" + nonsense + "'";
        }
        return shared && isWanted()
                ? "shared subscription '" + filter
                        + "' cannot have a replay, for nobody could say which member has had it"
                : null;
    }
}
