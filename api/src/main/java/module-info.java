/** The API of Recado, and the SPI for its transports. */
module dev.recado {
    requires transitive org.slf4j;

    exports dev.recado;
    exports dev.recado.auth;
    exports dev.recado.spi;

    uses dev.recado.spi.Engine;
}
