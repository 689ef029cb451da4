package dev.recado.core.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.recado.ReasonCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketReaderTest {

    private final PacketReader reader = new PacketReader(1_000);

    private void feed(String hex) {
        reader.feed(ByteBuffer.wrap(Bytes.hex(hex)));
    }

    private String body() {
        ByteBuffer body = reader.buffer().duplicate();
        body.clear().position(reader.start()).limit(reader.end());
        return Bytes.hex(body);
    }

    private CodecException failure() {
        CodecException failure = catchThrowableOfType(CodecException.class, reader::next);
        assertThat(failure).as("next() throws").isNotNull();
        return failure;
    }

    @Test
    void shouldReadPacketsWhereTheyLie() throws CodecException {
        ByteBuffer bytes = ByteBuffer.wrap(Bytes.hex("FF C000 3B05 0001 616263 FF"), 1, 9);
        reader.feed(bytes);

        assertThat(reader.next()).isTrue();
        assertThat(reader.type()).isEqualTo(PacketType.PINGREQ);
        assertThat(reader.size()).isEqualTo(2);
        assertThat(body()).isEmpty();
        assertThat(reader.next()).isTrue();
        assertThat(reader.type()).isEqualTo(PacketType.PUBLISH);
        assertThat(reader.flags()).isEqualTo(0x0B);
        assertThat(reader.size()).isEqualTo(7);
        assertThat(reader.buffer()).isSameAs(bytes);
        assertThat(reader.start()).isEqualTo(5);
        assertThat(reader.end()).isEqualTo(10);
        assertThat(body()).isEqualTo("00 01 61 62 63");
        assertThat(reader.next()).isFalse();
        reader.finish();
        assertThat(reader.hasLeftover()).isFalse();
        assertThat(reader.retained()).isZero();
    }

    @Test
    void shouldGiveAPacketAgainThatWasPutBack() throws CodecException {
        feed("C000 3B05 0001 61");
        assertThat(reader.next()).isTrue();
        reader.putBack();
        assertThat(reader.next()).isTrue();
        assertThat(reader.type()).isEqualTo(PacketType.PINGREQ);
        reader.putBack();
        reader.finish();
        for (String more : new String[] {"", "6263 D0"}) {
            feed(more);
            assertThat(reader.next()).isTrue();
            assertThat(reader.type()).isEqualTo(PacketType.PINGREQ);
            reader.putBack();
            reader.finish();
        }
        feed("00");
        assertThat(reader.next()).isTrue();
        assertThat(reader.type()).isEqualTo(PacketType.PINGREQ);
        assertThat(reader.next()).isTrue();
        assertThat(body()).isEqualTo("00 01 61 62 63");
        reader.putBack();
        assertThat(reader.next()).isTrue();
        assertThat(body()).isEqualTo("00 01 61 62 63");
        assertThat(reader.next()).isTrue();
        assertThat(reader.type()).isEqualTo(PacketType.PINGRESP);
        assertThat(reader.next()).isFalse();
        reader.finish();
        assertThat(reader.retained()).isZero();
    }

    @Test
    void shouldTakeAllFromPositionToLimit() {
        ByteBuffer bytes = ByteBuffer.wrap(new byte[10], 2, 5);

        reader.feed(bytes);

        assertThat(bytes.position()).isEqualTo(7);
        assertThat(bytes.limit()).isEqualTo(7);
    }

    /** What {@link PacketReader#next} makes of these bytes, fed so many at a time: packets, and the refusal that ends them. */
    private static List<String> read(byte[] bytes, int atATime, int maxPacketSize) {
        PacketReader reader = new PacketReader(maxPacketSize);
        List<String> read = new ArrayList<>();
        for (int from = 0; from < bytes.length; from += atATime) {
            reader.feed(ByteBuffer.wrap(bytes, from, Math.min(atATime, bytes.length - from)));
            try {
                while (reader.next()) {
                    ByteBuffer body = reader.buffer().duplicate();
                    body.clear().position(reader.start()).limit(reader.end());
                    read.add(reader.type() + " " + reader.flags() + " " + reader.size() + " " + Bytes.hex(body));
                }
            } catch (CodecException e) {
                read.add(e.reasonCode() + " " + e.getMessage());
                return read;
            }
            reader.finish();
        }
        return read;
    }

    /** Most headers lie in one piece and have two bytes, and are read in a way of their own. */
    @ParameterizedTest
    @CsvSource({
        "C000 3B05 0001 616263 D000, 3",
        "C000 E000 00, 3", // type 0
        "C000 0000, 2",
        "C000 8000, 2", // SUBSCRIBE without its flags
        "C000 C100, 2", // PINGREQ with flags
        "C000 60 02 0001, 2", // PUBREL without its flags
        "C000 30 11 00, 2", // one byte too long
        "C000 3210 0001 61 0007 0102030405060708090A0B, 2",
        "C000 30 7F 00, 2",
        "C000 308001 00, 2",
        "C000 308000 00, 2", // Remaining Length not in its shortest form
        "C000 308080808000, 2"
    })
    void shouldReadTheSameFromBytesInOnePieceAndOneByOne(String hex, int most) {
        byte[] bytes = Bytes.hex(hex);
        List<String> inOnePiece = read(bytes, bytes.length, 18);

        assertThat(inOnePiece).hasSizeBetween(1, most + 1).first().isEqualTo("PINGREQ 0 2 ");
        for (int atATime = 1; atATime < bytes.length; atATime++) {
            assertThat(read(bytes, atATime, 18))
                    .as("%d bytes at a time", atATime)
                    .isEqualTo(inOnePiece);
        }
    }

    @Test
    void shouldReadTheSameFromAnyBytesInOnePieceAndInTwo() {
        for (int first = 0; first <= 0xFF; first++) {
            for (int second = 0; second <= 0xFF; second++) {
                byte[] bytes = {(byte) first, (byte) second, 0, 1, 'a', 'b', 'c', 'd'};
                assertThat(read(bytes, bytes.length, 6))
                        .as("0x%02X 0x%02X", first, second)
                        .isEqualTo(read(bytes, 1, 6));
            }
        }
    }

    @Test
    void shouldGatherAPacketThatIsCut() throws CodecException {
        feed("30");
        assertThat(reader.next()).isFalse();
        reader.finish();
        assertThat(reader.hasLeftover()).isTrue();
        feed("0500");
        assertThat(reader.next()).isFalse();
        reader.finish();
        feed("01616263 C000");

        assertThat(reader.next()).isTrue();
        assertThat(body()).isEqualTo("00 01 61 62 63");
        assertThat(reader.next()).isTrue();
        assertThat(reader.type()).isEqualTo(PacketType.PINGREQ);
        assertThat(reader.next()).isFalse();
        reader.finish();
        assertThat(reader.hasLeftover()).isFalse();
        assertThat(reader.retained()).isZero();
    }

    @Test
    void shouldKeepCompletePacketsThatWereNotRead() throws CodecException {
        feed("C000 D000 E000");
        assertThat(reader.next()).isTrue();
        reader.finish();
        assertThat(reader.hasLeftover()).isTrue();

        reader.feed(ByteBuffer.allocate(0));

        assertThat(reader.next()).isTrue();
        assertThat(reader.type()).isEqualTo(PacketType.PINGRESP);
        assertThat(reader.next()).isTrue();
        assertThat(reader.type()).isEqualTo(PacketType.DISCONNECT);
        assertThat(reader.next()).isFalse();
    }

    @Test
    void shouldHaveNoPacketWithoutFeeding() throws CodecException {
        assertThat(reader.next()).isFalse();
        feed("C000");
        reader.finish();
        assertThat(reader.next()).isFalse();
        reader.feed(ByteBuffer.allocate(0));
        assertThat(reader.next()).isTrue();
    }

    @Test
    void shouldIgnoreAFinishTooMany() {
        feed("C000");
        reader.finish();
        reader.finish();

        assertThat(reader.hasLeftover()).isTrue();
    }

    @Test
    void shouldRefuseToBorrowTwice() {
        feed("C0");

        assertThatIllegalStateException().isThrownBy(() -> feed("00")).withMessageContaining("finish()");
    }

    @ParameterizedTest
    @CsvSource({
        "C000, 2",
        "307F, 129",
        "308001, 131",
        "30FF7F, 16386",
        "30808001, 16388",
        "30FFFF7F, 2097155",
        "3080808001, 2097157",
        "30FFFFFF7F, 268435460"
    })
    void shouldReadEveryLengthOfTheRemainingLength(String header, int size) throws CodecException {
        PacketReader large = new PacketReader(size - 1 < 2 ? 2 : size - 1);
        large.feed(ByteBuffer.wrap(Bytes.hex(header)));
        if (size > 2) {
            CodecException failure = catchThrowableOfType(CodecException.class, large::next);
            assertThat(failure.reasonCode()).isEqualTo(ReasonCode.PACKET_TOO_LARGE);
            assertThat(failure).hasMessageContaining(size + " bytes").hasMessageContaining((size - 1) + " ");
        }
        large.maxPacketSize(size);

        assertThat(large.next()).isEqualTo(size == 2);
    }

    @Test
    void shouldRefuseARemainingLengthOfFiveBytes() {
        feed("30 80808080");

        assertThat(failure().reasonCode()).isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"C08000", "30FF00", "30808000", "3080808000"})
    void shouldRefuseARemainingLengthThatIsNotTheShortest(String header) {
        feed(header);

        assertThat(failure())
                .hasMessageContaining("MQTT-1.5.5-1")
                .satisfies(e -> assertThat(e.reasonCode()).isEqualTo(ReasonCode.MALFORMED_PACKET));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x00, 0x01, 0x0F})
    void shouldRefusePacketTypeZeroAtItsFirstByte(int first) {
        reader.feed(ByteBuffer.wrap(new byte[] {(byte) first}));

        assertThat(failure().reasonCode()).isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    @ParameterizedTest
    @EnumSource(PacketType.class)
    void shouldRefuseReservedFlagsAtTheFirstByte(PacketType type) throws CodecException {
        int allowed = switch (type) {
            case PUBREL, SUBSCRIBE, UNSUBSCRIBE -> 2;
            default -> 0;
        };
        for (int flags = 0; flags <= 0x0F; flags++) {
            PacketReader one = new PacketReader(100);
            one.feed(ByteBuffer.wrap(new byte[] {(byte) (type.value() << 4 | flags)}));
            if (type == PacketType.PUBLISH || flags == allowed) {
                assertThat(one.next()).isFalse();
            } else {
                CodecException failure = catchThrowableOfType(CodecException.class, one::next);
                assertThat(failure.reasonCode()).isEqualTo(ReasonCode.MALFORMED_PACKET);
                assertThat(failure).hasMessageContaining(type.name()).hasMessageContaining("MQTT-2.1.3-1");
            }
        }
    }

    @Test
    void shouldFailAgainAfterAFailure() {
        feed("C000 00");
        assertThat(catchThrowableOfType(CodecException.class, () -> {
                    assertThat(reader.next()).isTrue();
                    reader.next();
                }))
                .isNotNull();
        assertThat(failure().reasonCode()).isEqualTo(ReasonCode.MALFORMED_PACKET);
        reader.finish();
        feed("C000");
        assertThat(failure().reasonCode()).isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    @Test
    void shouldHoldMemoryForTheBytesThatCameAndNotForThoseClaimed() throws CodecException {
        PacketReader large = new PacketReader(16 << 20);
        large.feed(ByteBuffer.wrap(Bytes.hex("30 FFFF FF 06 0001"))); // claims 15 MiB
        assertThat(large.next()).isFalse();
        large.finish();
        assertThat(large.retained()).isEqualTo(7);

        int came = 7;
        for (int i = 0; i < 100; i++) {
            large.feed(ByteBuffer.allocate(1_000));
            assertThat(large.next()).isFalse();
            large.finish();
            came += 1_000;
            assertThat(large.retained()).isBetween(came, 2 * came);
        }
    }

    @Test
    void shouldNotKeepTheArrayOfALongPacketForTheStartOfAShortOne() throws CodecException {
        PacketReader large = new PacketReader(1 << 20);
        byte[] packet = Bytes.packet(0x30, new byte[500_000]);
        large.feed(ByteBuffer.wrap(packet, 0, 400_000));
        assertThat(large.next()).isFalse();
        large.finish();
        large.feed(ByteBuffer.wrap(Bytes.concat(packet, Bytes.hex("C0"))).position(400_000));
        assertThat(large.next()).isTrue();
        assertThat(large.next()).isFalse();

        large.finish();

        assertThat(large.hasLeftover()).isTrue();
        assertThat(large.retained()).isLessThan(10);
    }

    @Test
    void shouldForgetTheCurrentPacketWhenItGoesOn() throws CodecException {
        ByteBuffer bytes = ByteBuffer.wrap(Bytes.hex("C000"));
        reader.feed(bytes);
        assertThat(reader.next()).isTrue();
        assertThat(reader.buffer()).isSameAs(bytes);

        reader.finish();

        assertThat(reader.buffer()).isNotSameAs(bytes);
    }

    @Test
    void shouldRefuseAMaximumUnderTheShortestPacket() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PacketReader(1))
                .withMessageContaining("is 1");
        assertThatIllegalArgumentException().isThrownBy(() -> reader.maxPacketSize(1));
        new PacketReader(2).maxPacketSize(2);
    }

    // ---- What is no MQTT

    /** A ClientHello of TLS 1.3 and of 1.2, an alert, and as much as the first byte of them. */
    @ParameterizedTest
    @ValueSource(strings = {"16 0301 0200 01", "16 0303 0100 01", "15 0303 0002 0228", "16", "15", "16 03"})
    void shouldRecognizeTls(String bytes) {
        feed(bytes);

        failure();

        assertThat(reader.isAtTlsRecord()).isTrue();
        reader.finish();
        assertThat(reader.isAtTlsRecord()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"16 02", "15 04", "17 03", "11 03", "00 03", "47 4554", "48 545450"})
    void shouldNotTakeOtherBytesForTls(String bytes) {
        feed(bytes);
        try {
            reader.next();
        } catch (CodecException e) {
            // Wrong in another way.
        }

        assertThat(reader.isAtTlsRecord()).isFalse();
    }
}
