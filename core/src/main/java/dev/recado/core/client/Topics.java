package dev.recado.core.client;

import dev.recado.QoS;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import java.util.List;

/** What a subscriber subscribes to. */
interface Topics {

    /** Adds to CONNECT's properties what the subscriber states before it knows what the broker says. */
    void describe(Properties.Builder connect);

    /** What to subscribe to at a broker that has none of it: one at least. */
    List<Packet.Subscription> subscriptions(ServerLimits granted);

    /** The highest QoS among the subscriptions. */
    QoS qos();

    /** Whether a session that would outlive the connection is of no use to anybody when the subscriber is closed. */
    boolean endSession();
}
