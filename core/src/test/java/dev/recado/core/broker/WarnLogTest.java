package dev.recado.core.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.core.time.ManualTimers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarnLogTest {

    private final ManualTimers timers = new ManualTimers();
    private final List<String> lines = new ArrayList<>();
    private final WarnLog warnings = new WarnLog(lines::add, timers);

    @Test
    void shouldSayOneOfAKindASecondAndCountTheOthers() {
        warnings.warn(WarnLog.Kind.REFUSED, () -> "a");
        warnings.warn(WarnLog.Kind.REFUSED, () -> "b");
        warnings.warn(WarnLog.Kind.REFUSED, 5, () -> "c");
        timers.advance(Duration.ofMillis(999));
        warnings.warn(WarnLog.Kind.REFUSED, () -> "d");
        timers.advance(Duration.ofMillis(1));
        warnings.warn(WarnLog.Kind.REFUSED, 2, () -> "e");
        timers.advance(Duration.ofDays(400));
        warnings.warn(WarnLog.Kind.REFUSED, () -> "f");
        assertThat(lines).containsExactly("a", "e (and 8 more like this)", "f");
    }

    @Test
    void shouldNotLetOneKindHideAnother() {
        for (WarnLog.Kind kind : WarnLog.Kind.values()) {
            warnings.warn(kind, kind::name);
        }
        assertThat(lines).containsExactly("REFUSED", "DROPPED", "HISTORY_DROPPED", "FAILED");
    }
}
