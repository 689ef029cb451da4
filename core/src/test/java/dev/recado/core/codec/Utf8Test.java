package dev.recado.core.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8Test {

    /** The JDK's strict decoder knows well-formed UTF-8; MQTT forbids U+0000 besides (MQTT-1.5.4-2). */
    private static boolean isValid(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString()
                            .indexOf('\0')
                    < 0;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static boolean accepts(byte[] bytes) {
        return Utf8.indexOfInvalid(ByteBuffer.wrap(bytes), 0, bytes.length) < 0;
    }

    /** All first and second bytes, which decide; of the others, the edges between what may follow and what may not. */
    @Tag("exhaustive")
    @Test
    void shouldAgreeWithTheJdkOnEverySequence() {
        int[] edges = {0x7F, 0x80, 0xBF, 0xC0};
        byte[] bytes = new byte[4];
        for (int start = 0; start <= 0xFFFF; start++) {
            bytes[0] = (byte) (start >>> 8);
            bytes[1] = (byte) start;
            check(bytes, 1);
            check(bytes, 2);
            int lead = start >>> 8;
            if (lead < 0xC0 || lead > 0xF4) {
                continue; // nothing may follow: what comes next is a sequence of its own
            }
            for (int third : edges) {
                bytes[2] = (byte) third;
                check(bytes, 3);
                for (int fourth : edges) {
                    bytes[3] = (byte) fourth;
                    check(bytes, 4);
                }
            }
        }
    }

    private static void check(byte[] bytes, int length) {
        byte[] sequence = Arrays.copyOf(bytes, length);
        if (accepts(sequence) != isValid(sequence)) {
            fail(Bytes.hex(ByteBuffer.wrap(sequence)) + " accepted: " + accepts(sequence));
        }
    }

    /** The fast path takes eight bytes at a time: every bad byte must be found at every offset from it. */
    @Test
    void shouldFindABadByteWhereverItStands() {
        for (int length = 1; length <= 40; length++) {
            for (int at = 0; at < length; at++) {
                for (int bad : new int[] {0x00, 0x80, 0xBF, 0xC1, 0xF5, 0xFF}) {
                    ByteBuffer bytes = ByteBuffer.allocate(length + 2);
                    bytes.put("ab\u0001\u007F".repeat(20).getBytes(StandardCharsets.UTF_8), 0, length);
                    bytes.put(at, (byte) bad);

                    assertThat(Utf8.indexOfInvalid(bytes, 0, length)).isEqualTo(at);
                    assertThat(Utf8.indexOfInvalid(bytes, 0, at)).isEqualTo(-1);
                    assertThat(Utf8.indexOfInvalid(bytes, at + 1, length)).isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void shouldNotLookBehindTheEnd() {
        ByteBuffer euro = ByteBuffer.wrap("€".getBytes(StandardCharsets.UTF_8));

        assertThat(Utf8.indexOfInvalid(euro, 0, 3)).isEqualTo(-1);
        assertThat(Utf8.indexOfInvalid(euro, 0, 2)).isZero();
        assertThat(Utf8.indexOfInvalid(euro, 0, 1)).isZero();
    }

    @Test
    void shouldAcceptMixedText() {
        RandomPackets source = new RandomPackets(ProtocolVersion.MQTT_5);
        for (int i = 0; i < 2_000; i++) {
            String text = source.text(60);
            assertThat(accepts(text.getBytes(StandardCharsets.UTF_8)))
                    .as(source.seed())
                    .isTrue();
            assertThat(Utf8.violation(text)).as(source.seed()).isNull();
        }
    }

    @Tag("exhaustive")
    @Test
    void shouldRefuseRandomBytesAsTheJdkDoes() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            assertThat(accepts(bytes)).as(Bytes.hex(ByteBuffer.wrap(bytes))).isEqualTo(isValid(bytes));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'a\0', U+0000 at index 1 (MQTT-1.5.4-2)",
        "'\uD800', surrogate pair at index 0 (MQTT-1.5.4-1)",
        "'ab\uDC00', surrogate pair at index 2 (MQTT-1.5.4-1)",
        "'\uD83D\uDE00\uD800a', surrogate pair at index 2 (MQTT-1.5.4-1)"
    })
    void shouldSayWhatTheWireCannotCarry(String text, String reason) {
        assertThat(Utf8.violation(text)).contains(reason);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Utf8.require(text, "Field"))
                .withMessageStartingWith("Field ");
    }

    @Test
    void shouldCountBytesAndNotCharacters() {
        assertThat(Utf8.violation("x".repeat(65_535))).isNull();
        assertThat(Utf8.violation("x".repeat(65_536))).contains("65536");
        assertThat(Utf8.violation("é".repeat(32_767) + "x")).isNull();
        assertThat(Utf8.violation("é".repeat(32_768))).contains("65536");
        assertThat(Utf8.violation("€".repeat(21_845))).isNull();
        assertThat(Utf8.violation("€".repeat(21_845) + "x")).contains("65536");
        assertThat(Utf8.violation("😀".repeat(16_383) + "xyz")).isNull();
        assertThat(Utf8.violation("😀".repeat(16_384))).contains("65536");
    }
}
