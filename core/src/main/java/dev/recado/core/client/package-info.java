/**
 * The client engine.
 *
 * <p>Reading order: {@link dev.recado.core.client.ClientConnection} is one connection, {@link
 * dev.recado.core.client.ClientLink} a client's life across connections, {@link dev.recado.core.client.PublisherClient}
 * and {@link dev.recado.core.client.SubscriberClient} are the two roles, {@link
 * dev.recado.core.client.RequesterClient} and {@link dev.recado.core.client.ResponderClient} a {@link
 * dev.recado.core.client.Pair} of both, and all else is one idea each.
 *
 * <p>Threads: transport threads decode and move deliveries, and may run stages that a program attached to a future of
 * {@code publishAsync}; a timers' thread keeps time limits; handlers and stream signals run on the subscriber's executor, those of a responder on its own or on up to as many threads as it
 * answers at once;
 * state listeners on a thread that lives as long as there is something to tell; freeing what a client used on another.
 *
 * <p>Locks: one a client ({@link dev.recado.core.client.ClientLink}), and small ones below it that call nothing but the
 * transport's non-blocking methods. No code of the program's runs under any.
 */
package dev.recado.core.client;
