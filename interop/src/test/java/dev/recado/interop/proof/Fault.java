package dev.recado.interop.proof;

/**
 * What is wrong with a broker, on one connection. It sees each packet once, in order, and hands on what it likes; unless
 * overridden, everything passes. All calls of one connection hold its lock.
 */
abstract class Fault {

    void fromClient(Packet packet, Link link) {
        link.toBroker(packet);
    }

    void fromBroker(Packet packet, Link link) {
        link.toClient(packet);
    }

    /** The client has cut the connection. */
    void clientEnded(Link link) {
        link.cutBroker();
    }

    /** The broker has closed the connection. */
    void brokerEnded(Link link) {
        link.endClient();
    }

    /** Bytes follow that are no packet, or one that is too large to be kept. Returns whether the broker sees them. */
    boolean passesUnframed() {
        return true;
    }
}
