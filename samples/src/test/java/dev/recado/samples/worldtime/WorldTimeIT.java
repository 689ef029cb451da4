package dev.recado.samples.worldtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.recado.Message;
import dev.recado.Requester;
import dev.recado.samples.Connections;
import dev.recado.samples.OnEachTransport;
import dev.recado.samples.RecadoProcess;
import dev.recado.samples.worldtime.TimeService.Mood;
import java.net.URI;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The world clock as users run it: server and clients are processes, over each transport. */
@OnEachTransport
final class WorldTimeIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String ZONE = "America/Sao_Paulo";
    private static final String ANSWER = ZONE + "  \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC-03:00  standard time";
    private static final int SIGTERM = 128 + 15;

    /** A client at work has three: the requester's pair, and, for a moment, the one that gets the list. */
    private static final int CONNECTIONS_OF_A_CLIENT = 2;

    private final String transport;
    private TimeService service;
    private RecadoProcess server;
    private URI endpoint;

    WorldTimeIT(String transport) {
        this.transport = transport;
    }

    @BeforeEach
    void start() throws Exception {
        service = new TimeService();
        server = startServer("--time-service", service.url().toString(), "--time-service-timeout", "20000");
        endpoint = server.nextEndpoint();
    }

    @AfterEach
    void stop() {
        server.close();
        service.close();
    }

    // ---- answers

    @Test
    void shouldAnswerOnceForScripts() throws Exception {
        try (RecadoProcess client = client("--zone", ZONE)) {
            assertThat(client.success()).singleElement().asString().matches(ANSWER);
        }
        assertThat(service.asked(ZONE)).isEqualTo(1);
    }

    @Test
    void shouldAnswerInJson() throws Exception {
        try (RecadoProcess client = client("--zone", ZONE, "--json")) {
            String json = client.success().get(0);
            ZoneTime time = Protocol.readAnswer(json);

            assertThat(json).isEqualTo(Protocol.answer(time));
            assertThat(time.zone()).isEqualTo(ZONE);
            assertThat(time.dateTime()).isCloseTo(OffsetDateTime.now(), within(1, ChronoUnit.MINUTES));
            assertThat(time.dateTime().getOffset()).hasToString("-03:00");
        }
    }

    @Test
    void shouldLetTheUserChooseByNumberNameAndPartOfAName() throws Exception {
        try (RecadoProcess client = client()) {
            assertThat(client.nextLine()).isEqualTo("   1 America/Sao_Paulo                    3 Europe/London");
            assertThat(client.nextLine()).isEqualTo("   2 Asia/Tokyo");
            client.type("2");
            assertThat(client.nextLine()).startsWith("Asia/Tokyo  ").contains("UTC+09:00");
            client.type("america/sao_paulo");
            assertThat(client.nextLine()).matches(ANSWER);
            client.type("são");
            assertThat(client.nextLine()).matches(ANSWER);
            client.type("/list");
            assertThat(client.nextLine()).startsWith("   1 ");
            assertThat(client.nextLine()).startsWith("   2 ");
            client.type("/sair");

            assertThat(client.exitCode()).isZero();
            assertThat(client.output()).isEmpty();
            assertThat(client.errors()).containsExactly("recado: left");
        }
    }

    @Test
    void shouldAskAgainWhenSeveralZonesOrNoneAreMeant() throws Exception {
        try (RecadoProcess client = client("--json")) {
            assertThat(client.nextLine()).isEqualTo(Protocol.zones(TimeService.ZONES));
            client.type("a");
            client.type("");
            client.type("Atlantis");
            client.type("lon");
            assertThat(client.nextLine()).startsWith("{\"zone\":\"Europe/London\"");
            client.endInput();

            assertThat(client.exitCode()).isZero();
            assertThat(client.errors())
                    .containsExactly(
                            "recado: 'a' may be 1 America/Sao_Paulo, 2 Asia/Tokyo",
                            "recado: no zone has the number or the name 'Atlantis'",
                            "recado: left: end of the input");
        }
    }

    @Test
    void shouldTellTimeFromTheJvmItselfUnlessToldOtherwise() throws Exception {
        try (RecadoProcess own = startServer();
                RecadoProcess client = at(own.nextEndpoint(), "--zone", "Asia/Kathmandu", "--json")) {
            ZoneTime time = Protocol.readAnswer(client.success().get(0));
            assertThat(time.dateTime()).isCloseTo(OffsetDateTime.now(), within(1, ChronoUnit.MINUTES));
            assertThat(time.dateTime().getOffset()).hasToString("+05:45");
        }
    }

    // ---- what goes wrong

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "Atlantis | no zone has the number or the name 'Atlantis'",
                "0        | no zone has the number or the name '0'",
                "A        | 'A' may be 1 America/Sao_Paulo, 2 Asia/Tokyo"
            })
    void shouldSayInOneLineThatAZoneIsNone(String zone, String why) throws Exception {
        try (RecadoProcess client = client("--zone", zone)) {
            assertThat(client.failure()).isEqualTo("recado: " + why);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FAILING, status 500",
        "RUBBISH, no JSON",
        "ANOTHER_JSON, should be a text",
        "ENDLESS, more than 262144 bytes"
    })
    void shouldTellWhatIsWrongWithTheTimeServiceAndGoOn(Mood mood, String what) throws Exception {
        try (RecadoProcess client = client()) {
            service.mood(mood);
            client.type("tokyo");
            await().atMost(PATIENCE).until(() -> client.errors().size() == 1);
            assertThat(client.errors().get(0)).contains("recado: ", service.url() + "/Asia/Tokyo", what);

            service.mood(Mood.WELL);
            client.nextLine();
            client.nextLine();
            client.type("tokyo");
            assertThat(client.nextLine()).startsWith("Asia/Tokyo  ");
            client.endInput();
            client.exitCode();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HANGING", "HANGING_IN_THE_BODY"})
    void shouldNotHangWithTheTimeService(Mood mood) throws Exception {
        // At its start it asks for the zones, with cold code: on a busy machine that alone takes a while.
        try (RecadoProcess impatient =
                startServer("--time-service", service.url().toString(), "--time-service-timeout", "2000")) {
            service.mood(mood);
            URI there = impatient.nextEndpoint();
            try (RecadoProcess client = at(there, "--zone", "tokyo")) {
                assertThat(client.failure()).contains("does not answer within 2000 ms");
            }
            service.mood(Mood.WELL);
            try (RecadoProcess client = at(there, "--zone", "tokyo")) {
                assertThat(client.success()).hasSize(1);
            }
        }
    }

    @Test
    void shouldRefuseWhatIsNoZoneAndKeepItsLogClean() throws Exception {
        try (Requester rude = Requester.builder(endpoint)
                .transport(transport)
                .topic(Protocol.NOW)
                .open()) {
            for (String question : List.of("", "../../etc/passwd", "x".repeat(100_000), "UTC\u0000")) {
                assertThat(rude.requestAsync(Message.of(Protocol.NOW, question)))
                        .failsWithin(PATIENCE)
                        .withThrowableThat()
                        .withMessageContaining("there is no zone of that name");
            }
        }
        assertThat(server.errors()).isEmpty();
        try (RecadoProcess client = client("--zone", ZONE)) {
            assertThat(client.success()).hasSize(1);
        }
    }

    @Test
    void shouldSayThatTheTimeServiceIsMissingWhenItStarts() throws Exception {
        service.list("{}");
        try (RecadoProcess second = startServer("--time-service", service.url().toString())) {
            assertThat(second.failure()).contains(service.url().toString(), "gives no answer that can be used");
        }
    }

    // ---- many

    @Test
    void shouldAnswerHundredsOfClientsAtOnceAndAskTheServiceOnce() throws Exception {
        int clients = 200;
        List<Requester> requesters = new ArrayList<>();
        long start = System.nanoTime();
        try {
            for (int i = 0; i < clients; i++) {
                requesters.add(Requester.builder(endpoint)
                        .transport(transport)
                        .topic(Protocol.NOW)
                        .open());
            }
            assertThat(Connections.of(endpoint.getPort())).isGreaterThanOrEqualTo(2L * clients);

            List<CompletableFuture<Message>> answers = requesters.stream()
                    .flatMap(requester -> TimeService.ZONES.stream().map(requester::requestAsync))
                    .toList();
            for (int i = 0; i < answers.size(); i++) {
                Message answer = answers.get(i).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(Protocol.readAnswer(answer.text()).zone())
                        .isEqualTo(TimeService.ZONES.get(i % TimeService.ZONES.size()));
            }

            long periods = 1 + Duration.ofNanos(System.nanoTime() - start).toSeconds() / 5;
            assertThat(TimeService.ZONES)
                    .allSatisfy(zone -> assertThat(service.asked(zone)).isBetween(1, Math.toIntExact(periods)));
        } finally {
            requesters.parallelStream().forEach(Requester::close);
        }
        Connections.await(endpoint.getPort(), 0);
        assertThat(server.errors()).isEmpty();
    }

    @Test
    void shouldAnswerSeveralProcessesAtOnce() throws Exception {
        List<RecadoProcess> clients = Stream.of("1", "2", "3", "sao")
                .map(zone -> client("--zone", zone))
                .toList();
        try {
            for (RecadoProcess client : clients) {
                assertThat(client.success()).hasSize(1);
            }
        } finally {
            clients.forEach(RecadoProcess::close);
        }
    }

    // ---- ends

    @Test
    void shouldEndWhenTheServerIsKilledWhileAnAnswerIsAwaited() throws Exception {
        service.mood(Mood.HANGING);
        try (RecadoProcess client = client("--zone", ZONE)) {
            await().atMost(PATIENCE).until(() -> service.asked(ZONE) == 1);

            server.kill();

            assertThat(client.failure()).contains("the connection to '" + endpoint + "' was lost");
        }
    }

    @Test
    void shouldEndWhenTheServerIsKilledWhileTheUserThinks() throws Exception {
        try (RecadoProcess client = clientAtWork()) {
            server.kill();

            assertThat(client.exitCode()).isEqualTo(1);
            assertThat(client.errors()).containsExactly("recado: the connection to '" + endpoint + "' was lost");
        }
    }

    @Test
    void shouldEndWhenTheServerEnds() throws Exception {
        try (RecadoProcess client = clientAtWork()) {
            server.terminate();

            assertThat(client.exitCode()).isEqualTo(1);
            assertThat(client.errors()).singleElement().asString().contains("SERVER_SHUTTING_DOWN");
            assertThat(server.exitCode()).isEqualTo(SIGTERM);
            assertThat(server.errors()).containsExactly("recado: stopped by a signal");
        }
    }

    @Test
    void shouldStopTheServerAtItsConsole() throws Exception {
        server.type("/quit");

        assertThat(server.exitCode()).isZero();
        assertThat(server.errors()).containsExactly("recado: stopped by /quit");
        assertThat(server.output()).isEmpty();
    }

    @Test
    void shouldLeaveNothingAtTheServerWhenAClientIsTerminated() throws Exception {
        try (RecadoProcess client = clientAtWork()) {
            client.terminate();

            assertThat(client.exitCode()).isEqualTo(SIGTERM);
            assertThat(client.errors()).containsExactly("recado: stopped by a signal");
        }
        Connections.await(endpoint.getPort(), 0);
    }

    @Test
    void shouldLeaveNothingAtTheServerWhenAClientIsKilled() throws Exception {
        try (RecadoProcess client = clientAtWork()) {
            client.kill();
            client.exitCode();
        }
        Connections.await(endpoint.getPort(), 0);
        assertThat(server.errors()).isEmpty();
    }

    @Test
    void shouldEndWhenNobodyReadsItsOutput() throws Exception {
        String options = " --port " + endpoint.getPort() + " --transport " + transport;
        try (RecadoProcess pipe = RecadoProcess.startShell("C", "$RECADO worldtime" + options + " | head -n 1")) {
            assertThat(pipe.nextLine()).startsWith("   1 ");
            await().atMost(PATIENCE).until(() -> {
                if (pipe.isAlive()) {
                    pipe.type("tokyo");
                }
                return !pipe.isAlive();
            });
            pipe.exitCode();
            assertThat(pipe.errors()).containsExactly("recado: left: nobody reads the output any more");
        }
        Connections.await(endpoint.getPort(), 0);
    }

    private RecadoProcess startServer(String... options) {
        List<String> all = new ArrayList<>(List.of("worldtime-server", "--port", "0", "--transport", transport));
        all.addAll(List.of(options));
        return RecadoProcess.start(all.toArray(String[]::new));
    }

    private RecadoProcess client(String... options) {
        return at(endpoint, options);
    }

    private RecadoProcess at(URI server, String... options) {
        return RecadoProcess.startAt(server, transport, "worldtime", options);
    }

    /** A client that has had an answer and waits for its user. */
    private RecadoProcess clientAtWork() throws Exception {
        RecadoProcess client = client();
        client.nextLine();
        client.nextLine();
        client.type(ZONE);
        assertThat(client.nextLine()).matches(ANSWER);
        Connections.await(endpoint.getPort(), CONNECTIONS_OF_A_CLIENT);
        return client;
    }
}
