package dev.recado.samples.pubsub;

import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.QoS;
import dev.recado.RecadoException;
import dev.recado.Subscriber;
import dev.recado.samples.ClientOptions;
import dev.recado.samples.Ending;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A subscriber: prints what comes, first the last value of each topic, then whatever is published. */
@Command(
        name = "sub",
        description = {
            "Prints the messages of topics, a line each: the topic, a colon, the text.",
            "It ends on SIGTERM, Ctrl-C, or after --count messages."
        })
public final class SubCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClientOptions client;

    @Option(
            names = "--topic",
            paramLabel = "FILTER",
            required = true,
            description = "a topic or a filter, such as news/+ or news/#; may be repeated")
    private List<String> topics;

    @Option(
            names = "--qos",
            paramLabel = "0|1",
            defaultValue = "1",
            converter = QosConverter.class,
            description = "the highest QoS to be served with (default: ${DEFAULT-VALUE})")
    private QoS qos;

    @Option(
            names = "--replay",
            paramLabel = "N",
            description = "begin with the last N messages of each topic, if the broker keeps a history")
    private int replay;

    @Option(names = "--count", paramLabel = "N", description = "end after N messages (default: never)")
    private long count = Long.MAX_VALUE;

    /** Only the handler uses it, and that is called one message at a time. */
    private long printed;

    /** Completes with null when there is nothing left to do, or with the reason for which it cannot go on. */
    private final CompletableFuture<RecadoException> end = new CompletableFuture<>();

    @Override
    public Integer call() throws Exception {
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), "--count must be 1 or more, but is " + count);
        }
        Ending ending = new Ending();
        return ending.of(() -> subscribe(ending));
    }

    private int subscribe(Ending ending) {
        Subscriber.Builder builder = client.connecting(Subscriber::builder)
                .qos(qos)
                .onMessage(this::print)
                .onStateChange(this::stateChanged);
        if (replay != 0) {
            builder.replay(replay);
        }
        topics.forEach(builder::topic);
        try (Subscriber subscriber = builder.open()) {
            // close() is a barrier: what the broker had sent by then is still printed.
            ending.closes(subscriber::close);
            RecadoException cause = end.join();
            if (cause != null) {
                throw cause;
            }
        }
        return 0;
    }

    private void print(Message message) {
        if (printed == count) {
            // Came between the last one wanted and the end of the connection.
            return;
        }
        System.out.println(message.topic() + ": " + message.text());
        printed++;
        // Nobody reads any more after `sub ... | head -1`.
        if (printed == count || System.out.checkError()) {
            end.complete(null);
        }
    }

    /** A lost connection is made again by the library, as often as it takes; the user may want to know. */
    private void stateChanged(ConnectionState from, ConnectionState to, RecadoException cause) {
        if (to == ConnectionState.RECONNECTING && from == ConnectionState.CONNECTED) {
            System.err.println("recado: trying again: " + cause.getMessage());
        }
        if (to == ConnectionState.CLOSED) {
            end.complete(cause);
        }
    }
}
