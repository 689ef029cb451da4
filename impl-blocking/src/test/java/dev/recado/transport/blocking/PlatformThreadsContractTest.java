package dev.recado.transport.blocking;

import dev.recado.spi.Transport;
import dev.recado.testkit.TransportContract;

/** With platform threads, also where the JVM has virtual ones. */
class PlatformThreadsContractTest extends TransportContract {

    @Override
    protected Transport createTransport() {
        return BlockingTransport.builder().threads(Thread::new).build();
    }
}
