package dev.recado.transport.nio;

import dev.recado.spi.Transport;
import dev.recado.testkit.TlsConformance;

class NioTlsTest extends TlsConformance {

    @Override
    protected Transport createTransport() {
        return NioTransport.builder().build();
    }
}
