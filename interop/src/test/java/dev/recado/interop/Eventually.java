package dev.recado.interop;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** Waits for what must happen. */
final class Eventually {

    private Eventually() {}

    /** Blames nobody for what threads of tests that run in parallel throw. */
    static ConditionFactory within20Seconds() {
        return Awaitility.await().dontCatchUncaughtExceptions().atMost(Duration.ofSeconds(20));
    }
}
