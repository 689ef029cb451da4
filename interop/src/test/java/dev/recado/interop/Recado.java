package dev.recado.interop;

import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.Subscriber;
import java.net.URI;

/** Our own clients, over one of our transports. */
final class Recado implements Client {

    private final String transport;

    Recado(String transport) {
        this.transport = transport;
    }

    @Override
    public String protocol() {
        return "MQTT 5";
    }

    @Override
    public Inbox subscribe(URI broker, String clientId, String filter, QoS qos) {
        Inbox inbox = new Inbox();
        Subscriber subscriber = Subscriber.builder(broker)
                .transport(transport)
                .clientId(clientId)
                .topic(filter)
                .qos(qos)
                .onMessage(message -> inbox.add(new Received(
                        message.topic(), message.bytes(), message.qos().orElseThrow(), message.retained())))
                .open();
        return inbox.endsWith(subscriber::close);
    }

    /** A publisher of ours retains all of its messages or none; so there are two, of which the second one opens if needed. */
    @Override
    public Outbox publishTo(URI broker, String clientId, String topic) {
        return new Outbox() {
            private final Publisher passing = open(clientId, false);
            private Publisher retaining;

            private Publisher open(String id, boolean retain) {
                return Publisher.builder(broker)
                        .transport(transport)
                        .clientId(id)
                        .topic(topic)
                        .retain(retain)
                        .open();
            }

            @Override
            public void publish(byte[] payload, QoS qos, boolean retain) {
                if (retain && retaining == null) {
                    retaining = open(clientId + "-retaining", true);
                }
                Message message =
                        Message.builder(topic).payload(payload).qos(qos).build();
                (retain ? retaining : passing).publish(message);
            }

            @Override
            public void close() {
                passing.close();
                if (retaining != null) {
                    retaining.close();
                }
            }
        };
    }
}
