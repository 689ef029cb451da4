/**
 * Recado: publish/subscribe for the JVM, MQTT on the wire. Start a {@link dev.recado.Broker} inside your program, connect
 * {@link dev.recado.Publisher}s and {@link dev.recado.Subscriber}s to it or to any other MQTT 5 broker; or, made of these two,
 * {@link dev.recado.Requester}s and {@link dev.recado.Responder}s.
 *
 * <p>Exceptions are unchecked: wrong arguments are {@link java.lang.IllegalArgumentException}s, everything that the world
 * does is a {@link dev.recado.RecadoException}.
 */
package dev.recado;
