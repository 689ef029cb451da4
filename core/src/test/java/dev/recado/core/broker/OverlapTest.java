package dev.recado.core.broker;

import static dev.recado.QoS.AT_LEAST_ONCE;
import static dev.recado.QoS.AT_MOST_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.core.broker.Overlap.Place;
import org.junit.jupiter.api.Test;

class OverlapTest {

    private static final byte[] A = {'a'};
    private static final byte[] B = {'b'};

    private final Overlap overlap = new Overlap();

    private Place placeOf(byte[] topic, long sequence, boolean isOrdered) {
        return overlap.placeOf(stored(topic, sequence), AT_LEAST_ONCE, isOrdered);
    }

    private static StoredMessage stored(byte[] topic, long sequence) {
        return new StoredMessage(
                topic, AT_LEAST_ONCE, true, new byte[0], 0, false, 0, new StoredMessage.Stamp(sequence, 1));
    }

    @Test
    void shouldPutNothingBeforeAnOlderMessageThatWaitsWhateverItsTopic() {
        overlap.waits(A, 5, AT_LEAST_ONCE);
        assertThat(placeOf(B, 4, true)).isEqualTo(Place.HERE);
        assertThat(placeOf(A, 5, true)).isEqualTo(Place.NOWHERE);
        assertThat(placeOf(B, 6, true)).isEqualTo(Place.BEHIND_LIVE);
        assertThat(placeOf(A, 7, true)).isEqualTo(Place.BEHIND_LIVE);
    }

    @Test
    void shouldKeepOnlyTheOrderOfEachTopicWhereTheReplayHasNone() {
        overlap.waits(A, 5, AT_LEAST_ONCE);
        overlap.waits(A, 8, AT_LEAST_ONCE);
        assertThat(placeOf(B, 6, false)).isEqualTo(Place.HERE);
        assertThat(placeOf(A, 4, false)).isEqualTo(Place.HERE);
        assertThat(placeOf(A, 5, false)).isEqualTo(Place.NOWHERE);
        assertThat(placeOf(A, 6, false)).isEqualTo(Place.BEHIND_LIVE);
        assertThat(placeOf(A, 8, false)).isEqualTo(Place.NOWHERE);
    }

    @Test
    void shouldSendFromTheStoreWhatWaitsWithALowerQoS() {
        overlap.waits(A, 5, AT_MOST_ONCE);
        assertThat(placeOf(A, 5, true)).isEqualTo(Place.BEHIND_LIVE);
    }

    @Test
    void shouldKnowWhichLiveMessagesHaveBeenSentFromTheStore() {
        overlap.sent(stored(A, 5), AT_MOST_ONCE);
        assertThat(overlap.covers(5, AT_MOST_ONCE)).isTrue();
        assertThat(overlap.covers(5, AT_LEAST_ONCE)).as("with a higher QoS").isFalse();
        assertThat(overlap.covers(6, AT_MOST_ONCE)).isFalse();
        assertThat(overlap.covers(0, AT_MOST_ONCE)).as("not stored").isFalse();
    }
}
