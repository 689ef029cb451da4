package dev.recado.testkit.mqtt;

import static dev.recado.testkit.mqtt.Packets.connect;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What MQTT 3.1.1 demands of each packet that comes where it should not. */
abstract class V311TurnRules extends RuleTables {

    V311TurnRules(BrokerUnderTest broker) {
        super(broker, Version.V311);
    }

    // ---- In the wrong direction ----

    static List<Case> serversPackets() {
        return List.of(
                new Case("CONNACK", PacketType.CONNACK, packet -> packet.then(0, 0)),
                new Case("SUBACK", PacketType.SUBACK, packet -> packet.then(0)),
                new Case("UNSUBACK", PacketType.UNSUBACK, packet -> {}),
                new Case("PINGRESP", PacketType.PINGRESP, packet -> {}),
                new Case("type 0", PacketType.RESERVED, packet -> {}),
                // What is AUTH in MQTT 5.
                new Case("type 15", PacketType.RESERVED, packet -> packet.firstByte(0xF0)));
    }

    /** When it fails: packets are dispatched by their type, whoever sends them. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("serversPackets")
    void required_v311_4_8_0_1_serversPacketEndsTheConnection(Case wrong) {
        expectRefused(wrong);
    }

    // ---- Before CONNECT, and CONNECT once more ----

    static List<Case> packetsBeforeConnect() {
        return Stream.concat(
                        CLIENTS_IN_V311.stream()
                                .filter(type -> type != PacketType.CONNECT)
                                .map(type -> new Case(type.name(), type, packet -> {})),
                        serversPackets().stream())
                .toList();
    }

    /** When it fails: the packet is dispatched, or it is only skipped and a CONNECT may follow. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("packetsBeforeConnect")
    void required_v311_3_1_0_1_firstPacketOtherThanConnectEndsTheConnection(Case early) {
        expectRefusedBeforeConnect(early);
    }

    static List<Case> secondConnects() {
        return List.of(
                new Case("of the same client", PacketType.CONNECT, packet -> {}),
                new Case("of another client", PacketType.CONNECT, packet -> ((Connect) packet).clientId('k', 'i', 't')),
                new Case("without Clean Session", PacketType.CONNECT, packet -> ((Connect) packet).keepSession()),
                new Case("with a will", PacketType.CONNECT, packet -> ((Connect) packet).will("kit/will", "")),
                new Case(
                        "without a Client Identifier's field",
                        PacketType.CONNECT,
                        packet -> ((Connect) packet).noClientId()),
                new Case("of MQTT 5", PacketType.CONNECT, packet -> ((Connect) packet).level(5)));
    }

    /** When it fails: a second CONNECT replaces the state of the first, or is answered. */
    @ParameterizedTest(name = "[{0}]")
    @MethodSource("secondConnects")
    void required_v311_3_1_0_2_secondConnectEndsTheConnection(Case second) {
        expectRefusedAsSecondConnect(second);
    }

    /** When it fails: what comes behind CONNECT in one read is handled before the client counts as connected. */
    @Test
    void required_v311_3_1_0_2_secondConnectBehindTheFirstEndsTheConnection() {
        Wire wire = open().send(connect(newClientId()), connect(newClientId()));
        wire.expect(PacketType.CONNACK, 0);
        wire.expectClosed();
    }
}
