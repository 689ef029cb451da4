package dev.recado.core.codec;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Coverage-guided fuzzing. In the normal build each method runs over its seeds, in {@code CodecFuzzTestInputs/} under the
 * test resources; whatever fuzzing finds belongs there, too. To fuzz one method until it fails or {@code maxDuration} is
 * over, from the root of the project:
 *
 * <pre>{@code
 * JAZZER_FUZZ=1 mvn -pl core -am verify -Dfuzz.timeoutInSeconds=0 -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dtest='CodecFuzzTest#shouldDecodeOrRefuseAnyBytes*'
 * }</pre>
 *
 * The corpus it gathers on the way is in {@code core/.cifuzz-corpus}, which is not in version control. Plain comparisons
 * instead of AssertJ: that makes ten times as many inputs a second.
 */
class CodecFuzzTest {

    private static final int MAX_PACKET_SIZE = 1 << 16;

    /** The first byte chooses the version, the second how the rest, the stream, is cut. */
    @FuzzTest(maxDuration = "5m")
    void shouldDecodeOrRefuseAnyBytes(byte[] input) {
        if (input.length < 2) {
            return;
        }
        ProtocolVersion version = ProtocolVersion.values()[(input[0] & 0xFF) % 3];
        Outcome whole = read(input, input.length, version);
        Outcome cut = read(input, 1 + (input[1] & 0xFF), version);
        if (!cut.equals(whole)) {
            throw new AssertionError("cut: " + cut + ", whole: " + whole);
        }
        whole.packets().forEach(packet -> assertRoundTrip(packet, version));
    }

    /** What came of a stream: its packets, and how it failed if it did. */
    private record Outcome(List<Packet> packets, String failure) {}

    private static Outcome read(byte[] input, int step, ProtocolVersion version) {
        PacketReader reader = new PacketReader(MAX_PACKET_SIZE);
        List<Packet> packets = new ArrayList<>();
        try {
            for (int at = 2; at < input.length; at += step) {
                reader.feed(ByteBuffer.wrap(input, at, Math.min(step, input.length - at)));
                while (reader.next()) {
                    packets.add(decode(reader, version));
                }
                reader.finish();
            }
            return new Outcome(packets, null);
        } catch (CodecException e) {
            require(e.reasonCode().isError(), "an error", e);
            require(e.getMessage().length() < 500, "a short message", e);
            return new Outcome(packets, e.reasonCode() + e.getMessage());
        }
    }

    private static Packet decode(PacketReader reader, ProtocolVersion version) throws CodecException {
        switch (reader.type()) {
            case PUBLISH -> {
                PublishView view = new PublishView();
                view.decode(reader, version);
                ByteBuffer forwardable = ByteBuffer.allocate(view.forwardableLength());
                view.copyForwardable(forwardable);
                Packet.Publish packet = view.toPacket();
                require(!forwardable.hasRemaining(), "all that was announced", packet);
                require(packet.properties().forwardableLength() == view.forwardableLength(), "same length", packet);
                return packet;
            }
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> {
                AckView view = new AckView();
                view.decode(reader, version);
                Packet.Ack packet = (Packet.Ack) PacketDecoder.decode(reader, version);
                require(packet.packetId() == view.packetId(), "same packet identifier", packet);
                require(packet.reasonCode() == view.reasonCode(), "same reason code", packet);
                return packet;
            }
            default -> {
                return PacketDecoder.decode(reader, version);
            }
        }
    }

    private static void assertRoundTrip(Packet packet, ProtocolVersion version) {
        ByteBuffer encoded = PacketEncoder.encode(packet, version);
        try {
            require(Bytes.decode(encoded.array(), version).equals(packet), "the same after a round trip", packet);
        } catch (CodecException e) {
            throw new AssertionError("what was decoded does not decode again: " + packet, e);
        }
    }

    /** Whatever the texts, the rules give an answer; and those of the wire and those of the program are the same. */
    @FuzzTest(maxDuration = "1m")
    void shouldJudgeAnyTopic(FuzzedDataProvider data) {
        String filter = data.consumeString(100);
        String name = data.consumeRemainingAsString();
        boolean isName = TopicRules.nameViolation(name) == null;
        boolean isFilter = TopicRules.filterViolation(filter) == null;
        if (isName) {
            // A name may look like a shared subscription, and even like one that is no filter.
            require(TopicRules.isShared(name) || TopicRules.matches(name, name), "matches itself", name);
            require(TopicRules.matches("#", name) != name.startsWith("$"), "matches #", name);
            require(!TopicRules.hasWildcard(name), "no wildcard", name);
        }
        if (isName && isFilter && TopicRules.matches(filter, name)) {
            require(TopicRules.hasWildcard(filter) || filter.endsWith(name), "no match of " + filter, name);
            int share = TopicRules.isShared(filter) ? 2 : 0;
            require(TopicRules.levels(filter) - share <= TopicRules.levels(name) + 1, "not so many as " + filter, name);
        }
    }

    private static void require(boolean holds, String what, Object actual) {
        if (!holds) {
            throw new AssertionError("expected: " + what + ", but was: " + actual);
        }
    }
}
