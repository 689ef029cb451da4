package dev.recado.bench.load;

/** Where a connection's acknowledgements go: they are sent together when everything received has been looked at. */
public interface Replies {

    /** @param first the packet's first byte, before a length of 2 and the identifier */
    void acknowledge(int first, int packetId);

    /** Sends bytes as they are. */
    void send(byte[] packet);
}
