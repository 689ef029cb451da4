package dev.recado.samples.worldtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.OffsetDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProtocolTest {

    private static final ZoneTime MIDNIGHT =
            new ZoneTime("Europe/London", OffsetDateTime.parse("2026-11-21T00:00:00Z"), false);

    @Test
    void shouldWriteEveryFieldInTheSameWayAtAnyHour() {
        assertThat(Protocol.answer(MIDNIGHT))
                .isEqualTo("{\"zone\":\"Europe/London\",\"datetime\":\"2026-11-21T00:00:00.000+00:00\","
                        + "\"date\":\"2026-11-21\",\"time\":\"00:00:00\",\"offset\":\"+00:00\","
                        + "\"daylight_saving\":false}");
    }

    @Test
    void shouldReadWhatItWrote() {
        assertThat(Protocol.readAnswer(Protocol.answer(MIDNIGHT))).isEqualTo(MIDNIGHT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"zone\":\"UTC\",\"datetime\":\"noon\",\"daylight_saving\":false}",
                "{\"zone\":\"UTC\\u001b[2J\",\"datetime\":\"2026-11-21T00:00Z\",\"daylight_saving\":false}",
                "{\"zone\":\"UTC\",\"datetime\":\"2026-11-21T00:00Z\"}",
                "{\"zone\":\"UTC\",\"datetime\":\"2026-11-21T00:00Z\",\"daylight_saving\":0}"
            })
    void shouldTakeNoAnswerThatIsNone(String json) {
        assertThatThrownBy(() -> Protocol.readAnswer(json)).isInstanceOf(IllegalArgumentException.class);
    }
}
