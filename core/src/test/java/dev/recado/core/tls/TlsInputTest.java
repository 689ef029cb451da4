package dev.recado.core.tls;

import static dev.recado.core.tls.TlsLayer.BUFFER_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.spi.BufferPool;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsInputTest {

    private final BufferPool pool = new BufferPool(BUFFER_BYTES, 4, false);
    private final ByteBuffer pooled = pool.take();
    private final TlsInput in = new TlsInput(pool);

    TlsInputTest() {
        pool.give(pooled);
    }

    /** Its records are so many bytes long, and are not encrypted. */
    private static final class Records extends OddEngine {

        private final int recordBytes;
        private final int packetBytes;

        Records(int recordBytes, int packetBytes) throws Exception {
            super(SSLContext.getDefault().createSSLEngine());
            this.recordBytes = recordBytes;
            this.packetBytes = packetBytes;
        }

        @Override
        public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer target) {
            if (source.remaining() < recordBytes) {
                return new SSLEngineResult(Status.BUFFER_UNDERFLOW, HandshakeStatus.NOT_HANDSHAKING, 0, 0);
            }
            target.put(source.slice(source.position(), recordBytes));
            source.position(source.position() + recordBytes);
            return new SSLEngineResult(Status.OK, HandshakeStatus.NOT_HANDSHAKING, recordBytes, recordBytes);
        }

        @Override
        public SSLSession getSession() {
            return OddEngine.session(super.getSession(), packetBytes, packetBytes);
        }
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({"0, false", "19, false", "20, true", "22, true", "24, true", "25, false", "255, false"})
    void shouldKnowRecordsByTheFirstByteOfAll(int first, boolean tls) {
        assertThat(in.beginsAsTls()).as("nothing speaks against it").isTrue();

        in.keep(ByteBuffer.wrap(new byte[] {(byte) first}));
        in.keep(ByteBuffer.wrap(new byte[] {(byte) (tls ? 0 : 22)}));
        in.release();
        in.keep(ByteBuffer.wrap(new byte[] {(byte) (tls ? 0 : 22)}));

        assertThat(in.beginsAsTls()).isEqualTo(tls);
    }

    @Test
    void shouldFillOnlyTheRoomThatThereIs() throws Exception {
        byte[] all = pattern(5 * BUFFER_BYTES);
        ByteBuffer source = ByteBuffer.wrap(all);
        Records engine = new Records(1000, 1000);
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        int fills = 0;
        while (source.hasRemaining()) {
            int before = source.position();
            in.fill(source);
            fills++;
            assertThat(source.position() - before).isBetween(1, BUFFER_BYTES);
            ByteBuffer plain = ByteBuffer.allocate(BUFFER_BYTES);
            while (!in.isEmpty() && in.unwrap(engine, plain).getStatus() == Status.OK) {
                // all that is there
            }
            got.write(plain.array(), 0, plain.position());
        }

        assertThat(fills).isEqualTo(6);
        assertThat(got.toByteArray()).isEqualTo(Arrays.copyOf(all, got.size()));
        assertThat(all.length - got.size()).isBetween(0, 999);
    }

    @Test
    void shouldKeepAllThatComesWhileNothingMayBeUnwrapped() throws Exception {
        byte[] all = pattern(3 * BUFFER_BYTES);
        int half = all.length / 2;
        in.keep(ByteBuffer.wrap(all, 0, half));
        in.keep(ByteBuffer.wrap(all, half, all.length - half));
        Records engine = new Records(BUFFER_BYTES, BUFFER_BYTES);
        ByteBuffer plain = ByteBuffer.allocate(all.length);
        for (int i = 0; i < 3; i++) {
            assertThat(in.isEmpty()).isFalse();
            assertThat(in.unwrap(engine, plain).getStatus()).isEqualTo(Status.OK);
        }

        assertThat(plain.array()).isEqualTo(all);
        assertThat(in.isEmpty()).isTrue();
        assertThat(pool.take()).as("only its own go back to the pool").isSameAs(pooled);
        assertThat(pool.take().capacity()).isEqualTo(BUFFER_BYTES);
    }

    @Test
    void shouldHoldNothingWhileNothingWaits() throws Exception {
        in.keep(ByteBuffer.wrap(pattern(100)));
        assertThat(pool.take()).as("in use").isNotSameAs(pooled);

        in.unwrap(new Records(100, 100), ByteBuffer.allocate(100));

        assertThat(in.isEmpty()).isTrue();
        assertThat(pool.take()).as("given back").isSameAs(pooled);
    }

    @Test
    void shouldGiveBackWhatItForgets() {
        in.keep(ByteBuffer.wrap(pattern(100)));
        in.release();

        assertThat(in.isEmpty()).isTrue();
        assertThat(pool.take()).isSameAs(pooled);
    }

    @Test
    void shouldGrowForTheRecordsOfAnEngineThatHasLongerOnes() throws Exception {
        int longRecord = BUFFER_BYTES + 5000;
        byte[] record = pattern(longRecord);
        ByteBuffer source = ByteBuffer.wrap(record);
        Records engine = new Records(longRecord, longRecord);
        ByteBuffer plain = ByteBuffer.allocate(longRecord);
        in.fill(source);
        assertThat(in.unwrap(engine, plain).getStatus()).isEqualTo(Status.BUFFER_UNDERFLOW);
        in.fill(source);

        assertThat(source.hasRemaining()).isFalse();
        assertThat(in.unwrap(engine, plain).getStatus()).isEqualTo(Status.OK);
        assertThat(plain.array()).isEqualTo(record);
    }

    @Test
    void shouldRefuseARecordThatIsLongerThanTheEngineSays() throws Exception {
        in.fill(ByteBuffer.wrap(pattern(BUFFER_BYTES)));
        Records engine = new Records(Integer.MAX_VALUE, BUFFER_BYTES);

        assertThatThrownBy(() -> in.unwrap(engine, ByteBuffer.allocate(1)))
                .isInstanceOf(SSLException.class)
                .hasMessage(
                        "a record is longer than " + BUFFER_BYTES + " bytes, the most that the engine says it takes");
    }

    @Test
    void shouldWaitForTheRestWhileThereIsRoom() throws Exception {
        in.fill(ByteBuffer.wrap(pattern(BUFFER_BYTES - 1)));
        Records engine = new Records(BUFFER_BYTES, 1000);
        ByteBuffer plain = ByteBuffer.allocate(BUFFER_BYTES);

        assertThat(in.unwrap(engine, plain).getStatus()).isEqualTo(Status.BUFFER_UNDERFLOW);
        in.fill(ByteBuffer.wrap(pattern(1)));
        assertThat(in.unwrap(engine, plain).getStatus()).isEqualTo(Status.OK);
    }
}
