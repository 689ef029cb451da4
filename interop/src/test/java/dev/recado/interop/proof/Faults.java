package dev.recado.interop.proof;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The usual ways to be wrong. A packet that is {@linkplain Packet#damaged() damaged} passes where it is to be changed. */
final class Faults {

    private Faults() {}

    static Supplier<Fault> none() {
        return () -> new Fault() {};
    }

    /** The broker sends packets of this type changed. */
    static Supplier<Fault> sends(int type, Consumer<Packet> change) {
        return sends(type, (packet, link) -> change.accept(packet));
    }

    static Supplier<Fault> sends(int type, BiConsumer<Packet, Link> change) {
        return () -> new Fault() {
            @Override
            void fromBroker(Packet packet, Link link) {
                if (packet.is(type) && !packet.damaged()) {
                    change.accept(packet, link);
                }
                link.toClient(packet);
            }
        };
    }

    /** The broker takes packets of this type as if they were others. */
    static Supplier<Fault> takes(int type, Consumer<Packet> change) {
        return takes(type, (packet, link) -> change.accept(packet));
    }

    static Supplier<Fault> takes(int type, BiConsumer<Packet, Link> change) {
        return () -> new Fault() {
            @Override
            void fromClient(Packet packet, Link link) {
                if (packet.is(type) && !packet.damaged()) {
                    change.accept(packet, link);
                }
                link.toBroker(packet);
            }
        };
    }

    /** The broker sends packets of one type changed, in view of those of another type that it has taken before. */
    static Supplier<Fault> sends(int type, BiConsumer<Packet, Link> change, int noted, BiConsumer<Packet, Link> note) {
        return () -> new Fault() {
            @Override
            void fromClient(Packet packet, Link link) {
                if (packet.is(noted) && !packet.damaged()) {
                    note.accept(packet, link);
                }
                link.toBroker(packet);
            }

            @Override
            void fromBroker(Packet packet, Link link) {
                if (packet.is(type) && !packet.damaged()) {
                    change.accept(packet, link);
                }
                link.toClient(packet);
            }
        };
    }

    /** The broker does not send these. */
    static Supplier<Fault> withholds(Predicate<Packet> which) {
        return () -> new Fault() {
            @Override
            void fromBroker(Packet packet, Link link) {
                if (!which.test(packet)) {
                    link.toClient(packet);
                }
            }
        };
    }

    /** The broker takes no notice of these, right or wrong. */
    static Supplier<Fault> ignores(Predicate<Packet> which) {
        return () -> new Fault() {
            @Override
            void fromClient(Packet packet, Link link) {
                if (!which.test(packet)) {
                    link.toBroker(packet);
                }
            }
        };
    }

    /** The broker sends these twice. */
    static Supplier<Fault> repeats(Predicate<Packet> which) {
        return () -> new Fault() {
            @Override
            void fromBroker(Packet packet, Link link) {
                link.toClient(packet);
                if (which.test(packet)) {
                    link.toClient(packet);
                }
            }
        };
    }

    /** The broker lets in whoever sends such a CONNECT, as if nothing were wrong with it. */
    static Supplier<Fault> letsIn(Predicate<Packet> which) {
        return () -> new Fault() {
            @Override
            void fromClient(Packet packet, Link link) {
                link.toBroker(packet.is(Packet.CONNECT) && which.test(packet) ? plain(packet) : packet);
            }
        };
    }

    /** A CONNECT that any broker takes, for a client of its own. */
    static Packet plain(Packet connect) {
        Packet plain = new Packet(Packet.CONNECT, connect.version);
        plain.level = connect.version;
        plain.connectFlags = 2;
        return plain;
    }

    /** The broker does not close after what {@code last} is, and keeps that to itself when it is told. */
    static Supplier<Fault> staysOpenBehind(Predicate<Packet> last, boolean silent) {
        return () -> new Fault() {
            private boolean stays;

            @Override
            void fromBroker(Packet packet, Link link) {
                stays = last.test(packet);
                if (!stays || !silent) {
                    link.toClient(packet);
                }
            }

            @Override
            void brokerEnded(Link link) {
                if (!stays) {
                    link.endClient();
                }
            }
        };
    }
}
