package dev.recado.testkit;

import dev.recado.spi.Transport;

/** The contract can be kept, by a transport of modest length. */
class ReferenceTransportTest extends TransportContract {

    @Override
    protected Transport createTransport() {
        return new ReferenceTransport();
    }
}
