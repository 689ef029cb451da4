package dev.recado.samples.pubsub;

import dev.recado.Reconnect;
import dev.recado.Subscriber;
import dev.recado.samples.ClientOptions;
import dev.recado.samples.Ending;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The topic catalogue, which outlives publishers and subscribers, as any MQTT client can read it. */
@Command(name = "topics", description = "Prints the names of all topics that the broker ever saw, one a line, sorted.")
public final class TopicsCommand implements Callable<Integer> {

    @Mixin
    private ClientOptions client;

    @Override
    public Integer call() throws Exception {
        Ending ending = new Ending();
        return ending.of(() -> list(ending));
    }

    private int list(Ending ending) {
        Set<String> names = new ConcurrentSkipListSet<>();
        Subscriber subscriber = client.connecting(Subscriber::builder)
                .topic("$recado/topics/#")
                .onMessage(message -> names.add(message.text()))
                .reconnect(Reconnect.never())
                .open();
        ending.closes(subscriber::close);
        // How to know that the last name has come? When close() returns, all that the broker had to send was handled.
        subscriber.close();
        names.forEach(System.out::println);
        return 0;
    }
}
