package dev.recado.core.client;

import dev.recado.ReasonCode;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;

/** Why the broker said no, as far as it told. */
final class ReasonText {

    private ReasonText() {}

    /** The code, and what the packet's Reason String adds to it. */
    static String of(ReasonCode code, Properties properties) {
        String text = properties.text(Property.REASON_STRING);
        return text == null ? code.toString() : code + ", '" + OneLine.of(text) + "'";
    }
}
