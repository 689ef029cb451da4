package dev.recado.samples.worldtime;

import dev.recado.ConnectionState;
import dev.recado.Message;
import dev.recado.RecadoException;
import dev.recado.Reconnect;
import dev.recado.RequestFailedException;
import dev.recado.Requester;
import dev.recado.Subscriber;
import dev.recado.WaitTimeoutException;
import dev.recado.samples.ClientOptions;
import dev.recado.samples.Console;
import dev.recado.samples.Ending;
import java.time.Duration;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The world clock's client: reads the list of zones, then asks for the time in those that the user chooses. */
@Command(
        name = "worldtime",
        description = {
            "Tells the time anywhere: choose a zone by its number, its name or a part of its name.",
            "/list shows the zones again; /quit, /sair or the end of the input leaves."
        })
public final class WorldTimeCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final DateTimeFormatter READABLE = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'xxx");

    @Mixin
    private ClientOptions client = new ClientOptions(Protocol.DEFAULT_PORT);

    @Option(names = "--zone", paramLabel = "ZONE", description = "tell the time there, and end")
    private String zone;

    @Option(names = "--json", description = "everything as JSON, one value a line")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        Ending ending = new Ending();
        return ending.of(() -> zone == null ? converse(ending) : answerOnce(ending));
    }

    private int answerOnce(Ending ending) {
        Zones zones = zones();
        List<String> matches = zones.matching(zone);
        if (matches.size() != 1) {
            throw new IllegalArgumentException(zones.explain(zone, matches));
        }
        try (Requester clock = clock(new CompletableFuture<>())) {
            ending.closes(clock::close);
            System.out.println(shown(clock.request(matches.get(0))));
        }
        return 0;
    }

    private int converse(Ending ending) {
        Zones zones = zones();
        // The server may go while the user thinks. Then there is nothing to wait for.
        CompletableFuture<Optional<String>> lost = new CompletableFuture<>();
        try (Requester clock = clock(lost)) {
            ending.closes(clock::close);
            show(zones);
            Console console = new Console();
            while (true) {
                Optional<String> line = first(console.nextLine(), lost);
                if (line.isEmpty()) {
                    ending.say("left: end of the input");
                    return 0;
                }
                if (Console.isCommandToLeave(line.get())) {
                    ending.say("left");
                    return 0;
                }
                respond(line.get(), zones, clock);
                if (System.out.checkError()) {
                    ending.say("left: nobody reads the output any more");
                    return 0;
                }
            }
        }
    }

    private void respond(String line, Zones zones, Requester clock) {
        if (line.isBlank()) {
            return;
        }
        if (line.strip().equals("/list")) {
            show(zones);
            return;
        }
        List<String> matches = zones.matching(line);
        if (matches.size() != 1) {
            Console.tell(zones.explain(line, matches));
            return;
        }
        try {
            System.out.println(shown(clock.request(matches.get(0))));
        } catch (RequestFailedException | WaitTimeoutException e) {
            // The server is there: the next question may have better luck.
            Console.tell(e.getMessage());
        }
    }

    /** The list of zones: a last value, so it comes at once, however long ago it was published. */
    private Zones zones() {
        try (Subscriber list = client.connecting(Subscriber::builder)
                .topic(Protocol.ZONES)
                .reconnect(Reconnect.never())
                .open()) {
            Message names = list.receive(PATIENCE)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "no list of zones came from " + client.endpoint() + ": is that a worldtime-server?"));
            return new Zones(Protocol.readZones(names.text()));
        }
    }

    /** Fails {@code lost} when the connection breaks. */
    private Requester clock(CompletableFuture<?> lost) {
        return client.connecting(Requester::builder)
                .topic(Protocol.NOW)
                .timeout(PATIENCE)
                .reconnect(Reconnect.never())
                .onStateChange((from, to, cause) -> {
                    if (to == ConnectionState.CLOSED && cause != null) {
                        lost.completeExceptionally(cause);
                    }
                })
                .open();
    }

    private static <T> T first(CompletableFuture<T> one, CompletableFuture<T> other) {
        try {
            return one.applyToEither(other, result -> result).join();
        } catch (CompletionException e) {
            throw (RecadoException) e.getCause();
        }
    }

    private void show(Zones zones) {
        if (json) {
            System.out.println(Protocol.zones(zones.names()));
        } else {
            zones.lines().forEach(System.out::println);
        }
    }

    private String shown(Message answer) {
        // Read and written anew, so that nothing but a time can reach the terminal.
        ZoneTime time = Protocol.readAnswer(answer.text());
        return json
                ? Protocol.answer(time)
                : time.zone() + "  " + READABLE.format(time.dateTime()) + "  "
                        + (time.daylightSaving() ? "daylight saving time" : "standard time");
    }
}
