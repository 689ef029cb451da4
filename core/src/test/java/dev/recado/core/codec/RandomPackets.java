package dev.recado.core.codec;

import static dev.recado.core.codec.PacketType.AUTH;
import static dev.recado.core.codec.PacketType.CONNACK;
import static dev.recado.core.codec.PacketType.CONNECT;
import static dev.recado.core.codec.PacketType.DISCONNECT;
import static dev.recado.core.codec.PacketType.PUBLISH;
import static dev.recado.core.codec.PacketType.SUBACK;
import static dev.recado.core.codec.PacketType.SUBSCRIBE;
import static dev.recado.core.codec.PacketType.UNSUBACK;
import static dev.recado.core.codec.PacketType.UNSUBSCRIBE;

import dev.recado.QoS;
import dev.recado.ReasonCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Random packets that a version can express without loss. The seed is in every failure message ({@link #seed}); set the
 * system property {@code recado.codec.seed} to run with it again.
 */
final class RandomPackets {

    private static final String SEED_PROPERTY = "recado.codec.seed";

    /** How many packets of a kind make a test. The profile mutation, which runs each test for hundreds of mutants, takes fewer. */
    static final int ROUNDS = Integer.getInteger("recado.codec.rounds", 300);

    private static final String[] TEXT_PARTS = {
        "a",
        "Z",
        "7",
        " ",
        "/",
        "$",
        "\u0001",
        "\u007F",
        "\u0080",
        "é",
        "\u07FF",
        "\u0800",
        "€",
        "\uD7FF",
        "\uE000",
        "\uFEFF",
        "\uFFFF",
        "\uD800\uDC00",
        "\uDBFF\uDFFF",
        "😀",
        "abcdefgh"
    };

    private final long seed;
    private final Random random;
    private final ProtocolVersion version;

    RandomPackets(ProtocolVersion version) {
        this(version, Long.getLong(SEED_PROPERTY, new Random().nextLong()));
    }

    private RandomPackets(ProtocolVersion version, long seed) {
        this.seed = seed;
        this.random = new Random(seed);
        this.version = version;
    }

    /** For failure messages. */
    String seed() {
        return "-D" + SEED_PROPERTY + "=" + seed + " (" + version + ")";
    }

    Random random() {
        return random;
    }

    List<Packet> packets(int count) {
        return listOf(count, this::packet);
    }

    /** Any type that the version has. */
    Packet packet() {
        PacketType[] types = PacketType.values();
        return packet(types[random.nextInt(version.hasProperties() ? types.length : types.length - 1)]);
    }

    Packet packet(PacketType type) {
        return switch (type) {
            case CONNECT -> connect();
            case CONNACK -> connAck();
            case PUBLISH -> publish();
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> ack(type);
            case SUBSCRIBE ->
                new Packet.Subscribe(packetId(), properties(SUBSCRIBE), listOf(1 + few(), this::subscription));
            case SUBACK -> new Packet.SubAck(packetId(), properties(SUBACK), listOf(1 + few(), this::subAckCode));
            case UNSUBSCRIBE ->
                new Packet.Unsubscribe(packetId(), properties(UNSUBSCRIBE), listOf(1 + few(), () -> text(30)));
            case UNSUBACK ->
                new Packet.UnsubAck(
                        packetId(),
                        properties(UNSUBACK),
                        version.hasProperties() ? listOf(1 + few(), () -> allowedCode(UNSUBACK)) : List.of());
            case PINGREQ -> new Packet.PingReq();
            case PINGRESP -> new Packet.PingResp();
            case DISCONNECT -> new Packet.Disconnect(codeUnlessOld(DISCONNECT), properties(DISCONNECT));
            case AUTH -> new Packet.Auth(allowedCode(AUTH), properties(AUTH));
        };
    }

    private Packet.Connect connect() {
        String userName = random.nextBoolean() ? text(20) : null;
        boolean mayHavePassword = version.hasProperties() || userName != null;
        return new Packet.Connect(
                version,
                random.nextBoolean(),
                random.nextInt(0x10000),
                properties(CONNECT),
                text(25),
                random.nextBoolean() ? will() : null,
                userName,
                mayHavePassword && random.nextBoolean() ? bytes(30) : null);
    }

    private Packet.Will will() {
        return new Packet.Will(qos(), random.nextBoolean(), properties(Property.WILL), topicName(), bytes(200));
    }

    private Packet.ConnAck connAck() {
        ReasonCode code = random.nextBoolean() ? ReasonCode.SUCCESS : connAckCode();
        return new Packet.ConnAck(code == ReasonCode.SUCCESS && random.nextBoolean(), code, properties(CONNACK));
    }

    private ReasonCode connAckCode() {
        return version.hasProperties()
                ? allowedCode(CONNACK)
                : pick(
                        ReasonCode.SUCCESS,
                        ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
                        ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                        ReasonCode.SERVER_UNAVAILABLE,
                        ReasonCode.BAD_USER_NAME_OR_PASSWORD,
                        ReasonCode.NOT_AUTHORIZED);
    }

    Packet.Publish publish() {
        QoS qos = qos();
        Properties properties = properties(PUBLISH);
        boolean aliased = properties.has(Property.TOPIC_ALIAS) && random.nextBoolean();
        return new Packet.Publish(
                qos != QoS.AT_MOST_ONCE && random.nextBoolean(),
                qos,
                random.nextBoolean(),
                aliased ? "" : topicName(),
                qos == QoS.AT_MOST_ONCE ? 0 : packetId(),
                properties,
                bytes(random.nextInt(20) == 0 ? 70_000 : 300));
    }

    private Packet.Ack ack(PacketType type) {
        return new Packet.Ack(type, packetId(), codeUnlessOld(type), properties(type));
    }

    private Packet.Subscription subscription() {
        boolean noLocal = version.hasProperties() && random.nextBoolean();
        boolean retainAsPublished = version.hasProperties() && random.nextBoolean();
        String filter = (noLocal || random.nextBoolean() ? "" : "$share/group/") + text(30);
        return new Packet.Subscription(
                filter, qos(), noLocal, retainAsPublished, version.hasProperties() ? random.nextInt(3) : 0);
    }

    private ReasonCode subAckCode() {
        return version.hasProperties()
                ? allowedCode(SUBACK)
                : pick(
                        ReasonCode.SUCCESS,
                        ReasonCode.GRANTED_QOS_1,
                        ReasonCode.GRANTED_QOS_2,
                        ReasonCode.UNSPECIFIED_ERROR);
    }

    private ReasonCode codeUnlessOld(PacketType type) {
        return version.hasProperties() && random.nextBoolean() ? allowedCode(type) : ReasonCode.SUCCESS;
    }

    private ReasonCode allowedCode(PacketType type) {
        return pick(Arrays.stream(ReasonCode.values())
                .filter(code -> ReasonCodesTest.isAllowed(type, code))
                .toArray(ReasonCode[]::new));
    }

    private Properties properties(PacketType type) {
        return properties(type.value());
    }

    private Properties properties(int place) {
        if (!version.hasProperties() || random.nextInt(3) == 0) {
            return Properties.NONE;
        }
        Properties.Builder builder = Properties.builder();
        for (Property property : Property.values()) {
            // AUTHENTICATION_DATA needs its method, which is drawn just before it.
            if (property.isAllowedIn(place) && property != Property.AUTHENTICATION_DATA && random.nextBoolean()) {
                set(builder, property, place);
                if (property == Property.AUTHENTICATION_METHOD && random.nextBoolean()) {
                    set(builder, Property.AUTHENTICATION_DATA, place);
                }
            }
        }
        return builder.build();
    }

    private void set(Properties.Builder builder, Property property, int place) {
        switch (property.form()) {
            case BYTE, TWO_BYTES, FOUR_BYTES -> builder.set(property, number(property));
            case VARIABLE_BYTES -> {
                int count = property.isRepeatableIn(place) ? 1 + few() : 1;
                for (int i = 0; i < count; i++) {
                    builder.subscriptionIdentifier((int) number(property));
                }
            }
            case TEXT -> builder.set(property, property == Property.RESPONSE_TOPIC ? topicName() : text(40));
            case BINARY -> builder.set(property, bytes(40));
            case TEXT_PAIR -> {
                for (int i = few(); i >= 0; i--) {
                    builder.userProperty(text(12), text(12));
                }
            }
        }
    }

    /** Both ends of the range more often than chance would give them, and every length of a number. */
    private long number(Property property) {
        return switch (random.nextInt(4)) {
            case 0 -> property.min();
            case 1 -> property.max();
            default -> Math.max(property.min(), (random.nextLong() >>> random.nextInt(64)) & property.max());
        };
    }

    private QoS qos() {
        return QoS.of(random.nextInt(3));
    }

    private int packetId() {
        return 1 + random.nextInt(0xFFFF);
    }

    private int few() {
        return random.nextInt(4);
    }

    String topicName() {
        return "t" + text(40);
    }

    /** No wildcards in it, so that it is a topic name unless it is empty. */
    String text(int maxParts) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(maxParts + 1); i > 0; i--) {
            text.append(pick(TEXT_PARTS));
        }
        return text.toString();
    }

    private ByteBuffer bytes(int maxLength) {
        byte[] bytes = new byte[random.nextInt(maxLength + 1)];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    @SafeVarargs
    private <T> T pick(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static <T> List<T> listOf(int count, Supplier<T> source) {
        List<T> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(source.get());
        }
        return list;
    }
}
