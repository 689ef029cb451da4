/**
 * A world clock: one server that knows the time everywhere, and clients that ask it.
 *
 * <p>Two things travel. The list of zones is a last value: published once, it waits for every client that comes, however late.
 * A question and its answer are a request and its reply. Begin with {@code WorldTimeServerCommand}, then
 * {@code WorldTimeCommand}.
 */
package dev.recado.samples.worldtime;
