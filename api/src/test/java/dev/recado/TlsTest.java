package dev.recado;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.spi.Endpoints;
import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {

    private static Tls tls() throws Exception {
        return Tls.of(SSLContext.getDefault());
    }

    @Test
    void shouldVerifyHostsAndAskForNoCertificatesByDefault() throws Exception {
        Tls tls = tls();

        assertThat(tls.verifiesHost()).isTrue();
        assertThat(tls.clientAuth()).isEqualTo(Tls.ClientAuth.NONE);
        assertThat(tls.handshakeTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(tls.protocols()).containsExactly("TLSv1.3", "TLSv1.2");
    }

    @Test
    void shouldKeepTheRestWhenOneThingChanges() throws Exception {
        Tls tls = tls().withoutHostVerification()
                .clientAuth(Tls.ClientAuth.REQUIRED)
                .protocols("TLSv1.2")
                .handshakeTimeout(Duration.ofSeconds(3));

        assertThat(tls.verifiesHost()).isFalse();
        assertThat(tls.clientAuth()).isEqualTo(Tls.ClientAuth.REQUIRED);
        assertThat(tls.protocols()).containsExactly("TLSv1.2");
        assertThat(tls.handshakeTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(tls.context()).isSameAs(SSLContext.getDefault());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.1", "SSLv3", "TLS", ""})
    void shouldRefuseProtocolsThatAreBrokenOrUnknown(String name) throws Exception {
        Tls tls = tls();
        assertThatThrownBy(() -> tls.protocols("TLSv1.3", name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("protocols must be TLSv1.3, TLSv1.2 or both, but are [TLSv1.3, " + name + "]");
        assertThatThrownBy(() -> tls.protocols(new String[0])).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT10M0.001S"})
    void shouldRefuseAHandshakeWithoutBound(Duration limit) throws Exception {
        Tls tls = tls();
        assertThatThrownBy(() -> tls.handshakeTimeout(limit))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("handshakeTimeout must be positive and at most PT10M, but is " + limit);
    }

    @Test
    void shouldSayThatTheSourceHasNoContext() {
        Supplier<SSLContext> source = () -> null;
        assertThatThrownBy(Tls.of(source)::context)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the source of the SSLContext returned null");
    }

    @ParameterizedTest
    @CsvSource({"mqtt://host, 1883", "mqtts://host, 8883", "MQTTS://host, 8883", "mqtts://host:1, 1"})
    void shouldKnowTheDefaultPorts(URI endpoint, int port) {
        assertThat(Endpoints.port(endpoint)).isEqualTo(port);
    }
}
