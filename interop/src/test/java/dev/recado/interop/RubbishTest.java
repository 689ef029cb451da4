package dev.recado.interop;

import static dev.recado.interop.RawMqtt.CONNECT;
import static dev.recado.interop.RawMqtt.DISCONNECT;
import static dev.recado.interop.RawMqtt.PUBACK;
import static dev.recado.interop.RawMqtt.connect;
import static dev.recado.interop.RawMqtt.join;
import static dev.recado.interop.RawMqtt.packet;
import static dev.recado.interop.RawMqtt.publish;
import static dev.recado.interop.RawMqtt.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.recado.Broker;
import dev.recado.ClientInfo;
import dev.recado.QoS;
import dev.recado.ReasonCode;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rubbish at the broker's port: it goes on, other clients notice nothing, each connection costs at most one line in the log,
 * and nothing of it is left behind. {@code shouldSurvive...} are seeded: what fails, fails again.
 */
@Isolated("counts the process's threads and files, and reads its log")
class RubbishTest {

    private static final String TOPIC = "healthy";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

    /** Files that the JVM may open meanwhile for reasons of its own. */
    private static final int OTHER_FILES = 10;

    private final LogLines log = new LogLines();
    private final BrokerLog brokerLog = new BrokerLog();
    private final List<String> published = new ArrayList<>();
    private Broker broker;
    private Inbox inbox;
    private Outbox outbox;
    private long threads;
    private long files;
    private int connections;

    @AfterEach
    void closeAll() throws Exception {
        try (log;
                Broker startedBroker = broker;
                Inbox startedInbox = inbox;
                Outbox startedOutbox = outbox) {
            assertThat(log.all()).as("the log").noneMatch(line -> line.contains(" ERROR "));
        }
    }

