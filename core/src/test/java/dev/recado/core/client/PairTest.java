package dev.recado.core.client;

import static dev.recado.ConnectionState.CLOSED;
import static dev.recado.ConnectionState.CONNECTED;
import static dev.recado.ConnectionState.CONNECTING;
import static dev.recado.ConnectionState.RECONNECTING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.ConnectionState;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairTest {

    @Test
    void shouldBeInTheStateThatIsFurtherFromBeingConnected() {
        List<ConnectionState> fromBestToWorst = List.of(CONNECTED, RECONNECTING, CONNECTING, CLOSED);
        assertThat(fromBestToWorst).containsExactlyInAnyOrder(ConnectionState.values());
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                assertThat(Pair.merged(fromBestToWorst.get(i), fromBestToWorst.get(j)))
                        .isEqualTo(fromBestToWorst.get(Math.max(i, j)));
            }
        }
    }
}
