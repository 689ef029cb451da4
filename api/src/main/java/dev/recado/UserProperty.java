package dev.recado;

import java.util.Objects;

/**
 * A name and a value that travel with a message, unchanged and in order; the same name may occur more than once (MQTT 5,
 * section 3.3.2.3.7).
 *
 * @param name any text of at most 65,535 bytes in UTF-8
 * @param value likewise
 * @since 0.1.0
 */
public record UserProperty(String name, String value) {
    /** Refuses {@code null}. */
    public UserProperty {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
    }
}
