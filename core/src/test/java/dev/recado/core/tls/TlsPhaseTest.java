package dev.recado.core.tls;

import static dev.recado.core.tls.TlsPhase.CLOSED;
import static dev.recado.core.tls.TlsPhase.CLOSING;
import static dev.recado.core.tls.TlsPhase.COMPUTING;
import static dev.recado.core.tls.TlsPhase.CONNECTING;
import static dev.recado.core.tls.TlsPhase.Event.CLOSE;
import static dev.recado.core.tls.TlsPhase.Event.CONNECTED;
import static dev.recado.core.tls.TlsPhase.Event.ENDED;
import static dev.recado.core.tls.TlsPhase.Event.OPENED;
import static dev.recado.core.tls.TlsPhase.Event.SECURED;
import static dev.recado.core.tls.TlsPhase.Event.TASK;
import static dev.recado.core.tls.TlsPhase.Event.TASK_DONE;
import static dev.recado.core.tls.TlsPhase.NEGOTIATING;
import static dev.recado.core.tls.TlsPhase.OPEN;
import static dev.recado.core.tls.TlsPhase.OPENING;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TlsPhaseTest {

    /** What is not here changes nothing. */
    private static final Map<TlsPhase, Map<TlsPhase.Event, TlsPhase>> TRANSITIONS = Map.of(
            CONNECTING, Map.of(CONNECTED, NEGOTIATING, CLOSE, CLOSING, ENDED, CLOSED),
            NEGOTIATING, Map.of(TASK, COMPUTING, SECURED, OPENING, CLOSE, CLOSING, ENDED, CLOSED),
            COMPUTING, Map.of(TASK_DONE, NEGOTIATING, CLOSE, CLOSING, ENDED, CLOSED),
            OPENING, Map.of(OPENED, OPEN, CLOSE, CLOSING, ENDED, CLOSED),
            OPEN, Map.of(CLOSE, CLOSING, ENDED, CLOSED),
            CLOSING, Map.of(ENDED, CLOSED),
            CLOSED, Map.of());

    @Test
    void shouldMakeExactlyTheseTransitions() {
        for (TlsPhase phase : TlsPhase.values()) {
            for (TlsPhase.Event event : TlsPhase.Event.values()) {
                assertThat(phase.after(event))
                        .as("%s after %s", phase, event)
                        .isEqualTo(TRANSITIONS.get(phase).getOrDefault(event, phase));
            }
        }
    }

    @Test
    void shouldSayWhenBytesOfTheUserMayFlow() {
        assertThat(EnumSet.allOf(TlsPhase.class)).filteredOn(TlsPhase::isSecure).containsExactly(OPENING, OPEN);
        assertThat(EnumSet.allOf(TlsPhase.class)).filteredOn(TlsPhase::isOver).containsExactly(CLOSING, CLOSED);
    }
}
