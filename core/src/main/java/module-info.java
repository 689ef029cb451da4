/** The broker and client engines, the MQTT codec and the in-memory transport. */
module dev.recado.core {
    requires dev.recado;
    requires org.slf4j;
}
