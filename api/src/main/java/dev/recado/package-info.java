/**
 * Recado: publish/subscribe for the JVM, MQTT on the wire. Start a {@link dev.recado.Broker} inside your program, connect
 * {@link dev.recado.Publisher}s and {@link dev.recado.Subscriber}s to it or to any other MQTT 5 broker; or, made of these two,
 * {@link dev.recado.Requester}s and {@link dev.recado.Responder}s.
 *
 * <p>Exceptions are unchecked: wrong arguments are {@link java.lang.IllegalArgumentException}s, everything that the world
 * does is a {@link dev.recado.RecadoException}. Nothing takes {@code null} unless its description says so.
 *
 * <p>Brokers and clients, and all values (records, enums, exceptions, {@link dev.recado.Message}, {@link dev.recado.Limits},
 * {@link dev.recado.Tls}), may be used by any thread; builders by one at a time. What a program hands over to be called, such
 * as a handler or a listener, is called on the threads that its description names.
 */
package dev.recado;
