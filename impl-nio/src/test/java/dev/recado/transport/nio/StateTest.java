package dev.recado.transport.nio;

import static dev.recado.transport.nio.State.CLOSED;
import static dev.recado.transport.nio.State.CONNECTING;
import static dev.recado.transport.nio.State.DISCARDING;
import static dev.recado.transport.nio.State.FINISHING;
import static dev.recado.transport.nio.State.FLUSHING;
import static dev.recado.transport.nio.State.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.transport.nio.State.Event;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StateTest {

    /** Everything else leaves the state as it is. */
    private static final Map<State, Map<Event, State>> TRANSITIONS = Map.of(
            CONNECTING, Map.of(Event.CONNECTED, OPEN),
            OPEN, Map.of(Event.CLOSE, FLUSHING, Event.PEER_ENDED, FINISHING),
            FLUSHING, Map.of(Event.FLUSHED, DISCARDING, Event.PEER_ENDED, FINISHING),
            DISCARDING, Map.of(Event.PEER_ENDED, CLOSED),
            FINISHING, Map.of(Event.FLUSHED, CLOSED),
            CLOSED, Map.of());

    @Test
    void shouldMoveOnlyAsItsTableSays() {
        for (State state : State.values()) {
            for (Event event : Event.values()) {
                State expected =
                        event == Event.ENDED ? CLOSED : TRANSITIONS.get(state).getOrDefault(event, state);
                assertThat(state.after(event)).as("%s after %s", state, event).isEqualTo(expected);
            }
        }
    }
}
