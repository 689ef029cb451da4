package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.core.client.DeliveryState.Event;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeliveryStateTest {

    /** The arrows of the type's Javadoc; whatever is not here changes nothing. */
    private static final Map<DeliveryState, Map<Event, DeliveryState>> ARROWS = Map.of(
            DeliveryState.UNSENT, Map.of(Event.PUBLISHED, DeliveryState.SENT),
            DeliveryState.SENT,
                    Map.of(Event.RECEIVED, DeliveryState.RELEASED, Event.SESSION_LOST, DeliveryState.UNSENT),
            DeliveryState.RELEASED, Map.of());

    @Test
    void shouldFollowItsArrowsAndNothingElse() {
        for (DeliveryState state : DeliveryState.values()) {
            for (Event event : Event.values()) {
                assertThat(state.after(event))
                        .as("%s after %s", state, event)
                        .isEqualTo(ARROWS.get(state).getOrDefault(event, state));
            }
        }
        for (Received.State state : Received.State.values()) {
            for (Received.State.Event event : Received.State.Event.values()) {
                boolean arrow = state.ordinal() == event.ordinal();
                assertThat(state.after(event))
                        .as("%s after %s", state, event)
                        .isEqualTo(arrow ? Received.State.values()[state.ordinal() + 1] : state);
            }
        }
    }
}
