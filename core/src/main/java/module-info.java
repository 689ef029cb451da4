/** The broker and client engines, the codec and the in-memory transport. Exports nothing: users see the API only. */
module dev.recado.core {
    requires dev.recado;
    requires org.slf4j;

    uses dev.recado.spi.TransportProvider;

    provides dev.recado.spi.Engine with
            dev.recado.core.RecadoEngine;
}
