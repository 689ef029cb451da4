package dev.recado.samples.worldtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.recado.samples.worldtime.TimeService.Mood;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpTimeSourceTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final String ZONE = "America/Sao_Paulo";

    private TimeService service;

    @BeforeEach
    void startService() throws IOException {
        service = new TimeService();
    }

    @AfterEach
    void stopService() {
        service.close();
    }

    @Test
    void shouldTellWhatTheServiceSays() {
        HttpTimeSource source = new HttpTimeSource(service.url(), LONG);

        ZoneTime time = now(source);

        assertThat(source.zones()).isEqualTo(TimeService.ZONES);
        assertThat(time.zone()).isEqualTo(ZONE);
        assertThat(time.dateTime()).isCloseTo(OffsetDateTime.now(), within(1, ChronoUnit.MINUTES));
        assertThat(time.dateTime().getOffset()).hasToString("-03:00");
        assertThat(time.daylightSaving()).isFalse();
    }

    @Test
    void shouldTakeAnUrlWithASlashAtItsEnd() {
        assertThat(now(new HttpTimeSource(URI.create(service.url() + "/"), LONG))
                        .zone())
                .isEqualTo(ZONE);
    }

    @ParameterizedTest
    @CsvSource({
        "FAILING, status 500",
        "RUBBISH, no JSON",
        "ANOTHER_JSON, should be a text",
        "ENDLESS, more than 262144 bytes"
    })
    void shouldSayWhatIsWrongWithAnAnswer(Mood mood, String what) {
        service.mood(mood);

        assertThatThrownBy(() -> now(new HttpTimeSource(service.url(), LONG)))
                .isInstanceOf(TimeSourceException.class)
                .hasMessageContainingAll(service.url() + "/" + ZONE, "gives no answer that can be used", what);
    }

    @ParameterizedTest
    @EnumSource(names = {"HANGING", "HANGING_IN_THE_BODY"})
    void shouldNotWaitForLongerThanItsLimit(Mood mood) {
        service.mood(mood);

        assertThatThrownBy(() -> now(new HttpTimeSource(service.url(), SHORT)))
                .isInstanceOf(TimeSourceException.class)
                .hasMessageContainingAll(service.url().toString(), "does not answer within 300 ms");
    }

    @Test
    void shouldRecoverWithTheService() {
        HttpTimeSource source = new HttpTimeSource(service.url(), LONG);
        service.mood(Mood.FAILING);
        assertThatThrownBy(() -> now(source)).isInstanceOf(TimeSourceException.class);

        service.mood(Mood.WELL);

        assertThat(now(source).zone()).isEqualTo(ZONE);
    }

    @Test
    void shouldSayThatNobodyIsThere() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }

        assertThatThrownBy(() -> new HttpTimeSource(URI.create("http://127.0.0.1:" + port), LONG).zones())
                .isInstanceOf(TimeSourceException.class)
                .hasMessageContainingAll("http://127.0.0.1:" + port, "cannot be reached");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"[]", "{}", "[1]", "[\"\"]", "[\"../etc\"]", "[\"a b\"]", "[\"a\\u001b[2J\"]", "", "[\"UTC\"] x"
            })
    void shouldTakeNoListThatIsNone(String list) {
        service.list(list);

        assertThatThrownBy(() -> new HttpTimeSource(service.url(), LONG).zones())
                .isInstanceOf(TimeSourceException.class)
                .hasMessageContaining("gives no answer that can be used");
    }

    @ParameterizedTest
    @ValueSource(strings = {"worldtimeapi.org", "ftp://worldtimeapi.org", "http:/x"})
    void shouldTakeNoUrlThatIsNone(String url) {
        assertThatThrownBy(() -> new HttpTimeSource(URI.create(url), LONG))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + url + "'");
    }

    private static ZoneTime now(HttpTimeSource source) {
        try {
            return source.now(ZONE).toCompletableFuture().join();
        } catch (CompletionException e) {
            throw (RuntimeException) e.getCause();
        }
    }
}
