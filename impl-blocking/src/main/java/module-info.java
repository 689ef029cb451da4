/** The blocking transport: one reader and one writer thread a connection. */
module dev.recado.transport.blocking {
    requires transitive dev.recado;
    requires org.slf4j;

    exports dev.recado.transport.blocking;

    provides dev.recado.spi.TransportProvider with
            dev.recado.transport.blocking.BlockingTransportProvider;
}
