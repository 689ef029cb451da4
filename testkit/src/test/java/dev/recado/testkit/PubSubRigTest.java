package dev.recado.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.recado.spi.ConnectOptions;
import dev.recado.spi.ConnectionHandler;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Transport;
import dev.recado.testkit.internal.Timeouts;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class PubSubRigTest {

    private static final Timeouts TIMEOUTS =
            new Timeouts(Duration.ofSeconds(1), Duration.ofMillis(50), Duration.ofSeconds(50));

    /** Uses both transports as a broker and its client do. */
    private static PubSubRig used(Supplier<Transport> transports) throws Exception {
        PubSubContract contract = new PubSubContract() {
            @Override
            protected Transport createTransport() {
                return transports.get();
            }
        };
        PubSubRig rig = new PubSubRig(contract, TIMEOUTS, "test");
        CountDownLatch opened = new CountDownLatch(2);
        Listener listener = rig.client()
                .listen(URI.create("mqtt://127.0.0.1:0"), ListenOptions.defaults(), connection -> new Opening(opened));
        rig.client().connect(listener.endpoint(), ConnectOptions.defaults(), connection -> new Opening(opened));
        opened.await();
        return rig;
    }

    private record Opening(CountDownLatch latch) implements ConnectionHandler {

        @Override
        public void opened() {
            latch.countDown();
        }

        @Override
        public void received(ByteBuffer bytes) {}

        @Override
        public void drained() {}

        @Override
        public void closed(Throwable cause) {}
    }

    @Test
    void shouldFailTheTestAfterWhichASocketIsLeftOpen() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "this system does not show a program's open files");
        PubSubRig rig = used(WrongTransport.LEAVES_SOCKETS_OPEN.factory);

        assertThatThrownBy(rig::close)
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("C1: no socket may be left open, but there are");
    }

    @Test
    void shouldFindNothingAfterATransportThatClosesItsSockets() throws Exception {
        used(ReferenceTransport::new).close();
    }
}
