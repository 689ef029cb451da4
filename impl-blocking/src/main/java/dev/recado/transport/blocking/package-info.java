/**
 * The blocking transport: each TCP connection has a thread that reads and one that writes; virtual threads where the JVM has
 * them.
 *
 * <p>A peer that is stuck blocks its own two threads. No caller's thread ever reads, writes or connects a socket: an
 * interrupt would close it (T23).
 */
package dev.recado.transport.blocking;
