package dev.recado.samples.pubsub;

import dev.recado.ConnectionState;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.Reconnect;
import dev.recado.samples.ClientOptions;
import dev.recado.samples.Ending;
import dev.recado.samples.Utf8;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A publisher: sends what it is given, and ends when the broker has taken all of it over. */
@Command(
        name = "pub",
        description = {
            "Publishes each MESSAGE to a topic; the last one waits there for whoever subscribes later.",
            "An empty message takes it away. Put -- before messages that begin with a dash."
        })
public final class PubCommand implements Callable<Integer> {

    private static final String STANDARD_INPUT = "-";

    @Mixin
    private ClientOptions client;

    @Option(names = "--topic", paramLabel = "TOPIC", required = true, description = "the topic, such as news/br")
    private String topic;

    @Option(
            names = "--qos",
            paramLabel = "0|1",
            defaultValue = "1",
            converter = QosConverter.class,
            description = "1: wait for the broker's acknowledgement; 0: send and forget (default: ${DEFAULT-VALUE})")
    private QoS qos;

    @Option(names = "--no-retain", description = "do not leave the message for later subscribers")
    private boolean noRetain;

    @Parameters(
            paramLabel = "MESSAGE",
            arity = "1..*",
            description = "a text; - stands for the lines of standard input")
    private List<String> messages;

    @Override
    public Integer call() throws Exception {
        Ending ending = new Ending();
        return ending.of(() -> publish(ending));
    }

    private int publish(Ending ending) throws IOException {
        try (Publisher publisher = client.connecting(Publisher::builder)
                .topic(topic)
                .qos(qos)
                .retain(!noRetain)
                // A program that runs for a moment had better fail than wait for a broker to come back.
                .reconnect(Reconnect.never())
                .onStateChange((from, to, cause) -> {
                    // The main thread may be waiting for a line, and a read cannot be interrupted.
                    if (to == ConnectionState.CLOSED && cause != null && ending.say(cause.getMessage())) {
                        System.exit(1);
                    }
                })
                .open()) {
            ending.closes(publisher::close);
            for (String message : messages) {
                if (message.equals(STANDARD_INPUT)) {
                    publishLines(publisher);
                } else {
                    publisher.publish(message);
                }
            }
        }
        return 0;
    }

    private static void publishLines(Publisher publisher) throws IOException {
        BufferedReader input = Utf8.standardInput();
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            publisher.publish(line);
        }
    }
}
