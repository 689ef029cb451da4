package dev.recado.bench.run;

/** What is measured, in which unit, and which way is better. */
public enum Metric {
    MESSAGES("messages/s", true),
    P50("p50, µs", false),
    P99("p99, µs", false),
    P999("p99.9, µs", false),
    CONNECTS("connections/s", true),
    REFUSED("refused", false),
    LIVE_HEAP("live heap, B/connection", false),
    RESIDENT("resident, B/connection", false),
    FIRST_MESSAGE("first message, ms", false),
    ALLOCATED("allocated, B/message", false),
    CHANGES("subscription changes/s", true);

    private final String title;
    private final boolean moreIsBetter;

    Metric(String title, boolean moreIsBetter) {
        this.title = title;
        this.moreIsBetter = moreIsBetter;
    }

    public String title() {
        return title;
    }

    public boolean moreIsBetter() {
        return moreIsBetter;
    }
}
