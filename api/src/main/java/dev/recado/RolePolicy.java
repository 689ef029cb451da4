package dev.recado;

/**
 * What a broker demands of clients that state no {@link Role}. Those that state one are always held to it.
 *
 * @since 0.1.0
 */
public enum RolePolicy {
    /** They may publish and subscribe, as in plain MQTT. */
    STATED,
    /**
     * The first PUBLISH or SUBSCRIBE decides for as long as the session lasts; the other is then refused with reason code
     * 0x87. Stricter than MQTT, which knows no roles.
     */
    EXCLUSIVE
}
