package dev.recado.core.broker;

import dev.recado.auth.Identity;
import dev.recado.core.codec.Packet;

/**
 * What a client has left to be published, and who was allowed to.
 *
 * @param will as CONNECT had it
 * @param who the client
 * @param epoch the {@linkplain Authorization#epoch time} in which it was granted
 */
record GrantedWill(Packet.Will will, Identity who, long epoch) {}
