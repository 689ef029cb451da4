package dev.recado.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import dev.recado.Broker;
import dev.recado.ReasonCode;
import dev.recado.RequestFailedException;
import dev.recado.Requester;
import dev.recado.Responder;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and replies between our clients and those of others, at our broker and at Mosquitto. */
@ResourceLock(value = ChildProcesses.LOCK, mode = ResourceAccessMode.READ)
class RequestReplyTest {

    private static final int LIMIT_SECONDS = 20;

    private static Broker broker(String transport) {
        return Broker.builder()
                .listen("mqtt://127.0.0.1:0")
                .transport(transport)
                .start();
    }

    // ---- our responder

    @ParameterizedTest
    @ValueSource(strings = {"replies/rr", "$recado/reply/rr"})
    void shouldAnswerMosquittoRr(String replyTopic) throws Exception {
        try (Broker broker = broker("nio");
                Responder responder = Responder.builder(broker.endpoint())
                        .topic("time/+")
                        .respond(request -> request.reply("noon in " + request.text()))
                        .open()) {
            assertThat(mosquittoRr(broker.endpoint(), "time/now", replyTopic, "lisboa"))
                    .isEqualTo("noon in lisboa");
            assertThat(responder.discardedRequests()).isZero();
        }
    }

    private static String mosquittoRr(URI broker, String topic, String replyTopic, String text) throws Exception {
        List<String> command = List.of(
                Native.MOSQUITTO_RR.path(),
                "-h",
                broker.getHost(),
                "-p",
                "" + broker.getPort(),
                "-i",
                "rr",
                "-q",
                "1",
                "-t",
                topic,
                "-e",
                replyTopic,
                "-W",
                "" + LIMIT_SECONDS,
                "-m",
                text);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    // ---- our requester

    @ParameterizedTest
    @ValueSource(strings = {"nio", "blocking"})
    void shouldBeAnsweredByTheHiveMqClient(String transport) throws Exception {
        try (Broker broker = broker(transport)) {
            shouldBeAnsweredByTheHiveMqClientAt(broker.endpoint(), transport);
        }
    }

    @Test
    void shouldBeAnsweredByTheHiveMqClientAtMosquitto(@TempDir Path folder) throws Exception {
        try (Mosquitto mosquitto = Mosquitto.start(folder)) {
            shouldBeAnsweredByTheHiveMqClientAt(mosquitto.endpoint(), "nio");
        }
    }

    private static void shouldBeAnsweredByTheHiveMqClientAt(URI broker, String transport) throws Exception {
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .identifier("hive")
                .serverHost(broker.getHost())
                .serverPort(broker.getPort())
                .buildBlocking();
        client.connect();
        try (Requester requester =
                Requester.builder(broker).transport(transport).topic("time/now").open()) {
            client.toAsync()
                    .publishes(
                            MqttGlobalPublishFilter.ALL,
                            request -> client.toAsync()
                                    .publish(Mqtt5Publish.builder()
                                            .topic(request.getResponseTopic().orElseThrow())
                                            .correlationData(
                                                    request.getCorrelationData().orElseThrow())
                                            .payload(("re: "
                                                            + new String(
                                                                    request.getPayloadAsBytes(),
                                                                    StandardCharsets.UTF_8))
                                                    .getBytes(StandardCharsets.UTF_8))
                                            .build()));
            client.subscribeWith().topicFilter("time/now").send();
            for (int i = 0; i < 100; i++) {
                assertThat(requester.request("" + i).text()).isEqualTo("re: " + i);
            }
        } finally {
            client.disconnect();
        }
    }

    // ---- both, at a broker that gives no Response Information

    @Test
    void shouldWorkAtMosquitto(@TempDir Path folder) throws Exception {
        try (Mosquitto mosquitto = Mosquitto.start(folder);
                Requester requester = Requester.builder(mosquitto.endpoint())
                        .topic("time/now")
                        .open()) {
            assertThat(requester.replyTopic()).startsWith("recado/reply/");
            assertThatThrownBy(() -> requester.request("x"))
                    .isInstanceOfSatisfying(
                            RequestFailedException.class,
                            e -> assertThat(e.reasonCode()).contains(ReasonCode.NO_MATCHING_SUBSCRIBERS));
            try (Responder one = answering(mosquitto, "one");
                    Responder two = answering(mosquitto, "two")) {
                for (int i = 0; i < 20; i++) {
                    assertThat(requester.request("" + i).text()).endsWith(" " + i);
                }
                assertThatThrownBy(() -> requester.request("bad"))
                        .isInstanceOfSatisfying(
                                RequestFailedException.class,
                                e -> assertThat(e.error()).contains("no bad things"));
                assertThat(one.failedRequests() + two.failedRequests()).isEqualTo(1);
            }
            assertThat(requester.discardedReplies()).isZero();
        }
    }

    private static Responder answering(Mosquitto mosquitto, String name) {
        return Responder.builder(mosquitto.endpoint())
                .topic("time/now")
                .sharedWith("clocks")
                .respond(request -> {
                    if (request.text().equals("bad")) {
                        throw new IllegalStateException("no bad things");
                    }
                    return request.reply(name + " " + request.text());
                })
                .open();
    }
}
