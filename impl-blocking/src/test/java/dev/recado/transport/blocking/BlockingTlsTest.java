package dev.recado.transport.blocking;

import dev.recado.spi.Transport;
import dev.recado.testkit.TlsConformance;

class BlockingTlsTest extends TlsConformance {

    @Override
    protected Transport createTransport() {
        return BlockingTransport.builder().build();
    }
}
