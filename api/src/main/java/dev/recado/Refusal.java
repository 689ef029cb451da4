package dev.recado;

import java.net.SocketAddress;

/**
 * Something that a broker refused.
 *
 * @param clientId who; empty when the connection did not get as far as stating it
 * @param address where from; {@code null} when the client had gone, as with a will
 * @param reason the reason code, also where the client's protocol version has none
 * @param what the value and the rule that it broke, in words
 * @since 0.1.0
 */
public record Refusal(String clientId, SocketAddress address, ReasonCode reason, String what) {}
