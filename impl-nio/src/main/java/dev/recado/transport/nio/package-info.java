/**
 * The NIO transport: a few event loops serve any number of TCP connections.
 *
 * <p>Each connection belongs to one loop. The loop makes all its callbacks; the outbound half is written by whichever thread
 * flushes, for as long as the socket takes the bytes, and by the loop when it does not.
 */
package dev.recado.transport.nio;
