package dev.recado.samples.worldtime;

import dev.recado.Broker;
import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.RequestFailedException;
import dev.recado.Responder;
import dev.recado.samples.Console;
import dev.recado.samples.Ending;
import dev.recado.samples.ServerOptions;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The world clock's server: a broker, and in the same process a publisher of the zones and a responder to the questions. */
@Command(
        name = "worldtime-server",
        description = {
            "Serves the world clock, and prints its endpoint on the first line.",
            "It stops on SIGTERM, Ctrl-C, or /quit or /sair typed here."
        })
public final class WorldTimeServerCommand implements Callable<Integer> {

    /** So many questions are being answered at a time, and no more go to a time service; the others wait at the broker. */
    private static final int CONCURRENCY = 64;

    private static final Duration KEEP = Duration.ofSeconds(5);
    private static final int KEEP_MOST = 1_000;

    @Mixin
    private ServerOptions server = new ServerOptions(Protocol.DEFAULT_PORT);

    @Option(
            names = "--time-service",
            paramLabel = "URL",
            description = "ask a web service that answers as http://worldtimeapi.org/api/timezone does"
                    + " (default: this machine's clock and Java's tz database)")
    private URI timeService;

    @Option(
            names = "--time-service-timeout",
            paramLabel = "MILLIS",
            defaultValue = "3000",
            description = "how long it may take to answer (default: ${DEFAULT-VALUE})")
    private int timeServiceMillis;

    @Override
    public Integer call() throws Exception {
        Ending ending = new Ending();
        return ending.of(() -> serve(ending));
    }

    private int serve(Ending ending) {
        TimeSource source = source();
        List<String> zones;
        try {
            zones = source.zones();
        } catch (TimeSourceException e) {
            ending.say(e.getMessage());
            return 1;
        }
        Broker.Builder builder = server.broker();
        boolean openToAll = server.isReachableFromOutside();
        if (openToAll) {
            builder.allowAnonymous();
        }
        // What is opened last is closed first: nobody is left without an answer that was on its way.
        try (Broker broker = builder.start();
                Publisher list = broker.publisher(Protocol.ZONES).open();
                Responder clock = broker.responder(Protocol.NOW)
                        .concurrency(CONCURRENCY)
                        .respondAsync(new Answers(zones, source)::answer)
                        .open()) {
            ending.closes(broker::close);
            ending.closes(list::close);
            ending.closes(clock::close);
            // The last value: it waits there for whoever comes.
            list.publish(Protocol.zones(zones));
            System.out.println(broker.endpoint());
            if (openToAll) {
                System.err.println("recado: warning: everyone who can reach " + broker.endpoint() + " can connect");
            }
            Console.obey(broker).ifPresent(command -> ending.say("stopped by " + command));
        }
        return 0;
    }

    private TimeSource source() {
        if (timeService == null) {
            return new JvmTimeSource(Clock.systemUTC());
        }
        return new CachedTimeSource(
                new HttpTimeSource(timeService, Duration.ofMillis(timeServiceMillis)),
                KEEP,
                KEEP_MOST,
                System::nanoTime);
    }

    /** A question's way to its answer. */
    private record Answers(Set<String> zones, TimeSource source) {

        Answers(List<String> zones, TimeSource source) {
            this(Set.copyOf(zones), source);
        }

        CompletionStage<Message> answer(Message question) {
            String zone = question.text();
            if (!zones.contains(zone)) {
                throw new RequestFailedException("there is no zone of that name");
            }
            return source.now(zone).thenApply(time -> question.reply(Protocol.answer(time)));
        }
    }
}
