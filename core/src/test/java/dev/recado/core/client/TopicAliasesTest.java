package dev.recado.core.client;

import static dev.recado.core.client.ScriptedBroker.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recado.Message;
import dev.recado.Publisher;
import dev.recado.QoS;
import dev.recado.Reconnect;
import dev.recado.core.client.ScriptedBroker.Session;
import dev.recado.core.codec.Packet;
import dev.recado.core.codec.Properties;
import dev.recado.core.codec.Property;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A publisher's topic aliases. */
class TopicAliasesTest {

    private static final Reconnect QUICKLY = new Reconnect(Duration.ofMillis(1), Duration.ofMillis(5), 1000);

    /** Long enough to be worth an alias. */
    private static final String NEWS = "news/br/rs/porto-alegre/centro/1";

    private static final String CHAT = "chat/rooms/of/everybody/in/one/place/";

    private final ScriptedBroker broker = new ScriptedBroker();

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    private ScriptedBroker taking(int aliases) {
        return broker.accepting(
                Properties.builder().set(Property.TOPIC_ALIAS_MAXIMUM, aliases).build());
    }

    private static void expect(Session session, String topic, long alias, String text) {
        Packet.Publish publish = session.next(Packet.Publish.class);
        assertThat(publish.topic()).as("topic of %s", text).isEqualTo(topic);
        assertThat(publish.properties().number(Property.TOPIC_ALIAS, 0))
                .as("alias of %s", text)
                .isEqualTo(alias);
        assertThat(text(publish)).isEqualTo(text);
    }

    @Test
    void shouldSendTheTopicOnceAndItsAliasFromThenOn() {
        try (Publisher publisher = taking(10).publisher().topic(NEWS).open()) {
            Session session = broker.session();
            for (int i = 0; i < 3; i++) {
                publisher.publish(Message.builder(NEWS)
                        .qos(QoS.of(i))
                        .payload("m" + i)
                        .contentType("text/plain")
                        .expiry(Duration.ofMinutes(1))
                        .build());
            }
            expect(session, NEWS, 1, "m0");
            expect(session, "", 1, "m1");
            Packet.Publish third = session.next(Packet.Publish.class);
            assertThat(third.topic()).isEmpty();
            assertThat(third.properties())
                    .isEqualTo(Properties.builder()
                            .set(Property.TOPIC_ALIAS, 1)
                            .set(Property.CONTENT_TYPE, "text/plain")
                            .set(Property.MESSAGE_EXPIRY_INTERVAL, 60)
                            .build());
        }
    }

    @Test
    void shouldGiveOutNoMoreThanTheBrokerTakes() {
        try (Publisher publisher = taking(2).publisher().topicsUnder(CHAT + "#").open()) {
            Session session = broker.session();
            for (int round = 0; round < 2; round++) {
                for (String topic : new String[] {CHAT + "a", CHAT + "b", CHAT + "c"}) {
                    publisher.publish(topic, "x");
                }
            }
            expect(session, CHAT + "a", 1, "x");
            expect(session, CHAT + "b", 2, "x");
            expect(session, CHAT + "c", 0, "x");
            expect(session, "", 1, "x");
            expect(session, "", 2, "x");
            expect(session, CHAT + "c", 0, "x");
        }
    }

    @Test
    void shouldUseNoneWhereTheySaveLittle() {
        String name = NEWS.substring(1);
        try (Publisher publisher = taking(10).publisher().topic(name).open()) {
            Session session = broker.session();
            publisher.publish("1");
            publisher.publish("2");
            expect(session, name, 0, "1");
            expect(session, name, 0, "2");
        }
    }

    @Test
    void shouldStayUnderTheBrokersMaximumPacketSize() {
        broker.accepting(Properties.builder()
                .set(Property.TOPIC_ALIAS_MAXIMUM, 10)
                .set(Property.MAXIMUM_PACKET_SIZE, 55)
                .build());
        try (Publisher publisher = broker.publisher().topic(NEWS).open()) {
            Session session = broker.session();
            // 2 + 2 + 32 + 2 + 1 + 16: just fits without an alias.
            publisher.publish(new byte[16]);
            Packet.Publish publish = session.next(Packet.Publish.class);
            assertThat(publish.topic()).isEqualTo(NEWS);
            assertThat(publish.properties()).isEqualTo(Properties.NONE);
        }
    }

    @Test
    void shouldStartAnewWithEachConnection() {
        try (Publisher publisher =
                taking(10).publisher().topic(NEWS).reconnect(QUICKLY).open()) {
            Session first = broker.session();
            publisher.publish("1");
            expect(first, NEWS, 1, "1");
            first.breakOff();
            Session second = broker.session();
            publisher.publish("2");
            expect(second, NEWS, 1, "2");
        }
    }
}
