package dev.recado.transport.blocking;

import dev.recado.spi.Transport;
import dev.recado.testkit.TransportContract;

/** The transport as it comes: virtual threads where the JVM has them. */
class BlockingTransportContractTest extends TransportContract {

    @Override
    protected Transport createTransport() {
        return BlockingTransport.builder().build();
    }
}
