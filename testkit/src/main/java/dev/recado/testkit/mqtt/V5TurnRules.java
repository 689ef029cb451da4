package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What MQTT 5 demands of each packet that comes where it should not. */
abstract class V5TurnRules extends RuleTables {

    V5TurnRules(BrokerUnderTest broker) {
        super(broker, Version.V5);
    }

    // ---- In the wrong direction ----

    static List<Case> serversPackets() {
        return List.of(
                new Case("CONNACK", PacketType.CONNACK, packet -> packet.then(0, 0, 0), 0x82),
                new Case("SUBACK", PacketType.SUBACK, packet -> packet.then(0, 0), 0x82),
                new Case("UNSUBACK", PacketType.UNSUBACK, packet -> packet.then(0, 0), 0x82),
                new Case("PINGRESP", PacketType.PINGRESP, packet -> {}, 0x82),
                new Case("type 0", PacketType.RESERVED, packet -> {}, 0x81));
    }

    /** When it fails: packets are dispatched by their type, whoever sends them. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("serversPackets")
    void required_v5_4_13_1_1_serversPacketEndsTheConnection(Case wrong) {
        expectRefused(wrong);
    }

    // ---- Before CONNECT, and CONNECT once more ----

    static List<Case> packetsBeforeConnect() {
        return Stream.concat(
                        CLIENTS_IN_V5.stream()
                                .filter(type -> type != PacketType.CONNECT)
                                .map(type -> new Case(type.name(), type, packet -> {})),
                        serversPackets().stream())
                .toList();
    }

    /** When it fails: the packet is dispatched, or it is only skipped and a CONNECT may follow. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("packetsBeforeConnect")
    void required_v5_3_1_0_1_firstPacketOtherThanConnectEndsTheConnection(Case early) {
        expectRefusedBeforeConnect(early);
    }

    static List<Case> secondConnects() {
        return List.of(
                new Case("of the same client", PacketType.CONNECT, packet -> {}, 0x82),
                new Case(
                        "of another client",
                        PacketType.CONNECT,
                        packet -> ((Connect) packet).clientId('k', 'i', 't'),
                        0x82),
                new Case("without Clean Start", PacketType.CONNECT, packet -> ((Connect) packet).keepSession(), 0x82),
                new Case("with a will", PacketType.CONNECT, packet -> ((Connect) packet).will("kit/will", ""), 0x82),
                new Case(
                        "without a Client Identifier's field",
                        PacketType.CONNECT,
                        packet -> ((Connect) packet).noClientId(),
                        0x82,
                        0x81),
                new Case("of MQTT 3.1.1", PacketType.CONNECT, packet -> ((Connect) packet).level(4), 0x82, 0x81));
    }

    /** When it fails: a second CONNECT replaces the state of the first, or is answered. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("secondConnects")
    void required_v5_3_1_0_2_secondConnectEndsTheConnection(Case second) {
        expectRefusedAsSecondConnect(second);
    }

    /** When it fails: what comes behind CONNECT in one read is handled before the client counts as connected. */
    @Test
    void required_v5_3_1_0_2_secondConnectBehindTheFirstEndsTheConnection() {
        Wire wire = open().send(connect(newClientId()), connect(newClientId()));
        wire.expect(PacketType.CONNACK, 0);
        wire.expectClosed(0x82);
    }

    // ---- AUTH ----

    static List<Case> authOfPlainClients() {
        return List.of(
                new Case("without a code", PacketType.AUTH, packet -> packet.cutTo(0), 0x82),
                new Case("SUCCESS", PacketType.AUTH, packet -> ((Simple) packet).code(0x00), 0x82),
                new Case("CONTINUE", PacketType.AUTH, packet -> ((Simple) packet).code(0x18), 0x82),
                new Case("RE_AUTHENTICATE", PacketType.AUTH, packet -> ((Simple) packet).code(0x19), 0x82));
    }

    /** When it fails: AUTH is ignored, or answered, where CONNECT named no method. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("authOfPlainClients")
    void required_v5_section_4_12_authOfAPlainClientIsRefused(Case outOfTurn) {
        expectRefused(outOfTurn);
    }
}
