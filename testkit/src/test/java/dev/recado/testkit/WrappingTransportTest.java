package dev.recado.testkit;

import dev.recado.spi.Transport;

/** Wrapping alone breaks nothing: what the wrong transports do wrong is their own. */
class WrappingTransportTest extends TransportContract {

    @Override
    protected Transport createTransport() {
        return new WrappingTransport();
    }
}
