package dev.recado.transport.nio;

import dev.recado.spi.Transport;
import dev.recado.testkit.PubSubContract;

class NioPubSubContractTest extends PubSubContract {

    @Override
    protected Transport createTransport() {
        return NioTransport.builder().build();
    }
}