    /** Starts a broker with two healthy clients, and remembers what that takes. */
    private void start(String transport) throws Exception {
        broker = Broker.builder()
                .listen("mqtt://127.0.0.1:0")
                .transport(transport)
                .limits(limits -> limits.connectTimeout(CONNECT_TIMEOUT))
                .listener(brokerLog)
                .start();
        inbox = Clients.HIVEMQ_5.subscribe(broker.endpoint(), "reader", TOPIC, QoS.AT_LEAST_ONCE);
        outbox = Clients.HIVEMQ_3.publishTo(broker.endpoint(), "writer", TOPIC);
        // Event loops start when they are needed: all are, now.
        for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
            try (RawMqtt client = new RawMqtt(broker.endpoint())) {
                client.send(connect(5, 0))
                        .awaitConnAck()
                        .send(packet(DISCONNECT << 4, new byte[0]))
                        .awaitEnd();
            }
        }
        Eventually.within20Seconds()
                .until(() -> brokerLog.disconnects().size()
                        == 2 * Runtime.getRuntime().availableProcessors());
        files = openFiles();
        threads = recadoThreads();
    }

    private RawMqtt open() throws Exception {
        connections++;
        return new RawMqtt(broker.endpoint());
    }

    private void publishOne() throws Exception {
        String text = "message " + published.size();
        published.add(text);
        outbox.publish(text.getBytes(StandardCharsets.UTF_8), QoS.AT_LEAST_ONCE, false);
    }

    /** The healthy clients have missed nothing, and of the others nothing is left. */
    private void shouldBeAsBefore() throws Exception {
        publishOne();
        for (String text : published) {
            assertThat(inbox.next().text()).isEqualTo(text);
        }
        assertThat(inbox.isEmpty()).isTrue();
        Eventually.within20Seconds().untilAsserted(() -> {
            assertThat(broker.clients()).extracting(ClientInfo::clientId).containsExactlyInAnyOrder("reader", "writer");
            assertThat(broker.stats().subscriptions()).isEqualTo(1);
            assertThat(recadoThreads()).as("threads").isLessThanOrEqualTo(threads);
            assertThat(openFiles()).as("open files").isLessThanOrEqualTo(files + OTHER_FILES);
        });
        assertThat(log.all())
                .as("a line for each connection at most, and no stack traces")
                .hasSizeLessThanOrEqualTo(connections)
                .allMatch(line -> line.contains(" WARN "));
        outbox.close();
        inbox.close();
        broker.close();
        Eventually.within20Seconds().until(() -> recadoThreads() == 0);
    }

    private static long recadoThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("recado-"))
                .count();
    }

    /** 0 where the system does not tell. */
    private static long openFiles() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount()
                : 0;
    }

    // ---- Anything

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldSurviveRandomBytes(String transport) throws Exception {
        start(transport);
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            byte[] rubbish = new byte[1 + random.nextInt(2_000)];
            random.nextBytes(rubbish);
            try (RawMqtt peer = open()) {
                peer.send(rubbish).endOutput().awaitEnd();
            }
            publishOne();
        }
        shouldBeAsBefore();
    }

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldSurviveRandomBytesFromAClientThatItHasAccepted(String transport) throws Exception {
        start(transport);
        Random random = new Random(2);
        for (int i = 0; i < 100; i++) {
            byte[] rubbish = new byte[1 + random.nextInt(2_000)];
            random.nextBytes(rubbish);
            try (RawMqtt peer = open()) {
                peer.send(join(connect(4 + i % 2, 0), rubbish)).endOutput().awaitEnd();
            }
            publishOne();
        }
        shouldBeAsBefore();
    }

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldSurvivePacketsWithAFewWrongBytes(String transport) throws Exception {
        start(transport);
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = conversation(4 + i % 2);
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try (RawMqtt peer = open()) {
                peer.send(bytes).endOutput().awaitEnd();
            }
            publishOne();
        }
        shouldBeAsBefore();
    }

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldSurvivePacketsThatEndInTheMiddle(String transport) throws Exception {
        start(transport);
        for (int version = 4; version <= 5; version++) {
            byte[] whole = conversation(version);
            for (int length = 0; length < whole.length; length++) {
                try (RawMqtt peer = open()) {
                    peer.send(Arrays.copyOf(whole, length)).endOutput().awaitEnd();
                }
            }
            publishOne();
        }
        shouldBeAsBefore();
    }

    private static byte[] conversation(int version) {
        return join(
                connect(version, 60),
                subscribe(version, "rubbish/#", 1),
                publish(version, "rubbish/1", 2, "text".getBytes(StandardCharsets.UTF_8)));
    }

    // ---- Packets in the wrong place

    static Stream<Arguments> transportsAndFirstPackets() {
        return Pairs.TRANSPORTS.stream()
                .flatMap(transport -> IntStream.range(0, 16)
                        .filter(type -> type != CONNECT)
                        .mapToObj(type -> Arguments.of(transport, type)));
    }

    @ParameterizedTest(name = "{0}: type {1}")
    @MethodSource("transportsAndFirstPackets")
    void shouldTakeNothingBeforeConnect(String transport, int type) throws Exception {
        start(transport);
        try (RawMqtt peer = open()) {
            byte[] answer = peer.send(packet(type << 4, new byte[] {0, 1})).awaitEnd();
            assertThat(answer).isEmpty();
        }
        publishOne();
        Eventually.within20Seconds().until(() -> brokerLog.refusals().size() == 1);
        assertThat(log.all()).as("the log").hasSize(1);
        shouldBeAsBefore();
    }

    static Stream<Arguments> transportsVersionsAndPacketsOfServers() {
        int[] notForClients = {0, CONNECT, 2, 6, 9, 11, 13, 15};
        return Pairs.TRANSPORTS.stream()
                .flatMap(transport -> Stream.of(4, 5)
                        .flatMap(version ->
                                IntStream.of(notForClients).mapToObj(type -> Arguments.of(transport, version, type))));
    }

    @ParameterizedTest(name = "{0}: version {1}, type {2}")
    @MethodSource("transportsVersionsAndPacketsOfServers")
    void shouldEndTheConnectionOfAClientThatSendsWhatIsNotForIt(String transport, int version, int type)
            throws Exception {
        start(transport);
        try (RawMqtt peer = open()) {
            byte[] answer = peer.send(connect(version, 0))
                    .awaitConnAck()
                    .send(type == CONNECT ? connect(version, 0) : packet(type << 4, new byte[] {0, 1}))
                    .awaitEnd();
            if (version == 5) {
                assertThat(answer[0]).as("DISCONNECT").isEqualTo((byte) (DISCONNECT << 4));
                assertThat(answer[2]).as("reason code").isLessThan((byte) 0);
            } else {
                assertThat(answer).isEmpty();
            }
        }
        publishOne();
        Eventually.within20Seconds().until(() -> brokerLog.refusals().size() == 1);
        shouldBeAsBefore();
    }

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldNotMindAcknowledgementsOfNothing(String transport) throws Exception {
        start(transport);
        try (RawMqtt peer = open()) {
            peer.send(connect(5, 0)).awaitConnAck();
            for (int packetId = 1; packetId < 100; packetId++) {
                peer.send(packet(PUBACK << 4, new byte[] {0, (byte) packetId}));
            }
            byte[] answer = peer.send(packet(RawMqtt.PINGREQ << 4, new byte[0]))
                    .send(packet(DISCONNECT << 4, new byte[0]))
                    .awaitEnd();
            assertThat(answer).as("PINGRESP").isEqualTo(new byte[] {(byte) 0xD0, 0});
        }
        publishOne();
        shouldBeAsBefore();
    }

    // ---- Peers that take their time

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldNotWaitForeverForPeersThatSendAByteNowAndThen(String transport) throws Exception {
        start(transport);
        byte[] endless = RawMqtt.packet(CONNECT << 4, new byte[60_000]);
        List<RawMqtt> peers = new ArrayList<>();
        try {
            for (int i = 0; i < 30; i++) {
                peers.add(open());
            }
            List<RawMqtt> alive = new ArrayList<>(peers);
            int[] next = {0};
            Eventually.within20Seconds().pollInterval(Duration.ofMillis(50)).until(() -> {
                byte oneByte = endless[next[0]++];
                alive.removeIf(peer -> !peer.takes(oneByte));
                publishOne();
                return alive.isEmpty();
            });
        } finally {
            for (RawMqtt peer : peers) {
                peer.close();
            }
        }
        shouldBeAsBefore();
    }

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldNotWaitForeverForPeersThatSayNothing(String transport) throws Exception {
        start(transport);
        List<RawMqtt> peers = new ArrayList<>();
        try {
            for (int i = 0; i < 30; i++) {
                peers.add(open());
            }
            publishOne();
            for (RawMqtt peer : peers) {
                assertThat(peer.awaitEnd()).isEmpty();
            }
        } finally {
            for (RawMqtt peer : peers) {
                peer.close();
            }
        }
        shouldBeAsBefore();
    }

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldLetGoOfClientsThatFallSilent(String transport) throws Exception {
        start(transport);
        List<RawMqtt> peers = new ArrayList<>();
        try {
            for (int i = 0; i < 30; i++) {
                peers.add(open().send(connect(5, 1)).awaitConnAck());
            }
            publishOne();
            for (RawMqtt peer : peers) {
                byte[] last = peer.awaitEnd();
                assertThat(last[0]).as("DISCONNECT").isEqualTo((byte) (DISCONNECT << 4));
                assertThat(last[2] & 0xFF).isEqualTo(ReasonCode.KEEP_ALIVE_TIMEOUT.value());
            }
        } finally {
            for (RawMqtt peer : peers) {
                peer.close();
            }
        }
        shouldBeAsBefore();
    }

    @ParameterizedTest
    @FieldSource("dev.recado.interop.Pairs#TRANSPORTS")
    void shouldLetGoOfClientsThatVanish(String transport) throws Exception {
        start(transport);
        for (int i = 0; i < 50; i++) {
            RawMqtt peer = open().send(connect(4 + i % 2, 0)).awaitConnAck().send(subscribe(4 + i % 2, "rubbish/#", 1));
            if (i % 3 == 0) {
                peer.endOutput().awaitEnd();
                peer.close();
            } else {
                peer.reset();
            }
            publishOne();
        }
        shouldBeAsBefore();
    }
}
