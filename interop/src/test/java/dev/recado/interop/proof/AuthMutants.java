package dev.recado.interop.proof;

import static dev.recado.interop.proof.Faults.ignores;
import static dev.recado.interop.proof.Faults.letsIn;
import static dev.recado.interop.proof.Faults.sends;
import static dev.recado.interop.proof.Faults.takes;
import static dev.recado.interop.proof.Mutant.mutant;
import static dev.recado.interop.proof.Packet.AUTH;
import static dev.recado.interop.proof.Packet.CONNACK;
import static dev.recado.interop.proof.Packet.DISCONNECT;
import static dev.recado.interop.proof.Packet.PUBLISH;

import dev.recado.auth.ScramSha256;
import dev.recado.testkit.mqtt.RecadoUnderTest;
import java.util.List;

/** Faults in finding out who a client is. */
final class AuthMutants {

    private static final int CONTINUE = 0x18;
    private static final int RE_AUTHENTICATE = 0x19;

    private AuthMutants() {}

    static final List<Mutant> ALL = List.of(
            mutant("asks-for-no-password", "v5_3_1_4_2", letsIn(p -> p.userName.equals(RecadoUnderTest.REFUSED_USER))),
            mutant(
                    "takes-refused-client-ids",
                    "v5_3_1_3_8",
                    letsIn(p -> p.clientId.equals(RecadoUnderTest.REFUSED_CLIENT_ID))),
            mutant(
                    "takes-unknown-authentication-methods",
                    "v5_4_12_0_1",
                    letsIn(p -> p.has(Props.AUTH_METHOD)
                            && !ScramSha256.METHOD.equals(p.properties.text(Props.AUTH_METHOD)))),
            mutant("names-a-method-to-who-has-none", "v5_4_12_0_6", sends(CONNACK, p -> {
                if (p.version == 5 && !p.has(Props.AUTH_METHOD)) {
                    p.properties.set(Props.AUTH_METHOD, ScramSha256.METHOD);
                }
            })),
            mutant("challenges-with-success", "v5_4_12_0_2", sends(AUTH, p -> p.code(0))),
            mutant("names-no-method-in-auth", "v5_4_12_0_5", sends(AUTH, p -> p.remove(Props.AUTH_METHOD))),
            mutant("names-no-method-in-connack", "v5_4_12_0_5", sends(CONNACK, p -> p.remove(Props.AUTH_METHOD))),
            mutant("takes-auth-of-another-method", "v5_4_12_0_5", takes(AUTH, (p, link) -> {
                if (p.has(Props.AUTH_METHOD)
                        && link.connect() != null
                        && link.connect().has(Props.AUTH_METHOD)) {
                    p.properties.set(
                            Props.AUTH_METHOD, link.connect().properties.text(Props.AUTH_METHOD));
                }
            })),
            mutant("lets-in-who-gives-a-wrong-answer", "v5_4_12_0_4", () -> new Fault() {
                private boolean lets;

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (packet.is(CONNACK)
                            && packet.isError()
                            && ScramSha256.METHOD.equals(
                                    link.connect().properties.text(Props.AUTH_METHOD))) {
                        packet.code(0);
                        packet.properties.list.clear();
                        packet.properties.set(Props.AUTH_METHOD, ScramSha256.METHOD);
                        lets = true;
                    }
                    link.toClient(packet);
                }

                @Override
                void brokerEnded(Link link) {
                    if (!lets) {
                        link.endClient();
                    }
                }
            }),
            mutant("keeps-who-fails-to-authenticate-again", "v5_4_12_1_2", () -> new Fault() {
                private boolean again;

                @Override
                void fromClient(Packet packet, Link link) {
                    again |= packet.is(AUTH) && packet.code() == RE_AUTHENTICATE;
                    link.toBroker(packet);
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    if (!packet.is(DISCONNECT) || !again) {
                        link.toClient(packet);
                    }
                }

                @Override
                void brokerEnded(Link link) {
                    if (!again) {
                        link.endClient();
                    }
                }
            }),
            mutant(
                    "lets-nobody-authenticate-again",
                    "v5_section_4_12_1",
                    ignores(p -> p.is(AUTH) && p.code() == RE_AUTHENTICATE)),
            mutant("stops-all-else-while-a-client-authenticates-again", "v5_section_4_12_1", () -> new Fault() {
                private boolean again;

                @Override
                void fromClient(Packet packet, Link link) {
                    again |= packet.is(AUTH) && packet.code() == RE_AUTHENTICATE;
                    if (!again || packet.is(AUTH)) {
                        link.toBroker(packet);
                    }
                }
            }),
            mutant("ignores-what-comes-during-the-exchange", "v5_section_4_12", () -> new Fault() {
                private boolean exchange;

                @Override
                void fromClient(Packet packet, Link link) {
                    if (!packet.is(PUBLISH) || !exchange) {
                        link.toBroker(packet);
                    }
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    exchange = packet.is(AUTH) && packet.code() == CONTINUE;
                    link.toClient(packet);
                }
            }),
            mutant("ignores-auth-without-method", "v5_section_4_12", () -> new Fault() {
                @Override
                void fromClient(Packet packet, Link link) {
                    boolean plain = link.connect() != null && !link.connect().has(Props.AUTH_METHOD);
                    if (!packet.is(AUTH) || !plain || packet.flags != 0) {
                        link.toBroker(packet);
                    }
                }
            }),
            mutant("ignores-answers-without-an-exchange", "v5_section_4_12_1", () -> new Fault() {
                private boolean exchange;

                @Override
                void fromClient(Packet packet, Link link) {
                    exchange |= packet.is(Packet.CONNECT) || packet.code() == RE_AUTHENTICATE;
                    if (!packet.is(AUTH) || exchange) {
                        link.toBroker(packet);
                    }
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    exchange &= !packet.is(CONNACK);
                    link.toClient(packet);
                }
            }),
            mutant("ignores-other-codes-during-the-exchange", "v5_section_4_12", () -> new Fault() {
                private boolean exchange;

                @Override
                void fromClient(Packet packet, Link link) {
                    if (!packet.is(AUTH) || !exchange || packet.code() == CONTINUE) {
                        link.toBroker(packet);
                    }
                }

                @Override
                void fromBroker(Packet packet, Link link) {
                    exchange = packet.is(AUTH) && packet.code() == CONTINUE;
                    link.toClient(packet);
                }
            }),
            mutant(
                    "ignores-auth-with-other-codes",
                    "v5_3_15_2_1",
                    ignores(p -> p.is(AUTH) && p.code() != 0 && p.code() != CONTINUE && p.code() != RE_AUTHENTICATE)));
}
