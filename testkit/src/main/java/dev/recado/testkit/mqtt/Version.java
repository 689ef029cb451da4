package dev.recado.testkit.mqtt;

/** A version of MQTT. */
enum Version {
    V311(4, "MQTT 3.1.1"),
    V5(5, "MQTT 5");

    /** What CONNECT says. */
    final int level;

    private final String title;

    Version(int level, String title) {
        this.level = level;
        this.title = title;
    }

    boolean hasProperties() {
        return this == V5;
    }

    @Override
    public String toString() {
        return title;
    }
}
