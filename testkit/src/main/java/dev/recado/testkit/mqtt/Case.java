package dev.recado.testkit.mqtt;

import java.util.function.Consumer;

/**
 * A row of a table: a correct packet of this type is changed, and sent when it is due.
 *
 * @param name for reports and lists of deviations, such as {@code CONTENT_TYPE in SUBSCRIBE}
 * @param codes those that MQTT 5 demands when the broker refuses it
 */
record Case(String name, PacketType type, Consumer<Outgoing<?>> change, int... codes) {

    @Override
    public String toString() {
        return name;
    }
}
