package dev.recado.core.codec;

/** The versions of MQTT that this codec speaks. MQTT 3.1 differs from 3.1.1 in nothing but its name and level. */
public enum ProtocolVersion {
    /** The version before the standard: protocol name {@code MQIsdp}. */
    MQTT_3_1("MQIsdp", 3, "MQTT 3.1"),
    /** OASIS standard of 2014. */
    MQTT_3_1_1("MQTT", 4, "MQTT 3.1.1"),
    /** OASIS standard of 2019. */
    MQTT_5("MQTT", 5, "MQTT 5");

    private final String protocolName;
    private final int level;
    private final String display;

    ProtocolVersion(String protocolName, int level, String display) {
        this.protocolName = protocolName;
        this.level = level;
        this.display = display;
    }

    /**
     * The Protocol Name of CONNECT (MQTT-3.1.2-1).
     *
     * @return {@code MQTT} or {@code MQIsdp}
     */
    public String protocolName() {
        return protocolName;
    }

    /**
     * The Protocol Version of CONNECT (MQTT-3.1.2-2).
     *
     * @return 3, 4 or 5
     */
    public int level() {
        return level;
    }

    /**
     * Whether packets have properties, and acknowledgements reason codes.
     *
     * @return {@code true} for MQTT 5
     */
    public boolean hasProperties() {
        return this == MQTT_5;
    }

    /**
     * The version as people write it.
     *
     * @return such as {@code MQTT 3.1.1}
     */
    @Override
    public String toString() {
        return display;
    }
}
