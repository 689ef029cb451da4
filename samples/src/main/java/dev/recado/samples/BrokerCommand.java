package dev.recado.samples;

import dev.recado.Broker;
import dev.recado.RolePolicy;
import java.io.IOException;
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
final class BrokerCommand implements Callable<Integer> {

    @Mixin
    private Address address;

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
    public Integer call() throws IOException {
        Broker.Builder builder =
                Broker.builder().transport(address.transport).history(history).listen(address.endpoint());
        if (exclusive) {
            builder.roles(RolePolicy.EXCLUSIVE);
        }
        boolean openToAll = address.isReachableFromOutside();
        if (openToAll) {
            // Nobody opens a door to the world by accident: without this, start() refuses.
            builder.allowAnonymous();
        }
        try (Broker broker = builder.start()) {
            // A program may use a shutdown hook; the library does not, since it may be a guest in someone else's.
            Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "close"));
            System.out.println(broker.endpoint());
            if (openToAll) {
                System.err.println("recado: warning: everyone who can reach " + broker.endpoint()
                        + " can connect, publish and read");
            }
            Console.obey(broker);
        }
        return 0;
    }
}
