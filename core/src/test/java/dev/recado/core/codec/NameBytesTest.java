package dev.recado.core.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Names of each length around the eight bytes that are read at a time, wherever they lie. */
class NameBytesTest {

    private static final int LONGEST = 40;
    private static final int LAST_START = 9;

    private static final long SECRET = 0x9E37_79B9_7F4A_7C15L;

    /** What it found is said with each failure. */
    private final long seed = System.nanoTime();

    private final Random random = new Random(seed);

    private byte[] name(int length) {
        byte[] name = new byte[length];
        random.nextBytes(name);
        return name;
    }

    /** The name at this place, and other bytes around it, which end right behind it: nothing beyond the limit is read. */
    private List<ByteBuffer> buffersWith(byte[] name, int start) {
        List<ByteBuffer> buffers = new ArrayList<>();
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            for (ByteBuffer buffer :
                    List.of(ByteBuffer.allocate(start + name.length), ByteBuffer.allocateDirect(start + name.length))) {
                buffer.put(name(start)).put(name).flip();
                buffers.add(buffer.order(order));
            }
        }
        return buffers;
    }

    @Test
    void shouldFindTheSameBytesWhereverTheyLie() {
        for (int length = 0; length <= LONGEST; length++) {
            byte[] name = name(length);
            for (int start = 0; start <= LAST_START; start++) {
                for (ByteBuffer buffer : buffersWith(name, start)) {
                    assertThat(NameBytes.isSame(name, buffer, start, length))
                            .as("%d bytes from %d on in %s, seed %d", length, start, buffer, seed)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void shouldNotTakeForTheSameWhatDiffersInOneBit() {
        for (int length = 1; length <= LONGEST; length++) {
            byte[] name = name(length);
            for (int start = 0; start <= LAST_START; start++) {
                for (ByteBuffer buffer : buffersWith(name, start)) {
                    for (int i = start; i < start + length; i++) {
                        byte right = buffer.get(i);
                        buffer.put(i, (byte) (right ^ 1 << random.nextInt(Byte.SIZE)));
                        assertThat(NameBytes.isSame(name, buffer, start, length))
                                .as(
                                        "%d bytes from %d on, another at %d, in %s, seed %d",
                                        length, start, i, buffer, seed)
                                .isFalse();
                        buffer.put(i, right);
                    }
                }
            }
        }
    }

    @Test
    void shouldNotTakeForTheSameWhatIsLongerOrShorter() {
        byte[] bytes = name(LONGEST + 1);
        for (int length = 0; length <= LONGEST; length++) {
            byte[] name = new byte[length];
            ByteBuffer.wrap(bytes).get(name);
            for (int other = 0; other <= LONGEST + 1; other++) {
                assertThat(NameBytes.isSame(name, ByteBuffer.wrap(bytes), 0, other))
                        .isEqualTo(other == length);
            }
        }
    }

    @Test
    void shouldHashTheSameBytesAlikeWhereverTheyLie() {
        for (int length = 0; length <= LONGEST; length++) {
            byte[] name = name(length);
            int hash = NameBytes.hash(ByteBuffer.wrap(name), 0, length, SECRET);
            for (int start = 0; start <= LAST_START; start++) {
                for (ByteBuffer buffer : buffersWith(name, start)) {
                    assertThat(NameBytes.hash(buffer, start, length, SECRET))
                            .as("%d bytes from %d on in %s, seed %d", length, start, buffer, seed)
                            .isEqualTo(hash);
                }
            }
        }
    }

    /** In the lowest bits, which choose the slot: names that differ in one place, at the beginning, the end, or by a zero byte. */
    @Test
    void shouldSpreadNamesThatAreAlmostTheSame() {
        int slots = 1 << 12;
        for (int length : new int[] {4, 8, 11, 16, 27}) {
            for (int place : new int[] {0, (length - 3) / 2, length - 3}) {
                Set<Integer> taken = new HashSet<>();
                byte[] name = new byte[length];
                for (int i = 0; i < 1_000; i++) {
                    name[place] = (byte) ('0' + i / 100);
                    name[place + 1] = (byte) ('0' + i / 10 % 10);
                    name[place + 2] = (byte) ('0' + i % 10);
                    taken.add(NameBytes.hash(ByteBuffer.wrap(name), 0, length, SECRET) & slots - 1);
                }
                // By chance it would be 887, give or take 10.
                assertThat(taken)
                        .as("%d bytes that differ from %d on", length, place)
                        .hasSizeGreaterThan(800);
            }
        }
        Set<Integer> zeros = new HashSet<>();
        for (int length = 0; length <= LONGEST; length++) {
            zeros.add(NameBytes.hash(ByteBuffer.allocate(length), 0, length, SECRET));
        }
        assertThat(zeros).as("names of zero bytes alone").hasSize(LONGEST + 1);
    }

    @Test
    void shouldHashInAnotherWayWithAnotherSecret() {
        Set<Integer> hashes = new HashSet<>();
        ByteBuffer name = ByteBuffer.wrap(name(20));
        for (int i = 0; i < 100; i++) {
            hashes.add(NameBytes.hash(name, 0, 20, random.nextLong() | 1));
        }
        assertThat(hashes).hasSizeGreaterThan(90);
    }
}
