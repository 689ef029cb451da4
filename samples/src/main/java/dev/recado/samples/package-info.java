/**
 * The samples, in one runnable jar: {@link dev.recado.samples.Quickstart}, the README's first program; {@code DemoCommand}, what
 * Recado does in twenty lines of output; and, each in a package of its own, {@link dev.recado.samples.pubsub publish and
 * subscribe}, the {@link dev.recado.samples.chat chat} and the {@link dev.recado.samples.worldtime world clock}. What their
 * command lines have in common is here.
 */
package dev.recado.samples;
