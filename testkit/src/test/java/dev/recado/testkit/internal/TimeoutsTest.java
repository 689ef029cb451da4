package dev.recado.testkit.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class TimeoutsTest {

    /** Written out, not taken from the constants: these are the names that the documentation gives. */
    @Test
    void shouldReadTheDocumentedNames() {
        Timeouts timeouts = Timeouts.from(settings(Map.of(
                "recado.testkit.arrivalTimeoutMillis", "1234",
                "recado.testkit.silenceMillis", "56",
                "recado.testkit.testTimeoutMillis", "7890")));

        assertThat(timeouts)
                .isEqualTo(new Timeouts(Duration.ofMillis(1234), Duration.ofMillis(56), Duration.ofMillis(7890)));
    }

    @Test
    void shouldHaveTheDocumentedDefaults() {
        assertThat(Timeouts.from(settings(Map.of())))
                .isEqualTo(new Timeouts(Duration.ofMillis(10_000), Duration.ofMillis(150), Duration.ofMillis(50_000)));
    }

    @Test
    void shouldRefuseWhatIsNoPositiveNumberNamingTheValue() {
        for (String wrong : new String[] {"soon", "0", "-5", ""}) {
            assertThatThrownBy(() -> Timeouts.from(settings(Map.of("recado.testkit.silenceMillis", wrong))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("recado.testkit.silenceMillis must be a positive number of milliseconds, but is '"
                            + wrong + "'");
        }
    }

    private static Function<String, Optional<String>> settings(Map<String, String> settings) {
        return name -> Optional.ofNullable(settings.get(name));
    }
}
