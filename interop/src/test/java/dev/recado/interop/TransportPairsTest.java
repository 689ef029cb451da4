package dev.recado.interop;

import dev.recado.spi.Transport;
import dev.recado.testkit.TransportConformance;
import dev.recado.transport.blocking.BlockingTransport;
import dev.recado.transport.nio.NioTransport;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The transports understand each other, byte by byte and message by message. Each by itself is tested where it lives. */
@ResourceLock(value = ChildProcesses.LOCK, mode = ResourceAccessMode.READ_WRITE)
class TransportPairsTest {

    @Nested
    class NioServerWithBlockingClients extends TransportConformance {
        @Override
        protected Transport createTransport() {
            return NioTransport.builder().build();
        }

        @Override
        protected Transport createClientTransport() {
            return BlockingTransport.builder().build();
        }
    }

    @Nested
    class BlockingServerWithNioClients extends TransportConformance {
        @Override
        protected Transport createTransport() {
            return BlockingTransport.builder().build();
        }

        @Override
        protected Transport createClientTransport() {
            return NioTransport.builder().build();
        }
    }
}
