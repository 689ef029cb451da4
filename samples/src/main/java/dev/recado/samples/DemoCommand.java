package dev.recado.samples;

import dev.recado.Broker;
import dev.recado.BrokerListener;
import dev.recado.BrokerStats;
import dev.recado.ClientInfo;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.ReasonCode;
import dev.recado.Subscriber;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What Recado does, in one process and twenty lines. Each method is a scene; {@link #call} and {@link #play} order them. */
@Command(name = "demo", description = "Shows in one process, in twenty lines, what Recado does.")
final class DemoCommand implements Callable<Integer> {

    /** Everything here takes milliseconds; whoever waits that long waits in vain. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** ana, bo, chieko and dora have gone before {@link #afterAllHaveGone}. */
    private final CountDownLatch departures = new CountDownLatch(4);

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            defaultValue = "nio",
            description = "nio or blocking (default: ${DEFAULT-VALUE})")
    private String transport;

    @Override
    public Integer call() throws InterruptedException {
        long start = System.nanoTime();
        try (Broker broker = Broker.builder()
                .transport(transport)
                .listen("mqtt://127.0.0.1:0")
                .listener(countDepartures())
                .start()) {
            show(
                    "broker",
                    "listens on " + broker.endpoint() + " (" + transport + "), and in this process without a socket");
            play(broker, start);
            afterAllHaveGone(broker);
            showStats(broker.stats());
        }
        show("end", "the broker is closed; its threads, sockets and timers are freed");
        return 0;
    }

    private void play(Broker broker, long start) {
        try (Subscriber bo = subscriber(broker, "bo", "news/#");
                Publisher ana = publisher(broker, "ana", "news/br")) {
            firstMessage(ana, bo, start);
            roles(broker);
            inProcess(broker, bo);
            lateSubscriber(broker, ana);
            order(bo);
            refusals(ana);
        }
    }

    private void firstMessage(Publisher ana, Subscriber bo, long start) {
        ana.publish("bom dia");
        Message first = next(bo);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        show("message", "ana publishes, bo gets " + described(first));
        show("start", millis + " ms from nothing to this first message, class loading included");
    }

    private void roles(Broker broker) {
        broker.clients().stream()
                .sorted(Comparator.comparing(ClientInfo::clientId))
                .forEach(client -> show(
                        "role",
                        client.clientId() + " is a " + client.role() + " of " + client.topics() + " over "
                                + client.protocol()));
    }

    private void inProcess(Broker broker, Subscriber bo) {
        try (Publisher chieko = broker.publisher("news/jp").clientId("chieko").open()) {
            chieko.publish("おはよう");
        }
        show(
                "wildcard",
                "chieko publishes without a socket; bo, who reads " + bo.topics() + ", gets " + described(next(bo)));
    }

    private void lateSubscriber(Broker broker, Publisher ana) {
        ana.publish("boa tarde");
        try (Subscriber dora = subscriber(broker, "dora", "news/br")) {
            show("last value", "dora comes late and is given " + described(next(dora)));
            ana.publish("boa noite");
            show("live", "and from now on what is new: " + described(next(dora)));
        }
    }

    private void order(Subscriber bo) {
        show("order", "bo, who was here all the time, gets " + described(next(bo)) + ", then " + described(next(bo)));
    }

    private void refusals(Publisher ana) {
        refusal("publishing elsewhere", () -> ana.publish("sport/br", "gol"));
        refusal(
                "opening the door",
                () -> Broker.builder().listen("mqtt://0.0.0.0:0").start());
    }

    private void refusal(String act, Runnable refused) {
        try {
            refused.run();
        } catch (IllegalArgumentException e) {
            show("refused", act + ": " + e.getMessage());
            return;
        }
        throw new IllegalStateException("should have been refused: " + act);
    }

    private void afterAllHaveGone(Broker broker) throws InterruptedException {
        if (!departures.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("still here: " + broker.clients());
        }
        show("topics", "clients left: " + broker.clients().size() + "; topics that stay: " + broker.topics());
        try (Subscriber emil = subscriber(broker, "emil", "#")) {
            // Last values come in no particular order of their topics.
            Stream.of(next(emil), next(emil))
                    .sorted(Comparator.comparing(Message::topic))
                    .forEach(message -> show("recado", "left for emil, who comes later: " + described(message)));
        }
    }

    private void showStats(BrokerStats stats) {
        show(
                "stats",
                stats.connectionsTotal() + " clients came, " + stats.messagesReceived() + " messages came in, "
                        + stats.messagesDelivered() + " went out, " + stats.messagesDropped() + " were dropped");
    }

    private Subscriber subscriber(Broker broker, String clientId, String filter) {
        return Subscriber.builder(broker.endpoint())
                .transport(transport)
                .clientId(clientId)
                .topic(filter)
                .open();
    }

    private Publisher publisher(Broker broker, String clientId, String topic) {
        return Publisher.builder(broker.endpoint())
                .transport(transport)
                .clientId(clientId)
                .topic(topic)
                .open();
    }

    private BrokerListener countDepartures() {
        return new BrokerListener() {
            @Override
            public void disconnected(ClientInfo client, ReasonCode reason) {
                departures.countDown();
            }
        };
    }

    private static Message next(Subscriber subscriber) {
        return subscriber
                .receive(PATIENCE)
                .orElseThrow(() -> new IllegalStateException(
                        subscriber.clientId() + " got no message within " + PATIENCE.toSeconds() + " s"));
    }

    private static String described(Message message) {
        return "'" + message.text() + "' on " + message.topic();
    }

    private static void show(String what, String text) {
        System.out.printf("%-10s  %s%n", what, text);
    }
}
