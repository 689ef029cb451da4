/** The NIO transport: a few event loops, any number of connections. */
module dev.recado.transport.nio {
    requires transitive dev.recado;
    requires org.slf4j;

    exports dev.recado.transport.nio;

    provides dev.recado.spi.TransportProvider with
            dev.recado.transport.nio.NioTransportProvider;
}
