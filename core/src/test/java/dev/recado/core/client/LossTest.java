package dev.recado.core.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.ConnectionFailedException;
import dev.recado.ReasonCode;
import dev.recado.RefusedException;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LossTest {

    /** What is about the broker's own state or the moment; all else would be refused again. */
    private static final Set<ReasonCode> PASSING = EnumSet.of(
            ReasonCode.SUCCESS,
            ReasonCode.UNSPECIFIED_ERROR,
            ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR,
            ReasonCode.SERVER_UNAVAILABLE,
            ReasonCode.SERVER_BUSY,
            ReasonCode.SERVER_SHUTTING_DOWN,
            ReasonCode.KEEP_ALIVE_TIMEOUT,
            ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
            ReasonCode.MESSAGE_RATE_TOO_HIGH,
            ReasonCode.QUOTA_EXCEEDED,
            ReasonCode.CONNECTION_RATE_EXCEEDED,
            ReasonCode.MAXIMUM_CONNECT_TIME);

    @ParameterizedTest
    @EnumSource(ReasonCode.class)
    void shouldTryAgainOnlyWhereThatMayHelp(ReasonCode code) {
        boolean passing = PASSING.contains(code);
        Loss disconnected = Loss.disconnected("ended", code);
        assertThat(disconnected.forGood()).isEqualTo(!passing);
        assertThat(disconnected.reason())
                .isInstanceOf(passing ? ConnectionFailedException.class : RefusedException.class);
        assertThat(disconnected.reason().reasonCode()).contains(code);
        Loss refused = Loss.refused("refused", code);
        assertThat(refused.forGood()).isEqualTo(!passing);
        assertThat(refused.reason()).isInstanceOf(RefusedException.class);
    }
}
