package dev.recado.core.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.recado.UserProperty;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PropertiesTest {

    private final Properties.Builder builder = Properties.builder();

    @Test
    void shouldGiveBackWhatWasSet() {
        Properties properties = builder.set(Property.SESSION_EXPIRY_INTERVAL, 0xFFFF_FFFFL)
                .set(Property.AUTHENTICATION_METHOD, "m")
                .set(Property.AUTHENTICATION_DATA, ByteBuffer.wrap(new byte[] {9, 1, 2, 9}, 1, 2))
                .subscriptionIdentifier(5)
                .subscriptionIdentifier(5)
                .userProperty("a", "1")
                .userProperty("a", "2")
                .build();

        assertThat(properties.isEmpty()).isFalse();
        assertThat(properties.number(Property.SESSION_EXPIRY_INTERVAL, -1)).isEqualTo(0xFFFF_FFFFL);
        assertThat(properties.text(Property.AUTHENTICATION_METHOD)).isEqualTo("m");
        assertThat(properties.bytes(Property.AUTHENTICATION_DATA)).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
        assertThat(properties.subscriptionIdentifiers()).containsExactly(5, 5);
        assertThat(properties.userProperties()).containsExactly(new UserProperty("a", "1"), new UserProperty("a", "2"));
        assertThat(properties.has(Property.SESSION_EXPIRY_INTERVAL)).isTrue();
        assertThat(properties.has(Property.SUBSCRIPTION_IDENTIFIER)).isTrue();
        assertThat(properties.has(Property.USER_PROPERTY)).isTrue();
    }

    @Test
    void shouldHaveNothingAtFirst() {
        assertThat(builder.build()).isEqualTo(Properties.NONE);
        assertThat(Properties.NONE.isEmpty()).isTrue();
        assertThat(Properties.NONE.number(Property.RECEIVE_MAXIMUM, 42)).isEqualTo(42);
        assertThat(Properties.NONE.text(Property.REASON_STRING)).isNull();
        assertThat(Properties.NONE.bytes(Property.CORRELATION_DATA)).isNull();
        for (Property property : Property.values()) {
            assertThat(Properties.NONE.has(property)).isFalse();
        }
        assertThat(Properties.builder().userProperty("", "").build().isEmpty()).isFalse();
        assertThat(Properties.builder().subscriptionIdentifier(1).build().isEmpty())
                .isFalse();
        assertThat(Properties.builder().set(Property.TOPIC_ALIAS, 1).build().isEmpty())
                .isFalse();
    }

    @Test
    void shouldLeaveOutOneOfThemAndKeepTheOthers() {
        Properties whole = builder.set(Property.RECEIVE_MAXIMUM, 7)
                .set(Property.REASON_STRING, "r")
                .subscriptionIdentifier(5)
                .userProperty("a", "1")
                .build();

        assertThat(whole.without(Property.REASON_STRING))
                .isEqualTo(Properties.builder()
                        .set(Property.RECEIVE_MAXIMUM, 7)
                        .subscriptionIdentifier(5)
                        .userProperty("a", "1")
                        .build());
        assertThat(whole.without(Property.SUBSCRIPTION_IDENTIFIER))
                .isEqualTo(Properties.builder()
                        .set(Property.RECEIVE_MAXIMUM, 7)
                        .set(Property.REASON_STRING, "r")
                        .userProperty("a", "1")
                        .build());
        assertThat(whole.without(Property.USER_PROPERTY))
                .isEqualTo(Properties.builder()
                        .set(Property.RECEIVE_MAXIMUM, 7)
                        .set(Property.REASON_STRING, "r")
                        .subscriptionIdentifier(5)
                        .build());
        assertThat(whole.without(Property.TOPIC_ALIAS)).isEqualTo(whole);
    }

    @Test
    void shouldReplaceAValueThatIsSetAgain() {
        assertThat(builder.set(Property.TOPIC_ALIAS, 1)
                        .set(Property.TOPIC_ALIAS, 2)
                        .build()
                        .number(Property.TOPIC_ALIAS, 0))
                .isEqualTo(2);
    }

    @Test
    void shouldNotChangeWithItsBuilderOrWithWhatItWasGiven() {
        byte[] data = {1};
        Properties properties = builder.set(Property.CORRELATION_DATA, ByteBuffer.wrap(data))
                .userProperty("a", "b")
                .build();
        data[0] = 2;
        builder.userProperty("c", "d").subscriptionIdentifier(1).set(Property.TOPIC_ALIAS, 1);
        ByteBuffer bytes = properties.bytes(Property.CORRELATION_DATA);
        assertThat(bytes.get()).isEqualTo((byte) 1);

        assertThat(properties.bytes(Property.CORRELATION_DATA)).isEqualTo(ByteBuffer.wrap(new byte[] {1}));
        assertThat(properties)
                .isEqualTo(Properties.builder()
                        .set(Property.CORRELATION_DATA, ByteBuffer.wrap(new byte[] {1}))
                        .userProperty("a", "b")
                        .build());
        assertThatExceptionOfType(ReadOnlyBufferException.class).isThrownBy(() -> bytes.put(0, (byte) 3));
    }

    @Test
    void shouldCompareByContent() {
        Properties one = Properties.builder().set(Property.TOPIC_ALIAS, 1).build();

        assertThat(one)
                .isEqualTo(Properties.builder().set(Property.TOPIC_ALIAS, 1).build())
                .isNotEqualTo(Properties.builder().set(Property.TOPIC_ALIAS, 2).build())
                .isNotEqualTo(Properties.builder()
                        .set(Property.TOPIC_ALIAS, 1)
                        .subscriptionIdentifier(1)
                        .build())
                .isNotEqualTo(Properties.builder()
                        .set(Property.TOPIC_ALIAS, 1)
                        .userProperty("", "")
                        .build())
                .isNotEqualTo(Properties.NONE)
                .isNotEqualTo("x");
    }

    @ParameterizedTest
    @CsvSource({
        "PAYLOAD_FORMAT_INDICATOR, 2",
        "PAYLOAD_FORMAT_INDICATOR, -1",
        "RECEIVE_MAXIMUM, 0",
        "RECEIVE_MAXIMUM, 65536",
        "TOPIC_ALIAS, 0",
        "TOPIC_ALIAS_MAXIMUM, -1",
        "MAXIMUM_PACKET_SIZE, 0",
        "MAXIMUM_PACKET_SIZE, 4294967296",
        "MAXIMUM_QOS, 2"
    })
    void shouldRefuseANumberOutOfRange(Property property, long value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.set(property, value))
                .withMessageContaining("is " + value)
                .withMessageContaining(property.toString())
                .withMessageContaining("2.2.2.2");
    }

    @ParameterizedTest
    @CsvSource({"0", "-1", "268435456"})
    void shouldRefuseASubscriptionIdentifierOutOfRange(int identifier) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.subscriptionIdentifier(identifier))
                .withMessageContaining("is " + identifier);
    }

    @ParameterizedTest
    @EnumSource(Property.class)
    void shouldRefuseAValueOfAnotherForm(Property property) {
        boolean single = property != Property.SUBSCRIPTION_IDENTIFIER;
        Properties none = Properties.NONE;
        if (!property.form().isNumber() || !single) {
            assertThatIllegalArgumentException().isThrownBy(() -> builder.set(property, 1));
            assertThatIllegalArgumentException().isThrownBy(() -> none.number(property, 1));
        }
        if (property.form() != Property.Form.TEXT) {
            assertThatIllegalArgumentException().isThrownBy(() -> builder.set(property, "x"));
            assertThatIllegalArgumentException().isThrownBy(() -> none.text(property));
        }
        if (property.form() != Property.Form.BINARY) {
            assertThatIllegalArgumentException().isThrownBy(() -> builder.set(property, ByteBuffer.allocate(1)));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> none.bytes(property))
                    .withMessageContaining(property.toString());
        }
        assertThat(builder.build()).isEqualTo(Properties.NONE);
    }

    @Test
    void shouldRefuseTextThatTheWireCannotCarry() {
        assertThatIllegalArgumentException().isThrownBy(() -> builder.set(Property.REASON_STRING, "a\0b"));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.set(Property.REASON_STRING, "\uD800"));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.userProperty("\uDC00", ""));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.userProperty("", "\uDC00"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.set(Property.REASON_STRING, "x".repeat(65_536)))
                .withMessageContaining("65536");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.set(Property.RESPONSE_TOPIC, "a/#"))
                .withMessageContaining("MQTT-3.3.2-14");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.set(Property.RESPONSE_TOPIC, ""));
    }

    @Test
    void shouldRefuseBytesThatAreTooMany() {
        builder.set(Property.CORRELATION_DATA, ByteBuffer.allocate(65_535));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.set(Property.CORRELATION_DATA, ByteBuffer.allocate(65_536)))
                .withMessageContaining("65536");
    }

    @Test
    void shouldRefuseAuthenticationDataAlone() {
        builder.set(Property.AUTHENTICATION_DATA, ByteBuffer.allocate(1));

        assertThatIllegalArgumentException().isThrownBy(builder::build).withMessageContaining("AUTHENTICATION_METHOD");
    }

    @Test
    void shouldShowNoBinaryData() {
        assertThat(builder.set(Property.AUTHENTICATION_METHOD, "m")
                        .set(Property.AUTHENTICATION_DATA, ByteBuffer.wrap(new byte[] {77, 88}))
                        .subscriptionIdentifier(3)
                        .userProperty("a", "b")
                        .build())
                .hasToString("{AUTHENTICATION_METHOD (0x15)=m, AUTHENTICATION_DATA (0x16)=2 bytes, "
                        + "SUBSCRIPTION_IDENTIFIER (0x0B)=3, USER_PROPERTY (0x26)=a=b}");
    }

    @Test
    void shouldForwardAWillAsAMessage() {
        Properties will = builder.set(Property.WILL_DELAY_INTERVAL, 5)
                .set(Property.MESSAGE_EXPIRY_INTERVAL, 6)
                .set(Property.CONTENT_TYPE, "t")
                .userProperty("a", "b")
                .build();
        ByteBuffer out = ByteBuffer.allocate(will.forwardableLength());

        will.copyForwardable(out);

        assertThat(Bytes.hex(out.flip()))
                .isEqualTo(Bytes.hex(ByteBuffer.wrap(Bytes.hex("03 0001 74  26 0001 61 0001 62"))));
    }
}
