package dev.recado.transport.nio;

import dev.recado.spi.Transport;
import dev.recado.testkit.TransportContract;

class NioTransportContractTest extends TransportContract {

    @Override
    protected Transport createTransport() {
        return NioTransport.builder().build();
    }
}
