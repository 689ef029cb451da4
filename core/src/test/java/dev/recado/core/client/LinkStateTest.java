package dev.recado.core.client;

import static dev.recado.core.client.LinkState.CLOSED;
import static dev.recado.core.client.LinkState.CONNECTED;
import static dev.recado.core.client.LinkState.Event.ENDED;
import static dev.recado.core.client.LinkState.Event.LOST;
import static dev.recado.core.client.LinkState.Event.PAUSE_OVER;
import static dev.recado.core.client.LinkState.Event.READY;
import static dev.recado.core.client.LinkState.OPENING;
import static dev.recado.core.client.LinkState.PAUSING;
import static dev.recado.core.client.LinkState.RETRYING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.ConnectionState;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LinkStateTest {

    private static final Map<LinkState, Map<LinkState.Event, LinkState>> TRANSITIONS = Map.of(
            OPENING, Map.of(READY, CONNECTED, LOST, CLOSED, PAUSE_OVER, OPENING, ENDED, CLOSED),
            CONNECTED, Map.of(READY, CONNECTED, LOST, PAUSING, PAUSE_OVER, CONNECTED, ENDED, CLOSED),
            PAUSING, Map.of(READY, PAUSING, LOST, PAUSING, PAUSE_OVER, RETRYING, ENDED, CLOSED),
            RETRYING, Map.of(READY, CONNECTED, LOST, PAUSING, PAUSE_OVER, RETRYING, ENDED, CLOSED),
            CLOSED, Map.of(READY, CLOSED, LOST, CLOSED, PAUSE_OVER, CLOSED, ENDED, CLOSED));

    @Test
    void shouldMakeExactlyTheseTransitions() {
        for (LinkState state : LinkState.values()) {
            for (LinkState.Event event : LinkState.Event.values()) {
                assertThat(state.after(event))
                        .as("%s after %s", state, event)
                        .isEqualTo(TRANSITIONS.get(state).get(event));
            }
        }
    }

    @Test
    void shouldShowPausingAndRetryingAsReconnecting() {
        assertThat(OPENING.shown()).isEqualTo(ConnectionState.CONNECTING);
        assertThat(CONNECTED.shown()).isEqualTo(ConnectionState.CONNECTED);
        assertThat(PAUSING.shown()).isEqualTo(ConnectionState.RECONNECTING);
        assertThat(RETRYING.shown()).isEqualTo(ConnectionState.RECONNECTING);
        assertThat(CLOSED.shown()).isEqualTo(ConnectionState.CLOSED);
    }
}
