package dev.recado.samples.pubsub;

import dev.recado.Broker;
import dev.recado.RolePolicy;
import dev.recado.samples.Console;
import dev.recado.samples.Ending;
import dev.recado.samples.ServerOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A broker as a program of its own. */
@Command(
        name = "broker",
        description = {
            "Runs a broker and prints its endpoint on the first line.",
            "It stops on SIGTERM, Ctrl-C, or /quit or /sair typed here."
        })
public final class BrokerCommand implements Callable<Integer> {

    @Mixin
    private ServerOptions server;

    @Option(
            names = "--history",
            paramLabel = "N",
            defaultValue = "0",
            description = "keep the last N messages of each topic (default: ${DEFAULT-VALUE})")
    private int history;

    @Option(
            names = "--exclusive",
            description =
                    "hold every client to one role, also those that state none, as plain MQTT clients do: whether one"
                            + " first publishes or subscribes decides what it is")
    private boolean exclusive;

    @Override
    public Integer call() throws Exception {
        Ending ending = new Ending();
        return ending.of(() -> serve(ending));
    }

    private int serve(Ending ending) {
        Broker.Builder builder = server.broker().history(history);
        if (exclusive) {
            builder.roles(RolePolicy.EXCLUSIVE);
        }
        boolean openToAll = server.isReachableFromOutside();
        if (openToAll) {
            // Nobody opens a door to the world by accident: without this, start() refuses.
            builder.allowAnonymous();
        }
        try (Broker broker = builder.start()) {
            ending.closes(broker::close);
            System.out.println(broker.endpoint());
            if (openToAll) {
                System.err.println("recado: warning: everyone who can reach " + broker.endpoint()
                        + " can connect, publish and read");
            }
            Console.obey(broker).ifPresent(command -> ending.say("stopped by " + command));
        }
        return 0;
    }
}
