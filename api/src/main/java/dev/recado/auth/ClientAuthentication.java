package dev.recado.auth;

/**
 * A client's side of enhanced authentication (MQTT 5, section 4.12). Thread-safe; each connection, and each authentication
 * again, gets an exchange of its own.
 *
 * @since 0.1.0
 */
public interface ClientAuthentication {

    /**
     * The Authentication Method.
     *
     * @return such as {@code SCRAM-SHA-256}; asked once for each connection, which keeps to it (MQTT-4.12.1-1)
     */
    String method();

    /**
     * Begins.
     *
     * @return a new exchange
     */
    Exchange begin();

    /**
     * One authentication. Called by one thread at a time, never on a transport's. It may take its time: meanwhile nothing of
     * this connection is read, and no other connection notices. All of connecting has to be over within {@link
     * dev.recado.ClientBuilder#connectTimeout}, and all of authenticating again within {@link
     * dev.recado.ClientBuilder#timeout}.
     */
    interface Exchange {

        /**
         * What goes with CONNECT, or with the AUTH that begins to authenticate again.
         *
         * @return Authentication Data; {@code null} for none
         */
        byte[] first();

        /**
         * Answers a challenge of the broker.
         *
         * @param challenge Authentication Data; empty when there was none
         * @return Authentication Data; {@code null} for none
         * @throws IllegalArgumentException when the challenge is not one; the connection is then ended
         */
        byte[] answer(byte[] challenge);

        /**
         * The broker has said yes; it may have to prove who it is.
         *
         * @param data Authentication Data of CONNACK, or of the last AUTH; empty when there was none
         * @throws IllegalArgumentException when it did not; the connection is then ended
         */
        void finish(byte[] data);
    }
}
