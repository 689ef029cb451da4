package dev.recado.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users are told: help, and why something did not work. */
final class CommandLineIT {

    @Test
    void shouldListItsCommands() throws Exception {
        try (RecadoProcess help = RecadoProcess.start("--help")) {
            assertThat(String.join("\n", help.success()))
                    .contains(
                            "Usage: recado",
                            "broker",
                            "pub",
                            "sub",
                            "topics",
                            "demo",
                            "chat-server",
                            "chat",
                            "worldtime-server",
                            "worldtime")
                    .contains("--help", "--version");
        }
    }

    @Test
    void shouldKnowItsVersion() throws Exception {
        try (RecadoProcess version = RecadoProcess.start("--version")) {
            assertThat(version.success()).containsExactly("recado " + System.getProperty("recado.version"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "broker, --host --port --transport --tls --cert --key --keystore --history --exclusive 1883",
        "pub, --host --port --transport --tls --cafile --topic --qos --no-retain MESSAGE",
        "sub, --host --port --transport --tls --cafile --topic --qos --count --replay",
        "topics, --host --port --transport --tls --cafile",
        "demo, --transport",
        "chat-server, --host --port --transport --users --tls --cert --key --keystore 5000",
        "chat, --host --port --transport --nick --room --password-file --tls --cafile 5000",
        "worldtime-server, --host --port --transport --tls --cert --key --keystore --time-service 5001",
        "worldtime, --host --port --transport --tls --cafile --zone --json 5001"
    })
    void shouldExplainEachCommand(String command, String options) throws Exception {
        try (RecadoProcess help = RecadoProcess.start(command, "--help")) {
            assertThat(String.join("\n", help.success()))
                    .contains("Usage: recado " + command, "--help", "--version")
                    .contains(options.split(" "));
        }
    }

    /** Port 1 is privileged, and nothing serves it on the machines that run tests. */
    @ParameterizedTest
    @CsvSource({
        "pub --topic t x, nio",
        "pub --topic t x, blocking",
        "sub --topic t, nio",
        "sub --topic t, blocking",
        "topics, nio",
        "topics, blocking",
        "chat --nick ana, nio",
        "chat --nick ana, blocking",
        "worldtime, nio",
        "worldtime --zone UTC, blocking"
    })
    void shouldNameTheBrokerThatCannotBeReached(String command, String transport) throws Exception {
        try (RecadoProcess client = start(command, "--port", "1", "--transport", transport)) {
            assertThat(client.failure()).contains("cannot connect", "mqtt://127.0.0.1:1'");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "pub --topic news/# x, news/#, MQTT-3.3.2-2",
        "sub --topic news#, news#, MQTT-4.7.1-1",
        "sub --topic news/+x, news/+x, MQTT-4.7.1-2"
    })
    void shouldNameTheRuleThatATopicBreaks(String command, String topic, String rule) throws Exception {
        try (RecadoProcess client = start(command)) {
            assertThat(client.failure()).contains("'" + topic + "'", rule);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "broker --transport carrier-pigeon, 'carrier-pigeon'",
        "broker --port 70000, 70000",
        "topics --host no_such:host, no_such:host",
        "broker --host nosuch.invalid --port 0, 'nosuch.invalid'",
        "worldtime-server --port 70000, 70000",
        "chat-server --port 70000, 70000",
        "chat-server --port 0 --users no/such/file, no/such/file",
        "chat --nick a/b, 'a/b'",
        "chat --nick ana --room a/b, 'a/b'",
        "chat --nick ana --password-file no/such/file, no/such/file",
        "pub --topic t x --cafile f, --tls",
        "worldtime-server --port 0 --tls, --cert",
        "worldtime-server --port 0 --cert c --key k, --tls",
        "worldtime-server --port 0 --tls --cert c, --key",
        "worldtime-server --port 0 --tls --keystore no/such/file, 'no/such/file'",
        "worldtime-server --port 0 --tls --cert no/such/c --key no/such/k, 'no/such/c'",
        "worldtime --cafile f, --tls",
        "worldtime --tls --cafile no/such/file, 'no/such/file'",
        "worldtime-server --port 0 --time-service ftp://x, 'ftp://x'",
        "worldtime-server --port 0 --time-service http://x --time-service-timeout 0, is given 0"
    })
    void shouldNameTheValueThatIsWrong(String command, String value) throws Exception {
        try (RecadoProcess client = start(command)) {
            assertThat(client.failure()).contains(value);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "xyzzy",
                "pub x",
                "pub --topic t",
                "pub --topic t --qos 2 x",
                "sub",
                "sub --topic t --count 0",
                "broker --port many",
                "topics --nonsense"
            })
    void shouldExplainUsageWhenTheCommandLineIsWrong(String command) throws Exception {
        try (RecadoProcess client = start(command)) {
            assertThat(client.exitCode()).isEqualTo(2);
            assertThat(client.output()).isEmpty();
            assertThat(String.join("\n", client.errors())).contains("Usage: recado");
        }
    }

    private static RecadoProcess start(String command, String... more) {
        List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
        arguments.addAll(List.of(more));
        return RecadoProcess.start(arguments.toArray(String[]::new));
    }
}
