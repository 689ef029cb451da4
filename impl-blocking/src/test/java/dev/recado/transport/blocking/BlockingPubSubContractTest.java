package dev.recado.transport.blocking;

import dev.recado.spi.Transport;
import dev.recado.testkit.PubSubContract;

/** The transport as it comes: virtual threads where the JVM has them. */
class BlockingPubSubContractTest extends PubSubContract {

    @Override
    protected Transport createTransport() {
        return BlockingTransport.builder().build();
    }
}
