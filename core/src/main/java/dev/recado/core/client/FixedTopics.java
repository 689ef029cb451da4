package dev.recado.core.client;

import dev.recado.QoS;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import java.util.List;

/**
 * What the program says, at any broker.
 *
 * @param subscriptions one at least, all of one QoS
 */
record FixedTopics(List<Packet.Subscription> subscriptions) implements Topics {

    @Override
    public void describe(Properties.Builder connect) {
        subscriptions.forEach(subscription -> connect.userProperty("recado-topic", subscription.filter()));
    }

    @Override
    public List<Packet.Subscription> subscriptions(ServerLimits granted) {
        return subscriptions;
    }

    @Override
    public QoS qos() {
        return subscriptions.get(0).qos();
    }

    @Override
    public boolean endSession() {
        return false;
    }
}
