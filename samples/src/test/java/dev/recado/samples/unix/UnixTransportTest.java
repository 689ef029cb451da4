package dev.recado.samples.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recado.Broker;
import dev.recado.ListenException;
import dev.recado.Publisher;
import dev.recado.Subscriber;
import dev.recado.spi.ConnectOptions;
import dev.recado.spi.ListenOptions;
import dev.recado.spi.Listener;
import dev.recado.spi.Transport;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the conformance kit does not ask, for it is about the files. */
class UnixTransportTest {

    @TempDir
    Path folder;

    private final Transport transport = new UnixTransport();

    private URI endpoint() {
        return URI.create("unix://" + file());
    }

    private Path file() {
        return folder.resolve("x.sock");
    }

    private Listener listen() throws IOException {
        return transport.listen(endpoint(), ListenOptions.defaults(), connection -> null);
    }

    // tag::use[]
    @Test
    void shouldBeFoundByItsScheme() {
        try (Broker broker = Broker.builder().listen(endpoint()).start();
                Publisher publisher =
                        Publisher.builder(broker.endpoint()).topic("news/br").open();
                Subscriber subscriber =
                        Subscriber.builder(broker.endpoint()).topic("news/#").open()) {
            publisher.publish("bom dia");

            assertThat(subscriber.receive(Duration.ofSeconds(10)).orElseThrow().text())
                    .isEqualTo("bom dia");
        }
    }
    // end::use[]

    @Test
    void shouldLeaveNoFileBehind() throws IOException {
        Listener listener = listen();
        assertThat(file()).exists();

        listener.close();
        assertThat(file()).doesNotExist();

        Listener second = listen();
        listener.close();
        assertThat(file()).as("the file of the second listener").exists();
        second.close();
        listen();
        transport.close();
        assertThat(file()).doesNotExist();
    }

    @Test
    void shouldTakeThePlaceOfASocketThatNobodyListensOn() throws IOException {
        try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(UnixDomainSocketAddress.of(file()));
        }
        assertThat(file()).exists();

        listen().close();

        assertThat(file()).doesNotExist();
    }

    @Test
    void shouldNotTakeThePlaceOfAListener() throws IOException {
        Listener listener = listen();

        assertThatThrownBy(this::listen)
                .isInstanceOf(IOException.class)
                .hasMessage("cannot listen on '" + endpoint() + "': somebody is listening there");
        assertThat(file()).exists();
        listener.close();
    }

    @Test
    void shouldDeleteNoFileThatIsNoSocket() throws IOException {
        Files.writeString(file(), "precious");

        assertThatThrownBy(() -> Broker.builder().listen(endpoint()).start())
                .isInstanceOf(ListenException.class)
                .hasStackTraceContaining("the file is there, and is no socket");
        assertThat(file()).hasContent("precious");
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix://run/x.sock", "unix:x.sock", "unix://" + "localhost/x"})
    void shouldSayWhatAnEndpointLooksLike(String endpoint) {
        assertThatThrownBy(() -> transport.connect(URI.create(endpoint), ConnectOptions.defaults(), connection -> null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("endpoint '" + endpoint + "' names no file; expected the form unix:///run/name.sock");
    }
}
