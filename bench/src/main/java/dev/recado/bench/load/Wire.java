package dev.recado.bench.load;

/**
 * What a broker speaks: the bytes that the load side sends, encoded before the clock runs. Topics are written as in MQTT; their
 * length is the same in each protocol, so that the same scenario sends the same bytes but for the protocol's own.
 */
public interface Wire {

    /** What opens a connection; the broker answers with one reply. */
    byte[] connect(String clientId);

    /** Asks for the messages of a filter; the broker answers with one reply. */
    byte[] subscribe(int id, String filter, int qos);

    /** Takes that back; the broker answers with one reply. */
    byte[] unsubscribe(int id, String filter);

    /**
     * One message. At QoS 1 and 2 its packet identifier is 1 and has to be put in at {@code length - trailer() - payload.length
     * - 2}.
     */
    byte[] publish(String topic, byte[] payload, int qos, boolean retain);

    /** Bytes after a message's payload. */
    int trailer();

    /** Counts what one connection receives. */
    Inbound inbound(Replies replies);
}
